"""Artifacts in a registry, which are no images: read and stored through oras."""
