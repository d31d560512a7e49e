"""A tar that is added to: what is new stands in a folder beside it, until both become the new tar in one step.

A run that is cut off leaves the old tar and the folder, and the next one goes on from there. Whatever came whole is
never fetched twice.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from seeder import files
from seeder.errors import DigestMismatchError, FileError, MissingError
from seeder.layout import content, folder
from seeder.layout.archive import Archive
from seeder.layout.folder import Layout
from seeder.layout.tar import Part, write
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest

_NEW = "new.tar"
_DAMAGED = "damaged"  # a file with the digests of what the old tar has and is not to be believed


class Packed:
    """Thread-safe. One process at a time adds to a tar."""

    def __init__(self, path: Path) -> None:
        """Raises FileError where something else stands there."""
        self.path = path
        self._file = files.led_to(path)
        self._beside = self._file.with_name(f".{self._file.name}.part")
        self._base = Archive(path, may_be_cut=True) if files.exists(path) else None
        self._outdated: list[Archive] = []
        self._damaged: frozenset[str] = frozenset()
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
        kept = self._base.names() if self._base else {}
        return {
            **{name: found for name, found in kept.items() if self.size(found.digest) is not None},
            **(self._added.names() if self._added else {}),
        }

    def name(self, given: Mapping[str, Descriptor]) -> None:
        known = self.names()
        new = {name: descriptor for name, descriptor in given.items() if known.get(name) != descriptor}
        if new:
            self._add().name(new)

    def state(self) -> tuple[int, ...]:
        return (0, *(self._added.state() if self._added else ()))

    def manifest(self, digest: Digest) -> Manifest:
        held = self._holding(digest)
        try:
            return held.manifest(digest)
        except DigestMismatchError as error:
            self._forget({digest}, held)
            raise MissingError(f"{error.message}, and is copied anew", where=error.where) from error

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
        blobs = {*added.digests(), *(self._base.digests() if self._base else ())}
        sizes = {digest: size for digest in sorted(blobs) if (size := self.size(digest)) is not None}
        parts = [Part(digest=digest, size=size, open=self.open) for digest, size in sizes.items()]
        there = {str(digest) for digest in sizes}
        kept = [entry for entry in (self._base.entries() if self._base else ()) if str(entry.get("digest")) in there]
        new = self._beside / _NEW
        try:
            write(new, content.index(content.named(kept, added.names())), parts)
            new.replace(self._file)
            shutil.rmtree(self._beside)
        except DigestMismatchError as error:
            self._forget({part.digest for part in parts if not part.is_whole}, added)
            raise DigestMismatchError(
                error.message, where=str(self.path), hint="run `seeder sync` again: it is copied anew"
            ) from error
        except OSError as error:
            raise files.fault_of(error, "write", self.path) from error
        self._added = None

    def _forget(self, digests: Collection[Digest], held: Layout | Archive) -> None:
        """Takes blobs for missing from now on, in later runs too, until they came again. Raises FileError.

        Where the old tar `held` them, what came anew meanwhile stays.
        """
        self._add()
        with self._lock:
            for digest in digests if held is not self._base else ():
                files.remove(self._beside / "blobs" / digest.algorithm / digest.hex)
            self._damaged |= {str(digest) for digest in digests}
            listed = "".join(f"{each}\n" for each in sorted(self._damaged))
            files.write_atomic(self._beside / _DAMAGED, listed.encode())

    def close(self) -> None:
        for archive in filter(None, (self._base, *self._outdated)):
            archive.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _holding(self, digest: Digest) -> Layout | Archive:
        is_new = self._added is not None and self._added.size(digest) is not None
        if is_new or self._base is None or str(digest) in self._damaged:
            return self._added or Layout(self._beside)
        return self._base

    def _add(self) -> Layout:
        """The folder of what is new, ours alone from here on. Raises FileError."""
        with self._lock:
            if self._added is None:
                made = folder.create(self._beside)
                self._held = self._reserved()
                self._catch_up()
                if files.exists(self._beside / _DAMAGED):
                    self._damaged |= {*files.read(self._beside / _DAMAGED).decode().split()}
                self._added = made
            return self._added

    def _catch_up(self) -> None:
        """Goes on from the tar that another run wrote since ours began. Raises FileError."""
        if not files.exists(self.path) or (self._base and self._base.is_current()):
            return
        newer = Archive(self.path, may_be_cut=True)
        if self._base:
            self._outdated.append(self._base)  # it may be being read
        self._base = newer

    def _reserved(self) -> int:
        descriptor = os.open(self._beside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            fault = "another run is adding to it"
            raise FileError(fault, where=str(self.path), hint="wait until it has ended") from error
        return descriptor
