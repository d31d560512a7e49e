"""What stands behind a name that a client is asked for: a registry's repository, or a folder in its stead.

`RemoteRepository` is the one, `LayoutRepository` the other. What the verbs do and raise is said where a registry does
it: in `client.Client` of manifests, in `blobs.RemoteBlobs` of blobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.endpoint import Endpoint
from seeder.registry.heads import Block
from seeder.registry.open_blob import OpenBlob
from seeder.registry.retry import Policy
from seeder.registry.told import Found


class Blobs(Protocol):
    """The blobs of one repository; thread-safe."""

    def size(self, digest: Digest) -> int | None: ...

    def open(self, digest: Digest, *, start: int = 0, policy: Policy | None = None) -> OpenBlob: ...

    def start(self) -> Upload: ...

    def mount(self, digest: Digest, source: str) -> Upload | None: ...

    def put(self, upload: Upload, digest: Digest, size: int, body: Iterable[Block]) -> None: ...

    def patch(self, upload: Upload, start: int, size: int, chunk: Iterable[Block]) -> Upload: ...

    def cancel(self, upload: Upload) -> None: ...


class Repository(Blobs, Protocol):
    """The same, and the manifests: each `reference` names one of this repository."""

    @property
    def endpoint(self) -> Endpoint: ...

    def look(self, reference: ImageReference) -> Found: ...

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]: ...

    def pull(self, reference: ImageReference) -> Manifest: ...

    def put_manifest(self, reference: ImageReference, manifest: Manifest) -> bool | None: ...

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None: ...

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None: ...


class Elsewhere(Protocol):
    """Names behind which no registry stands; None for all others."""

    def repository(self, reference: ImageReference) -> Repository | None: ...

    def close(self) -> None: ...
