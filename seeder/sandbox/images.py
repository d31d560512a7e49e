"""Images made up from names: the same name gives the same bytes, so digests are the same in every run."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from seeder.model.platform import Platform

EMPTY = b"{}"
_CREATED = "2026-01-01T00:00:00Z"


class MediaTypes(Struct, frozen=True, kw_only=True):
    """The media types that go together in one image."""

    index: str
    manifest: str
    config: str
    layer: str


OCI = MediaTypes(
    index=OCI_INDEX,
    manifest=OCI_MANIFEST,
    config="application/vnd.oci.image.config.v1+json",
    layer="application/vnd.oci.image.layer.v1.tar+gzip",
)
DOCKER = MediaTypes(
    index=DOCKER_LIST,
    manifest=DOCKER_MANIFEST,
    config="application/vnd.docker.container.image.v1+json",
    layer="application/vnd.docker.image.rootfs.diff.tar.gzip",
)


class Built(Struct, frozen=True, kw_only=True):
    """A manifest with the blobs it names, and below an index the children."""

    manifest: Manifest
    blobs: tuple[bytes, ...] = ()
    children: tuple[Built, ...] = ()


class Layer(Struct, frozen=True, kw_only=True):
    """A layer by name: equal names and sizes give equal bytes. `size` is of what cannot be compressed in it."""

    name: str
    size: int = 1024

    def tar(self) -> bytes:
        data = random.Random(f"{self.name} {self.size}").randbytes(self.size)  # noqa: S311 - the same bytes each time
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            entry = tarfile.TarInfo(f"layers/{self.name.replace('/', '-').replace(':', '-')}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        return buffer.getvalue()


class _Packed(Struct, frozen=True):
    """A layer as it is stored, and the digest of what is in it."""

    data: bytes
    diff_id: Digest


@lru_cache(maxsize=32)
def _packed(layer: Layer) -> _Packed:
    tar = layer.tar()
    return _Packed(gzip.compress(tar, compresslevel=1, mtime=0), Digest.of(tar))


def image(layers: Sequence[Layer], platform: Platform, kinds: MediaTypes = OCI, *, note: str = "") -> Built:
    """An image of one platform; `note` goes into its config, so that another note gives another digest."""
    packed = [_packed(layer) for layer in layers]
    config = _json(
        {
            "architecture": platform.architecture,
            "os": platform.os,
            **({"variant": platform.variant} if platform.variant else {}),
            "created": _CREATED,
            "config": {"Cmd": ["/bin/true"], "Labels": {"note": note}},
            "rootfs": {"type": "layers", "diff_ids": [str(each.diff_id) for each in packed]},
            "history": [{"created": _CREATED, "created_by": layer.name} for layer in layers],
        }
    )
    document = {
        "schemaVersion": 2,
        "mediaType": kinds.manifest,
        "config": _entry(kinds.config, config),
        "layers": [_entry(kinds.layer, each.data) for each in packed],
    }
    return Built(manifest=manifest(kinds.manifest, document), blobs=(config, *(each.data for each in packed)))


class Child(Struct, frozen=True, kw_only=True):
    """An image as an index names it."""

    image: Built
    platform: Platform
    annotations: Mapping[str, str] = field(default_factory=dict)


def index(children: Sequence[Child], kinds: MediaTypes = OCI) -> Built:
    document = {"schemaVersion": 2, "mediaType": kinds.index, "manifests": [_child(child) for child in children]}
    return Built(manifest=manifest(kinds.index, document), children=tuple(child.image for child in children))


def attestation(subject: Built) -> Child:
    """What BuildKit adds beside each platform's image: provenance, under the platform unknown/unknown."""
    statement = _json(
        {"_type": "https://in-toto.io/Statement/v0.1", "subject": str(subject.manifest.descriptor.digest)}
    )
    config = _json({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": _rootfs(statement)})
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _entry(OCI.config, config),
        "layers": [_entry("application/vnd.in-toto+json", statement)],
    }
    annotations = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": str(subject.manifest.descriptor.digest),
    }
    built = Built(manifest=manifest(OCI_MANIFEST, document), blobs=(config, statement))
    return Child(image=built, platform=Platform("unknown", "unknown"), annotations=annotations)


def artifact(artifact_type: str, payload: bytes, subject: Descriptor | None = None) -> Built:
    """An artifact of one blob (image-spec manifest.md, "Guidelines for Artifact Usage")."""
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": _entry("application/vnd.oci.empty.v1+json", EMPTY),
        "layers": [_entry(artifact_type, payload)],
    }
    if subject is not None:
        named = {"mediaType": subject.media_type, "digest": str(subject.digest), "size": subject.size}
        document["subject"] = named
    return Built(manifest=manifest(OCI_MANIFEST, document), blobs=(EMPTY, payload))


def manifest(media_type: str, document: Mapping[str, Any]) -> Manifest:
    """A document as a manifest, its bytes fixed from here on."""
    raw = _json(document, indent=2)
    return Manifest.of(media_type, raw)


def _rootfs(statement: bytes) -> Mapping[str, Any]:
    return {"type": "layers", "diff_ids": [str(Digest.of(statement))]}


def _entry(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}


def _child(child: Child) -> dict[str, Any]:
    descriptor, platform = child.image.manifest.descriptor, child.platform
    named = {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant}
    entry = {"mediaType": descriptor.media_type, "digest": str(descriptor.digest), "size": descriptor.size}
    annotations = {"annotations": dict(child.annotations)} if child.annotations else {}
    return {**entry, "platform": {key: value for key, value in named.items() if value}, **annotations}


def _json(document: object, indent: int | None = None) -> bytes:
    return json.dumps(document, indent=indent).encode()
