"""A registry client to whom some registries are OCI layouts: folders to copy into, or a folder in every source's stead.

Everything above talks to one client, and need not know what stands behind a name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import targets
from seeder.errors import FileError, MissingError, RegistryError, UnreachableError, UsageError
from seeder.layout import Images
from seeder.layout.names import Named
from seeder.model.catalog import TargetSettings
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Blobs, OpenBlob, Upload
from seeder.registry.calls import Calls
from seeder.registry.client import Client
from seeder.registry.config import RegistriesConf
from seeder.registry.credentials import Credentials
from seeder.registry.endpoint import Endpoint
from seeder.registry.heads import Block
from seeder.registry.retry import Policy
from seeder.registry.told import Found
from seeder.registry.transport import Limits

_LAYOUT = TargetSettings(name="", registry="layout")
_NO_DIGEST = Digest.of(b"")


class Network(Struct, frozen=True, kw_only=True):
    """What a client of registries needs."""

    sources: RegistriesConf
    logins: Credentials
    insecure_hosts: Collection[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


class _OpenFile(OpenBlob):
    """A blob of a layout, as an answer of a registry."""

    def __init__(self, file: BinaryIO, start: int, total: int) -> None:
        self._file = file
        self._file.seek(start)
        self.start, self.total = start, total
        self._is_interrupted = False

    def read_into(self, block: memoryview) -> int:
        if self._is_interrupted:
            raise UnreachableError("reading from the layout was interrupted")
        data = self._file.read(len(block))
        block[: len(data)] = data
        return len(data)

    def interrupt(self) -> None:
        self._is_interrupted = True

    def close(self) -> None:
        self._file.close()


class _PlacesBlobs(Blobs):
    """The blob verbs. A layout has one shelf for all its repositories, so a mount finds a blob there or does not."""

    def __init__(self, calls: Calls, client: PlacesClient) -> None:
        super().__init__(calls, client.endpoint)
        self._client = client

    def size(self, reference: ImageReference, digest: Digest) -> int | None:
        named = self._client.layout_of(reference)
        return named.layout.size(digest) if named else super().size(reference, digest)

    def open(
        self,
        reference: ImageReference,
        digest: Digest,
        *,
        start: int = 0,
        policy: Policy | None = None,
        at: Endpoint | None = None,
    ) -> OpenBlob:
        named = self._client.layout_of(reference)
        if named is None:
            return super().open(reference, digest, start=start, policy=policy, at=at)
        return _OpenFile(named.layout.open(digest), start, named.layout.size(digest) or 0)

    def start(self, reference: ImageReference) -> Upload:
        if self._client.layout_of(reference) is None:
            return super().start(reference)
        return Upload(endpoint=self._client.endpoint(reference), url="")

    def mount(self, reference: ImageReference, digest: Digest, source: str) -> Upload | None:
        named = self._client.layout_of(reference)
        if named is None:
            return super().mount(reference, digest, source)
        return self.start(reference) if named.layout.size(digest) is None else None

    def put(self, upload: Upload, digest: Digest, size: int, body: Iterable[Block]) -> None:
        named = self._client.layouts.get(upload.endpoint.host)
        if named is None:
            super().put(upload, digest, size, body)
            return
        try:
            named.layout.put_blob(digest, body)
        except FileError as error:
            raise _at(upload.endpoint.host, error) from error

    def cancel(self, upload: Upload) -> None:
        if upload.endpoint.host not in self._client.layouts:
            super().cancel(upload)


class PlacesClient(Client):
    """`layouts` are by the registry that references name for them; `source` is asked for every registry but `target`'s.

    `target` is the host that is pushed to, where that is a registry.
    """

    def __init__(
        self,
        network: Network,
        *,
        layouts: Mapping[str, Images],
        source: Images | None = None,
        target: str = "",
    ) -> None:
        super().__init__(
            network.sources,
            network.logins,
            insecure_hosts=network.insecure_hosts,
            environment=network.environment,
            limits=network.limits,
        )
        self.layouts = {host: Named(layout) for host, layout in layouts.items()}
        self._source = Named(source) if source is not None else None
        self._target = target
        self.blobs = _PlacesBlobs(self._calls, self)

    def layout_of(self, reference: ImageReference) -> Named | None:
        """The layout that stands behind a reference; None where it is a registry."""
        found = self.layouts.get(reference.registry)
        if found is not None or reference.registry == self._target:
            return found
        return self._source

    def endpoint(self, reference: ImageReference) -> Endpoint:
        named = self.layout_of(reference)
        if named is None:
            return super().endpoint(reference)
        host = reference.registry if reference.registry in self.layouts else str(named.layout.path)
        return Endpoint(host=host, repository=reference.repository, name=reference.name)

    def look(self, reference: ImageReference) -> Found:
        named = self.layout_of(reference)
        if named is None:
            return super().look(reference)
        found = self._found(named, reference)
        return Found(media_type=found.media_type, digest=found.digest, size=found.size)

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        return super().mirrors(reference) if self.layout_of(reference) is None else ()

    def get_manifest(self, reference: ImageReference, *, mirrors: bool = True) -> Manifest:
        named = self.layout_of(reference)
        if named is None:
            return super().get_manifest(reference, mirrors=mirrors)
        return named.layout.manifest(self._found(named, reference).digest)

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None:
        return super().referrers(reference) if self.layout_of(reference) is None else None

    def put_manifest(self, reference: ImageReference, manifest: Manifest, policy: Policy | None = None) -> None:
        named = self.layout_of(reference)
        if named is None:
            super().put_manifest(reference, manifest, policy)
            return
        try:
            named.layout.put_manifest(manifest)
            if reference.tag:
                named.give(f"{reference.repository}:{reference.tag}", manifest.descriptor)
        except FileError as error:
            raise _at(reference.registry, error) from error

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
        return super().quota(reference, fresh=fresh) if self.layout_of(reference) is None else None

    def close(self) -> None:
        """Raises FileError where the last names cannot be written."""
        try:
            for named in self.layouts.values():
                named.flush()
        finally:
            super().close()

    def _found(self, named: Named, reference: ImageReference) -> Descriptor:
        if reference.digest is not None:
            return named.layout.manifest(reference.digest).descriptor
        is_target = reference.registry in self.layouts
        found = named.find([f"{reference.repository}:{reference.selector}"] if is_target else _names(reference))
        if found is None:
            raise MissingError(f"{reference} is not in the layout", where=str(named.layout.path))
        return found


def _names(reference: ImageReference) -> Iterator[str]:
    """How an image of a source may be named in a layout: as seeder does, in full, or as people write it."""
    tagged = replace(reference.or_latest(), digest=None)
    with contextlib.suppress(UsageError):
        place = targets.destination(tagged, _NO_DIGEST, _LAYOUT)
        yield f"{place.repository}:{tagged.tag}"
    yield from (str(tagged), tagged.familiar())


def _at(host: str, error: FileError) -> RegistryError:
    """A folder that fails as a target is a target that fails."""
    return RegistryError(error.message, hint=error.hint, where=host)
