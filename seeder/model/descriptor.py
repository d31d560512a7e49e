"""Descriptors and manifests (image-spec descriptor.md, manifest.md, image-index.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from seeder import json_text
from seeder.errors import InvalidReferenceError, RegistryError
from seeder.model.digest import Digest
from seeder.model.media_type import SCHEMA1, is_index
from seeder.model.platform import Platform


class Descriptor(Struct, frozen=True, kw_only=True):
    """What a blob or manifest is: media type, digest, size in bytes; `platform` where an index says it."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def is_index(self) -> bool:
        return is_index(self.media_type)

    @property
    def is_attestation(self) -> bool:
        """A child that BuildKit adds for provenance and SBOM (docs.docker.com, attestation-storage)."""
        return self.annotations.get("vnd.docker.reference.type") == "attestation-manifest"


class Manifest(Struct, frozen=True, kw_only=True):
    """A manifest or index: its descriptor and its exact bytes, which are never encoded anew."""

    descriptor: Descriptor
    raw: bytes

    @classmethod
    def of(cls, media_type: str, raw: bytes, digest: Digest | None = None) -> Manifest:
        """The bytes as a manifest; `digest` is theirs where they were checked already."""
        found = digest if digest is not None else Digest.of(raw)
        return cls(descriptor=Descriptor(media_type=media_type, digest=found, size=len(raw)), raw=raw)

    def children(self) -> tuple[Descriptor, ...]:
        """The manifests of an index, in its order; empty for an image manifest. Raises RegistryError."""
        return self._descriptors("manifests") if self.descriptor.is_index else ()

    def blobs(self) -> tuple[Descriptor, ...]:
        """Config and layers of an image manifest; empty for an index. Raises RegistryError."""
        if self.descriptor.is_index:
            return ()
        return self._descriptors("config", "layers")

    def layers(self) -> tuple[Descriptor, ...]:
        """The layers of an image manifest or artifact; empty for an index. Raises RegistryError."""
        return () if self.descriptor.is_index else self._descriptors("layers")

    def for_platform(self, platform: Platform) -> Descriptor | None:
        """The child for a platform: the first exact one, else the first that is accepted."""
        children = self.children()
        meant = platform.among(child.platform for child in children if child.platform is not None)
        return next((child for child in children if meant is not None and child.platform == meant), None)

    def _descriptors(self, *keys: str) -> tuple[Descriptor, ...]:
        if self.descriptor.media_type in SCHEMA1:
            raise RegistryError(
                "is a schema 1 manifest, whose digest is not over its bytes",
                hint="have its publisher push it again; registries dropped schema 1 years ago",
                code="schema1",
            )
        found: list[Descriptor] = []
        key = keys[0]
        try:
            document = json_text.parse(self.raw)
            for key in keys:
                found += map(_descriptor, _items(document.get(key)))
        except (ValueError, TypeError, AttributeError, KeyError, InvalidReferenceError) as error:
            raise RegistryError(f"manifest {self.descriptor.digest} is malformed: {key}: {error}") from error
        return tuple(found)


def _items(value: Any) -> Sequence[Any]:  # noqa: ANN401 - any JSON
    """What stands under a key: a list, or one thing; Go writes null for an empty list."""
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _descriptor(item: Mapping[str, Any]) -> Descriptor:
    platform = item.get("platform")
    return Descriptor(
        media_type=str(item["mediaType"]),
        digest=Digest.parse(item["digest"]),
        size=int(item["size"]),
        platform=_platform(platform) if platform else None,
        annotations={str(k): str(v) for k, v in (item.get("annotations") or {}).items()},
    )


def _platform(item: Mapping[str, Any]) -> Platform:
    return Platform(str(item.get("os", "")), str(item.get("architecture", "")), str(item.get("variant", "") or ""))
