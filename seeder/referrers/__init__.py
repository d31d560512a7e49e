"""What refers to an image: signatures, SBOMs, attestations; found on either side, and listed at the target."""
