"""Indexes that name indexes: how deep they are followed, and in which order a target takes them."""

from __future__ import annotations

from collections.abc import Callable

from seeder.errors import RegistryError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference

_MOST = 4


def check(source: ImageReference, depth: int) -> None:
    """Raises RegistryError for what stands deeper below its root than anything is followed."""
    if depth > _MOST:
        raise RegistryError(f"{source}: indexes below indexes, more than {_MOST} deep", code="nesting")


def is_nested(index: Manifest) -> bool:
    """Whether it names an index. Raises RegistryError."""
    return any(child.is_index for child in index.children())


def ordered(source: ImageReference, read: Callable[[ImageReference], Manifest]) -> dict[Digest, Manifest | None]:
    """An index and all below it, each once and before what names it: indexes as they are, None for images.

    Raises RegistryError for one that is nested too deep, and what reading an index raises.
    """
    found: dict[Digest, Manifest | None] = {}

    def add(manifest: Manifest, depth: int) -> None:
        for child in manifest.children():
            check(source, depth)
            if child.digest in found:
                continue
            if child.is_index:
                add(read(source.at(child.digest)), depth + 1)
            else:
                found[child.digest] = None
        found[manifest.descriptor.digest] = manifest if manifest.descriptor.is_index else None

    add(read(source), 1)
    return found
