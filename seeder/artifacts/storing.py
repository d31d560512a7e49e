"""One file as an OCI artifact: the same bytes and name give the same digest, and nothing is pushed twice.

image-spec manifest.md, "Guidelines for Artifact Usage". oras brings the blobs; the manifest goes through it as the
bytes that were hashed, since its own upload would encode it again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from seeder.artifacts.carrier import Carrier, Route, carrying
from seeder.artifacts.reading import TITLE
from seeder.errors import DigestMismatchError, FileError, UnreachableError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.threads import within

_EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"


class File(Struct, frozen=True, kw_only=True):
    """What is stored: `kind` is the artifactType, `name` what `oras pull` calls the file."""

    kind: str
    media_type: str
    name: str
    data: bytes


def packed(file: File) -> Manifest:
    """The manifest of the artifact; it holds no time and no place."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": file.kind,
        "config": _entry(_EMPTY_TYPE, _EMPTY),
        "layers": [{**_entry(file.media_type, file.data), "annotations": {TITLE: file.name}}],
    }
    raw = json.dumps(document, separators=(",", ":")).encode()
    return Manifest.of(OCI_MANIFEST, raw)


class Storer(Struct, frozen=True, kw_only=True):
    """Stores artifacts with what a run knows of registries; `seconds` are the longest that it may take."""

    client: Client
    environment: Mapping[str, str]
    seconds: float = 300.0

    def store(self, place: ImageReference, file: File, *tags: str) -> bool:
        """Puts the file under the tags, the last of them last; False where all of them name it already.

        oras is not even imported where there is nothing to push. Raises what the registry answers.
        """
        try:
            return within(self.seconds, lambda: self._stored(place, file, tags))
        except TimeoutError as error:
            raise UnreachableError(
                f"storing {file.name} in {place.name} took longer than {self.seconds:.0f} s",
                where=place.registry,
                hint="the registry answers too slowly; run again",
                code="timeout",
            ) from error

    def _stored(self, place: ImageReference, file: File, tags: Sequence[str]) -> bool:
        manifest = packed(file)
        missing = [tag for tag in tags if not self._stands(place, tag, manifest)]
        if missing:
            self.client.policy.call(lambda: self._push(place, file, manifest, missing))
        return bool(missing)

    def _stands(self, place: ImageReference, tag: str, manifest: Manifest) -> bool:
        found = self.client.find_manifest(ImageReference(place.registry, place.repository, tag))
        return found is not None and found.digest == manifest.descriptor.digest

    def _push(self, place: ImageReference, file: File, manifest: Manifest, tags: list[str]) -> None:
        route = Route(
            client=self.client,
            environment=self.environment,
            reference=place,
            doing=f"storing {file.name} in {place.name}",
            actions="pull,push",
        )
        with carrying(route) as carrier:
            for data in (_EMPTY, file.data):
                _upload(carrier, data)
            for tag in tags:
                _put(carrier, manifest, tag, route)


def _upload(carrier: Carrier, data: bytes) -> None:
    """A blob, if the repository lacks it; oras takes it from a file."""
    try:
        with tempfile.NamedTemporaryFile(prefix="seeder-artifact-") as kept:
            Path(kept.name).write_bytes(data)
            carrier.oras.upload_blob(kept.name, carrier.container, _entry("", data))
    except OSError as error:
        if error.filename is None:
            raise
        raise FileError(
            f"no place for what is to be stored: {error.strerror}",
            hint="make room, or let TMPDIR name a folder that can be written",
        ) from error


def _put(carrier: Carrier, manifest: Manifest, tag: str, route: Route) -> None:
    headers = {"Content-Type": manifest.descriptor.media_type}
    answer = carrier.oras.do_request(carrier.url(f"manifests/{tag}"), "PUT", data=manifest.raw, headers=headers)
    told = answer.headers.get("docker-content-digest", "")
    if told and told != str(manifest.descriptor.digest):
        raise DigestMismatchError(
            f"{route.doing}: the registry calls it {told[:80]}, not {manifest.descriptor.digest}",
            where=route.reference.registry,
            hint="the registry, or a proxy before it, changes what is stored",
        )


def _entry(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}
