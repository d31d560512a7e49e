"""OCI image layouts: directories that hold blobs by digest and name images in one `index.json` (image-layout.md).

Blobs and manifests are written whole or not at all, so a layout is valid at every moment; `index.json` has one writer
at a time, also among processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from seeder import files, unfinished
from seeder.errors import DigestMismatchError, FileError, InvalidReferenceError, MissingError
from seeder.layout import content
from seeder.layout.content import Entry
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest


class Layout(Struct, frozen=True):
    """A layout that is there; `open_layout` and `create` make one. Thread-safe."""

    path: Path

    def names(self) -> dict[str, Descriptor]:
        """What each name stands for; of two entries with one name, the last. Nothing where it is not there yet.

        Raises FileError.
        """
        if not files.exists(self.path):
            return {}
        return content.names(self.entries(), str(self.path / content.INDEX))

    def name(self, given: Mapping[str, Descriptor]) -> None:
        """Gives names to manifests that are there, and takes them from whatever had them. Raises FileError."""
        with self._writing():
            listed = content.named(self.entries(), given)
            files.write_atomic(self.path / content.INDEX, content.index(listed))

    def state(self) -> tuple[int, ...]:
        """Changes whenever a name does. Raises FileError."""
        if not files.exists(self.path):
            return ()
        try:
            status = (self.path / content.INDEX).stat()
        except OSError as error:
            raise files.fault_of(error, "look at", self.path / content.INDEX) from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest, its bytes checked, its type as it says itself or as its keys tell.

        Raises MissingError, DigestMismatchError, FileError.
        """
        path = self._blob(digest)
        if not files.exists(path):
            raise MissingError(f"manifest {digest} is not in the layout", where=str(self.path))
        return content.manifest(files.read(path, limit=content.MANIFEST_LIMIT), digest, str(path))

    def put_manifest(self, manifest: Manifest) -> None:
        """Stores a manifest without a name. Raises FileError."""
        files.make_folder(self._blob(manifest.descriptor.digest).parent)
        path = self._blob(manifest.descriptor.digest)
        if not files.exists(path):
            files.write_atomic(path, manifest.raw)

    def size(self, digest: Digest) -> int | None:
        """A blob's size in bytes; None where it is not there."""
        try:
            return self._blob(digest).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise files.fault_of(error, "look at", self._blob(digest)) from error

    def open(self, digest: Digest) -> BinaryIO:
        """A blob's bytes, unchecked. Raises MissingError, FileError."""
        try:
            return self._blob(digest).open("rb")
        except FileNotFoundError as error:
            raise MissingError(f"blob {digest} is not in the layout", where=str(self.path)) from error
        except OSError as error:
            raise files.fault_of(error, "read", self._blob(digest)) from error

    def put_blob(self, digest: Digest, pieces: Iterable[bytes | memoryview]) -> None:
        """Stores a blob once all its bytes came and fit. What `pieces` raises comes through, and nothing is kept.

        Raises DigestMismatchError, FileError.
        """
        files.make_folder(self._blob(digest).parent)
        path = self._blob(digest)
        hashed = hashlib.new(digest.algorithm)
        try:
            with unfinished.beside(path) as (file, partial):
                for piece in pieces:
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                if hashed.hexdigest() != digest.hex:
                    raise DigestMismatchError(f"what came for blob {digest} has other bytes", where=str(self.path))
                partial.replace(path)
        except OSError as error:
            raise files.fault_of(error, "write", path) from error

    def _blob(self, digest: Digest) -> Path:
        return self.path / "blobs" / digest.algorithm / digest.hex

    def entries(self) -> Sequence[Entry]:
        """What `index.json` lists. Raises FileError."""
        path = self.path / content.INDEX
        return content.entries(files.read(path), str(path))

    def digests(self) -> Iterator[Digest]:
        """All blobs that are whole, manifests too. Raises FileError."""
        try:
            for folder in (self.path / "blobs").iterdir():
                for file in folder.iterdir():
                    with suppress(InvalidReferenceError):  # what is still being written has another name
                        yield Digest(folder.name, file.name)
        except OSError as error:
            raise files.fault_of(error, "look at", self.path) from error

    def settle(self) -> None:
        """Nothing is left to do: each name and blob went to its place at once."""

    def close(self) -> None:
        """Nothing is held open."""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Holds the layout's lock, for threads and processes alike: the file that marks a layout, opened by each."""
        try:
            mark = (self.path / content.MARK).open("rb")
        except OSError as error:
            raise files.fault_of(error, "read", self.path / content.MARK) from error
        with mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            yield


def _sweep(path: Path) -> None:
    for folder in (path, *path.glob("blobs/*")):
        unfinished.sweep(folder)


def open_layout(path: Path) -> Layout:
    """A layout that exists. Raises FileError where there is none, or one of another version."""
    if not files.is_file(path / content.MARK):
        reason = "is no OCI layout: it has no file oci-layout" if files.exists(path) else "does not exist"
        raise FileError(reason, where=str(path), hint="name the folder that holds index.json")
    content.check_version(files.read(path / content.MARK), str(path), str(path / content.MARK))
    return Layout(path)


def create(path: Path) -> Layout:
    """The layout at a path, a new one where nothing is yet. Raises FileError where something else stands there."""
    if files.exists(path / content.MARK):
        _sweep(path)
        return open_layout(path)
    files.make_folder(path)
    with unfinished.alone(path):
        if not files.exists(path / content.MARK):  # nor has another run made it since
            _begin(path)
    return open_layout(path)


def _begin(path: Path) -> None:
    if not _is_unbegun(path):
        raise FileError("is not empty and no OCI layout", where=str(path), hint="name an empty or new folder")
    files.make_folder(path / "blobs" / "sha256")
    files.write_atomic(path / content.INDEX, content.index([]))
    # The mark comes last: what has it is whole.
    files.write_atomic(path / content.MARK, content.mark())


def _is_unbegun(path: Path) -> bool:
    """Whether a folder is empty, or was made here by a run that was killed before it could mark it."""
    half_written = (f".{content.INDEX}.", f".{content.MARK}.")
    try:
        return not any(path.glob("blobs/*/*")) and all(
            entry.name in {"blobs", content.INDEX} or entry.name.startswith(half_written) for entry in path.iterdir()
        )
    except OSError as error:
        raise files.fault_of(error, "read", path) from error
