"""A tar that is added to: what is new stands in a folder beside it, until both become the new tar in one step.

A run that is cut off leaves the old tar and the folder, and the next one goes on from there. Whatever came whole is
never fetched twice.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from seeder import files
from seeder.errors import FileError
from seeder.layout import content, folder
from seeder.layout.archive import Archive
from seeder.layout.folder import Layout
from seeder.layout.tar import Part, write
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest

_NEW = "new.tar"


class Packed:
    """Thread-safe. One process at a time adds to a tar."""

    def __init__(self, path: Path) -> None:
        """Raises FileError where something else stands there."""
        self.path = path
        self._beside = path.with_name(f".{path.name}.part")
        self._base = Archive(path) if files.exists(path) else None
        self._held: int | None = None
        self._added: Layout | None = None
        self._lock = threading.Lock()
        try:
            if files.exists(self._beside):
                self._add()
        except BaseException:
            self.close()
            raise

    def names(self) -> dict[str, Descriptor]:
        return {**(self._base.names() if self._base else {}), **(self._added.names() if self._added else {})}

    def name(self, given: Mapping[str, Descriptor]) -> None:
        known = self.names()
        new = {name: descriptor for name, descriptor in given.items() if known.get(name) != descriptor}
        if new:
            self._add().name(new)

    def state(self) -> tuple[int, ...]:
        return (0, *(self._added.state() if self._added else ()))

    def manifest(self, digest: Digest) -> Manifest:
        return self._holding(digest).manifest(digest)

    def put_manifest(self, manifest: Manifest) -> None:
        if self.size(manifest.descriptor.digest) is None:
            self._add().put_manifest(manifest)

    def size(self, digest: Digest) -> int | None:
        return self._holding(digest).size(digest)

    def open(self, digest: Digest) -> BinaryIO:
        return self._holding(digest).open(digest)

    def put_blob(self, digest: Digest, pieces: Iterable[bytes | memoryview]) -> None:
        self._add().put_blob(digest, pieces)

    def settle(self) -> None:
        """Packs what is new with what was there, and puts it in the old tar's place. Raises FileError."""
        added = self._added
        if added is None:
            return
        entries = content.named(self._base.entries() if self._base else (), added.names())
        blobs = {*added.digests(), *(self._base.digests() if self._base else ())}
        parts = [Part(digest=digest, size=self.size(digest) or 0, open=self.open) for digest in blobs]
        new = self._beside / _NEW
        try:
            write(new, content.index(entries), sorted(parts, key=lambda part: part.digest))
            new.replace(self.path)
            shutil.rmtree(self._beside)
        except OSError as error:
            raise files.fault_of(error, "write", self.path) from error
        self._added = None

    def close(self) -> None:
        if self._base is not None:
            self._base.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _holding(self, digest: Digest) -> Layout | Archive:
        if self._added is not None and (self._base is None or self._added.size(digest) is not None):
            return self._added
        return self._base if self._base is not None else Layout(self._beside)

    def _add(self) -> Layout:
        """The folder of what is new, ours alone from here on. Raises FileError."""
        with self._lock:
            if self._added is None:
                made = folder.create(self._beside)
                self._held = self._reserved()
                self._added = made
            return self._added

    def _reserved(self) -> int:
        descriptor = os.open(self._beside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            fault = "another run is adding to it"
            raise FileError(fault, where=str(self.path), hint="wait until it has ended") from error
        return descriptor
