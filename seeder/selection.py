"""Which manifests of an index are wanted, and the index that names those alone (pure).

A trimmed index is the original with entries taken out of `manifests` and everything else as it was, written as
canonical JSON (image-spec considerations.md): keys sorted, no blanks, UTF-8. The same original and the same platforms
give the same bytes on every machine and in every version; an index of which nothing is taken out keeps its own bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from seeder.errors import MissingError, RegistryError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


def child(reference: ImageReference, index: Manifest, platform: Platform) -> Descriptor:
    """The child for a platform. Raises MissingError where the index has none."""
    found = index.for_platform(platform)
    if found is None:
        raise _missing(reference, index, platform)
    return found


def trimmed(reference: ImageReference, index: Manifest, platforms: Sequence[Platform]) -> Manifest:
    """The index with the children for these platforms, and what refers to them.

    Raises MissingError where a platform is missing, RegistryError for an index that is no JSON.
    """
    kept = _kept(index, [child(reference, index, platform) for platform in platforms])
    if all(kept):
        return index
    return Manifest.of(index.descriptor.media_type, _without(index, kept))


def is_trimmed(manifest: Manifest, platforms: Sequence[Platform]) -> bool:
    """Whether a manifest is an index that names these platforms, all of them and nothing else."""
    found = [one for platform in platforms if (one := manifest.for_platform(platform)) is not None]
    return len(found) == len(platforms) and all(_kept(manifest, found))


def _kept(index: Manifest, wanted: Iterable[Descriptor]) -> list[bool]:
    """For each entry whether it stays: of a wanted platform (an index may have several of one: by compression, by
    version of Windows), or an attestation of such a one, as BuildKit links them.
    """
    platforms = {one.platform for one in wanted}
    entries = index.children()
    digests = {str(entry.digest) for entry in entries if entry.platform in platforms and not entry.is_attestation}
    return [
        str(entry.digest) in digests or entry.annotations.get("vnd.docker.reference.digest") in digests
        for entry in entries
    ]


def _without(index: Manifest, kept: Iterable[bool]) -> bytes:
    try:
        document: dict[str, Any] = json.loads(index.raw)
        document["manifests"] = [entry for entry, stays in zip(document["manifests"], kept, strict=True) if stays]
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()
    except (ValueError, RecursionError) as error:  # a character that JSON does not have
        raise RegistryError(f"index {index.descriptor.digest} cannot be trimmed: {error}") from error


def _missing(reference: ImageReference, index: Manifest, platform: Platform) -> MissingError:
    there = sorted({str(one.platform) for one in index.children() if one.platform and not one.is_attestation})
    return MissingError(
        f"{reference} has nothing for {platform}; it has {', '.join(there) or 'no platforms'}",
        hint="give the image its own `platforms` in the catalog",
        where=reference.registry,
        code="platform-missing",
    )
