"""An OCI layout in a tar that is only read: by offset, so that nothing of it is ever unpacked.

What is in it that is no part of a layout (links, devices, names that lead elsewhere) is passed over.
"""

from __future__ import annotations

import io
import logging
import os
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from seeder import files, unpack
from seeder.errors import FileError, InvalidReferenceError, MissingError
from seeder.layout import content
from seeder.layout.content import Entry
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest

log = logging.getLogger(__name__)

_PART = re.compile(r"(?:\./)?(?P<name>oci-layout|index\.json|blobs/[a-z0-9]+/[0-9a-f]+)\Z")
_LIMIT = 64 << 20
_BUFFER = 64 << 10


class _Member(Struct, frozen=True):
    offset: int
    size: int


class Archive:
    """Thread-safe. The file is held open, so that one that takes its name meanwhile does not matter."""

    def __init__(self, path: Path, *, may_be_cut: bool = False) -> None:
        """Raises FileError for what is no tar, or no layout; for a damaged one unless it `may_be_cut`: then what comes
        before the damage counts.
        """
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise files.fault_of(error, "read", path) from error
        try:
            self._members = _members(self._file, path, may_be_cut=may_be_cut)
            if content.MARK not in self._members:
                raise FileError("is no OCI layout: it has no file oci-layout", where=str(path), hint=_HINT)
            content.check_version(self._read(content.MARK, _LIMIT), str(path), f"{path}: {content.MARK}")
        except BaseException:
            self._file.close()
            raise

    def names(self) -> dict[str, Descriptor]:
        return content.names(self.entries(), self._where)

    def entries(self) -> Sequence[Entry]:
        """What `index.json` lists. Raises FileError."""
        return content.entries(self._read(content.INDEX, _LIMIT), self._where)

    def digests(self) -> Iterator[Digest]:
        """All blobs, manifests too."""
        for name in self._members:
            with suppress(InvalidReferenceError, ValueError):
                _, algorithm, hex_ = name.split("/")
                yield Digest(algorithm, hex_)

    def state(self) -> tuple[int, ...]:
        """Always the same: what is held open changes no more."""
        return (0,)

    def is_current(self) -> bool:
        """Whether the file that is held open still has its name."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except OSError as error:
            raise files.fault_of(error, "look at", self.path) from error

    def manifest(self, digest: Digest) -> Manifest:
        name = _name(digest)
        if name not in self._members:
            raise MissingError(f"manifest {digest} is not in the layout", where=str(self.path))
        return content.manifest(self._read(name, content.MANIFEST_LIMIT), digest, f"{self.path}: {name}")

    def size(self, digest: Digest) -> int | None:
        member = self._members.get(_name(digest))
        return member.size if member is not None else None

    def open(self, digest: Digest) -> BinaryIO:
        member = self._members.get(_name(digest))
        if member is None:
            raise MissingError(f"blob {digest} is not in the layout", where=str(self.path))
        return io.BufferedReader(_Part(self._file.fileno(), member), _BUFFER)

    def name(self, given: Mapping[str, Descriptor]) -> None:  # noqa: ARG002 - see Images
        raise self._refusal()

    def put_manifest(self, manifest: Manifest) -> None:  # noqa: ARG002
        raise self._refusal()

    def put_blob(self, digest: Digest, pieces: Iterable[bytes | memoryview]) -> None:  # noqa: ARG002
        raise self._refusal()

    def settle(self) -> None:
        """Nothing was changed."""

    def close(self) -> None:
        self._file.close()

    @property
    def _where(self) -> str:
        return f"{self.path}: {content.INDEX}"

    def _read(self, name: str, limit: int) -> bytes:
        member = self._members.get(name)
        if member is None or member.size > limit:
            fault = f"has no {name}" if member is None else f"{name} is larger than {limit >> 20} MiB"
            raise FileError(fault, where=str(self.path))
        try:
            return os.pread(self._file.fileno(), member.size, member.offset)
        except OSError as error:
            raise files.fault_of(error, "read", self.path) from error

    def _refusal(self) -> FileError:
        return FileError("is only read", where=str(self.path))


class _Part(io.RawIOBase):
    """A stretch of a file, with a position of its own."""

    def __init__(self, descriptor: int, member: _Member) -> None:
        self._descriptor = descriptor
        self._member = member
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._member.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        most = max(0, min(len(buffer), self._member.size - self._at))
        count = os.preadv(self._descriptor, [memoryview(buffer)[:most]], self._member.offset + self._at) if most else 0
        self._at += count
        return count


_HINT = (
    "name the tar of an OCI layout, as seeder and `skopeo copy … oci-archive:FILE` write it, and not compressed; "
    "a damaged one is mended by `seeder sync` to it, or has to be copied again"
)


def _members(file: BinaryIO, path: Path, *, may_be_cut: bool) -> dict[str, _Member]:
    """Where the parts of the layout are; of two with one name the last, as tar has it."""
    found: dict[str, _Member] = {}
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            while (entry := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # they would all stay in memory
                if entry.size < 0:
                    raise tarfile.TarError("a negative size")
                match = _PART.match(entry.name)
                if match is not None and entry.isreg() and not entry.issparse():
                    found[match["name"]] = _Member(entry.offset_data, entry.size)
            # tarfile takes a header that is cut off or broken for the end, which is a block of zeros.
            if os.pread(file.fileno(), tarfile.BLOCKSIZE, tar.offset) != bytes(tarfile.BLOCKSIZE):
                raise tarfile.TarError("it ends without the mark of its end")
    except unpack.BROKEN as error:
        if not may_be_cut or not {content.MARK, content.INDEX} <= found.keys():
            raise FileError(f"is no whole tar: {error}", where=str(path), hint=_HINT) from error
        log.warning("%s is damaged (%s): what it lacks is copied anew", path, error)
        end = os.fstat(file.fileno()).st_size
        found = {name: member for name, member in found.items() if member.offset + member.size <= end}
    except OSError as error:
        raise files.fault_of(error, "read", path) from error
    return found


def _name(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.hex}"
