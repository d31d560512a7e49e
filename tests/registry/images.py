"""Small images for tests, put into any registry through the client."""

from __future__ import annotations

import json
from collections.abc import Sequence

from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.reference import ImageReference
from seeder.registry.client import Client

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def manifest_of(document: dict[str, object], media_type: str) -> Manifest:
    raw = json.dumps({"schemaVersion": 2, "mediaType": media_type, **document}).encode()
    return Manifest.of(media_type, raw)


def entry(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}


def image(config: bytes = b"{}", layers: Sequence[bytes] = (b"layer",)) -> Manifest:
    return manifest_of(
        {"config": entry(CONFIG, config), "layers": [entry(LAYER, layer) for layer in layers]}, OCI_MANIFEST
    )


def index(children: dict[str, Manifest]) -> Manifest:
    """An index of children by platform (`linux/amd64`)."""
    return manifest_of({"manifests": [_child(platform, child) for platform, child in children.items()]}, OCI_INDEX)


def _child(platform: str, child: Manifest) -> dict[str, object]:
    system, architecture = platform.split("/")
    return {**entry(child.descriptor.media_type, child.raw), "platform": {"os": system, "architecture": architecture}}


def push_blob(client: Client, reference: ImageReference, data: bytes) -> Digest:
    digest = Digest.of(data)
    client.blobs(reference).put(client.blobs(reference).start(), digest, len(data), iter([data]))
    return digest


def push_image(
    client: Client, reference: ImageReference, config: bytes = b"{}", layers: Sequence[bytes] = (b"layer",)
) -> Manifest:
    for data in (config, *layers):
        push_blob(client, reference, data)
    manifest = image(config, layers)
    client.put_manifest(reference, manifest)
    return manifest
