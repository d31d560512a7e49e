"""The tar of an OCI layout: the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from seeder.errors import DigestMismatchError
from seeder.layout import content
from seeder.model.digest import Digest

_BLOCK = 1 << 20


class Part(Struct, frozen=True, kw_only=True):
    """A blob of `size` bytes that `open` gives."""

    digest: Digest
    size: int
    open: Callable[[Digest], BinaryIO]

    @property
    def is_whole(self) -> bool:
        """Whether its bytes are what its digest says. Raises OSError."""
        with self.open(self.digest) as blob:
            hashed = _Hashed(blob, self.digest)
            while hashed.read(_BLOCK):
                pass
        return hashed.is_whole


def write(path: Path, index: bytes, parts: Iterable[Part]) -> None:
    """Writes a whole tar, on disk when this returns; blobs pass in blocks, each checked.

    Raises OSError, DigestMismatchError.
    """
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, data in ((content.MARK, content.mark()), (content.INDEX, index)):
                tar.addfile(_entry(name, len(data)), io.BytesIO(data))
            for part in parts:
                _add(tar, part)
                tar.members.clear()  # type: ignore[attr-defined]  # they would all stay in memory
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, part: Part) -> None:
    with part.open(part.digest) as blob:
        hashed = _Hashed(blob, part.digest)
        tar.addfile(_entry(f"blobs/{part.digest.algorithm}/{part.digest.hex}", part.size), hashed)
        if not hashed.is_whole:
            raise DigestMismatchError(f"blob {part.digest} has other bytes")


class _Hashed(io.RawIOBase):
    """A blob that is hashed as it is read."""

    def __init__(self, blob: BinaryIO, digest: Digest) -> None:
        self._blob = blob
        self._digest = digest
        self._hash = hashlib.new(digest.algorithm)

    def read(self, most: int = -1) -> bytes:
        data = self._blob.read(most)
        self._hash.update(data)
        return data

    @property
    def is_whole(self) -> bool:
        return self._hash.hexdigest() == self._digest.hex


def _entry(name: str, size: int) -> tarfile.TarInfo:
    """No times, owners or modes of this machine."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry
