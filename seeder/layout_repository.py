"""OCI layouts behind the names that a registry client is asked for: one to copy into, or one in every source's stead.

Everything above talks to one client, and need not know what stands behind a name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from seeder import targets
from seeder.errors import FileError, MissingError, RegistryError, UnreachableError, UsageError
from seeder.layout import Images
from seeder.layout.names import Named
from seeder.model.catalog import Catalog, ImageEntry, TargetKind, TargetSettings
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.endpoint import Endpoint
from seeder.registry.heads import Block
from seeder.registry.open_blob import OpenBlob
from seeder.registry.retry import Policy
from seeder.registry.told import Found

Names = Callable[[ImageReference], Iterable[str]]
_LAYOUT = TargetSettings(name="", registry="layout")
_NO_DIGEST = Digest.of(b"")
_SESSION = Upload(url="")  # a layout takes a blob in one piece, and needs no address for it


class Likely:
    """How an image of a source may be named in a layout: as a folder of the catalog names it, as seeder does without
    prefix or `as:`, in full, or as people write it. What `as:` calls one image is no other's name.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        folders = (target for target in catalog.targets if target.kind is TargetKind.OCI_LAYOUT)
        self._folders = (*folders, _LAYOUT)
        renamed = [entry for entry in catalog.images if entry.destination]
        self._given = {name: entry.reference for entry in renamed for name in self._names(entry.reference, entry)}

    def __call__(self, reference: ImageReference) -> Iterator[str]:
        tagged = replace(reference.or_latest(), digest=None)
        yield from self._names(tagged, self._catalog.entry(reference))
        for name in (*self._names(tagged), str(tagged), tagged.familiar()):
            if self._given.get(name, reference) == reference:
                yield name

    def _names(self, reference: ImageReference, entry: ImageEntry | None = None) -> Iterator[str]:
        for folder in self._folders:
            with contextlib.suppress(UsageError):
                there = targets.destination(reference, _NO_DIGEST, folder, entry)
                yield f"{there.repository}:{there.tags[0]}"


class Layouts:
    """The `registry.repository.Elsewhere` of a run.

    `layouts` are by the registry that references name for them; `source` is asked for every registry but `target`'s,
    the host that is pushed to, where that is a registry. `catalog` is that which `source` was filled by.
    """

    def __init__(
        self,
        layouts: Mapping[str, Images],
        *,
        source: Images | None = None,
        target: str = "",
        catalog: Catalog | None = None,
    ) -> None:
        self._layouts = {host: Named(layout) for host, layout in layouts.items()}
        self._source = Named(source) if source is not None else None
        self._target = target
        self._likely = Likely(catalog or Catalog(name=""))

    def repository(self, reference: ImageReference) -> LayoutRepository | None:
        """The repository of a layout that stands behind a reference; None where it is a registry's."""
        host = reference.registry
        if host in self._layouts:
            return LayoutRepository(self._layouts[host], _endpoint(host, reference), _given)
        if self._source is None or host == self._target:
            return None
        return LayoutRepository(self._source, _endpoint(str(self._source.layout.path), reference), self._likely)

    def close(self) -> None:
        """Raises FileError where the last names cannot be written."""
        for named in self._layouts.values():
            named.flush()


def _endpoint(host: str, reference: ImageReference) -> Endpoint:
    return Endpoint(host=host, repository=reference.repository, name=reference.name)


def _given(reference: ImageReference) -> Iterator[str]:
    """How seeder names an image in a layout."""
    yield f"{reference.repository}:{reference.selector}"


class LayoutRepository(Struct, frozen=True):
    """A `registry.repository.Repository`; `names` are those that a tagged image may have in the layout."""

    named: Named
    endpoint: Endpoint
    names: Names

    def look(self, reference: ImageReference) -> Found:
        found = self._found(reference)
        return Found(media_type=found.media_type, digest=found.digest, size=found.size)

    def mirrors(self, _reference: ImageReference) -> tuple[Endpoint, ...]:
        return ()

    def pull(self, reference: ImageReference) -> Manifest:
        return self.named.layout.manifest(self._found(reference).digest)

    def put_manifest(self, reference: ImageReference, manifest: Manifest) -> None:
        with self._writing():
            self.named.layout.put_manifest(manifest)
            if reference.tag:
                self.named.give(f"{reference.repository}:{reference.tag}", manifest.descriptor)

    def referrers(self, _reference: ImageReference) -> None:
        return None

    def quota(self, _reference: ImageReference, *, fresh: bool = False) -> None:  # noqa: ARG002 - there is none
        return None

    def size(self, digest: Digest) -> int | None:
        return self.named.layout.size(digest)

    def open(self, digest: Digest, *, start: int = 0, policy: Policy | None = None) -> OpenBlob:  # noqa: ARG002 - once
        return _OpenFile(self.named.layout.open(digest), start, self.size(digest) or 0)

    def start(self) -> Upload:
        return _SESSION

    def mount(self, digest: Digest, _source: str) -> Upload | None:
        """All repositories of a layout have one shelf: a blob is there, or not."""
        return _SESSION if self.size(digest) is None else None

    def put(self, _upload: Upload, digest: Digest, _size: int, body: Iterable[Block]) -> None:
        with self._writing():
            self.named.layout.put_blob(digest, body)

    def patch(self, upload: Upload, start: int, size: int, chunk: Iterable[Block]) -> Upload:
        raise NotImplementedError("no layout asks for chunks")

    def cancel(self, upload: Upload) -> None:
        """Nothing is there before all of a blob is."""

    def _found(self, reference: ImageReference) -> Descriptor:
        if reference.digest is not None:
            return self.named.layout.manifest(reference.digest).descriptor
        found = self.named.find(self.names(reference))
        if found is None:
            raise MissingError(f"{reference} is not in the layout", where=str(self.named.layout.path))
        return found

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A folder that fails as a target is a target that fails."""
        try:
            yield
        except FileError as error:
            raise RegistryError(error.message, hint=error.hint, where=self.endpoint.host) from error


class _OpenFile(OpenBlob):
    """A blob of a layout."""

    def __init__(self, file: BinaryIO, start: int, total: int) -> None:
        super().__init__(start, total)
        self._file = file
        self._file.seek(start)
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
