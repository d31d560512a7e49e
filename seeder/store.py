"""Manifests by digest, on disk: what was pulled once is never pulled again, not after a crash either.

A file a manifest, `manifests/<algorithm>/<two hex>/<hex>`: its media type, a line end, its bytes. Files come
whole into their places, so any number of processes share a store; a damaged one reads as absent. A manifest is in its
place before it is synced: where disks are slow, a run that is killed would else lose all that waited for them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from seeder.errors import FileError
from seeder.files import fault_of, write_at_once
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest

log = logging.getLogger(__name__)

LIMIT = 256 << 20  # bytes: some 100,000 manifests
_LONGEST_TYPE = 255
_FOLDER = "manifests"


class ManifestStore:
    """Thread-safe. Without a folder, or where it cannot be written, it remembers what is new for this run alone."""

    def __init__(self, cache_dir: Path | None, limit: int = LIMIT) -> None:
        self._limit = limit
        self._root = None if cache_dir is None else cache_dir / _FOLDER
        self._is_writable = cache_dir is not None
        self._remembered: dict[Digest, Manifest] = {}
        self._folders: set[Path] = set()
        self._lock = threading.Lock()

    def get(self, digest: Digest) -> Manifest | None:
        """The manifest, its bytes checked; None where it is not there."""
        found = self._remembered.get(digest)
        if found is not None or self._root is None:
            return found
        try:
            data = _path(self._root, digest).read_bytes()
        except OSError:
            return None
        media_type, _, raw = data.partition(b"\n")
        if len(media_type) > _LONGEST_TYPE or not digest.matches(raw):
            return None
        return Manifest.of(media_type.decode("ascii", "replace"), raw, digest)

    def put(self, manifest: Manifest) -> None:
        """Keeps a manifest; on return it outlives a crash, if the folder can be written."""
        if self._root is not None and self._is_writable:
            try:
                self._write(_path(self._root, manifest.descriptor.digest), manifest)
            except (FileError, OSError) as error:
                self._give_up(error)
            else:
                return
        self._remembered[manifest.descriptor.digest] = manifest

    def close(self) -> None:
        """Where something was added: what was written longest ago goes, until no more than the limit is left."""
        if self._root is not None and self._folders:
            _trim(self._root, self._limit)

    def _give_up(self, error: Exception) -> None:
        """Read-only or full: what it has is still worth a pull each."""
        with self._lock:
            was, self._is_writable = self._is_writable, False
        if was:
            told = fault_of(error, "write", error.filename or "") if isinstance(error, OSError) else error
            log.warning(
                "manifests are kept for this run alone, so that one that breaks off pays for them again: %s", told
            )

    def _write(self, path: Path, manifest: Manifest) -> None:
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._folders.add(path.parent)
        write_at_once(path, manifest.descriptor.media_type.encode() + b"\n" + manifest.raw)


def _path(root: Path, digest: Digest) -> Path:
    return root / digest.algorithm / digest.hex[:2] / digest.hex


class _File(NamedTuple):
    written: float
    size: int
    path: Path


def _trim(root: Path, limit: int) -> None:
    found = sorted(_files(root))
    left = sum(file.size for file in found)
    for file in found:
        if left <= limit:
            return
        with suppress(OSError):  # another process trims too, or may alone
            file.path.unlink()
        left -= file.size


def _files(root: Path) -> Iterator[_File]:
    for path in root.glob("*/*/*"):
        with suppress(OSError):
            known = path.stat()
            yield _File(known.st_mtime, known.st_size, path)
