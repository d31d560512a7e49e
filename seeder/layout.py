"""OCI image layouts: directories that hold blobs by digest and name images in one `index.json` (image-layout.md).

Blobs and manifests are written whole or not at all, so a layout is valid at every moment; `index.json` has one writer
at a time, also among processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from seeder import files
from seeder.errors import DigestMismatchError, FileError, InvalidReferenceError, MissingError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST

NAME = "org.opencontainers.image.ref.name"
_MARK = "oci-layout"
_VERSION = "1.0.0"
_INDEX = "index.json"
_MANIFEST_LIMIT = 4 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout that is there; `open_layout` and `create` make one. Thread-safe."""

    path: Path

    def names(self) -> dict[str, Descriptor]:
        """What each name stands for; of two entries with one name, the last. Nothing where it is not there yet.

        Raises FileError.
        """
        if not self.path.exists():
            return {}
        found = {}
        for entry in self._entries():
            name = (entry.get("annotations") or {}).get(NAME)
            if name:
                found[str(name)] = _descriptor(entry, self.path)
        return found

    def name(self, given: Mapping[str, Descriptor]) -> None:
        """Gives names to manifests that are there, and takes them from whatever had them. Raises FileError."""
        with self._writing():
            kept = [entry for entry in self._entries() if (entry.get("annotations") or {}).get(NAME) not in given]
            added = [_entry(descriptor, name) for name, descriptor in given.items()]
            listed = sorted([*kept, *added], key=lambda entry: str((entry.get("annotations") or {}).get(NAME, "")))
            files.write_atomic(self.path / _INDEX, _index(listed))

    def state(self) -> tuple[int, ...]:
        """Changes whenever a name does. Raises FileError."""
        if not self.path.exists():
            return ()
        try:
            status = (self.path / _INDEX).stat()
        except OSError as error:
            raise _fault("cannot look at", self.path / _INDEX, error) from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest, its bytes checked, its type as it says itself or as its keys tell.

        Raises MissingError, DigestMismatchError, FileError.
        """
        path = self._blob(digest)
        if not path.exists():
            raise MissingError(f"manifest {digest} is not in the layout", where=str(self.path))
        raw = files.read(path, limit=_MANIFEST_LIMIT)
        if not digest.matches(raw):
            raise DigestMismatchError(
                f"manifest {digest} has other bytes",
                where=str(path),
                hint="remove the file, and copy the image into the layout again",
            )
        document = _json(path)
        kind = OCI_INDEX if "manifests" in document else OCI_MANIFEST
        media_type = str(document.get("mediaType") or kind)
        return Manifest(descriptor=Descriptor(media_type=media_type, digest=digest, size=len(raw)), raw=raw)

    def put_manifest(self, manifest: Manifest) -> None:
        """Stores a manifest without a name. Raises FileError."""
        self._make(manifest.descriptor.digest)
        path = self._blob(manifest.descriptor.digest)
        if not path.exists():
            files.write_atomic(path, manifest.raw)

    def size(self, digest: Digest) -> int | None:
        """A blob's size in bytes; None where it is not there."""
        try:
            return self._blob(digest).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _fault("cannot look at", self._blob(digest), error) from error

    def open(self, digest: Digest) -> BinaryIO:
        """A blob's bytes, unchecked. Raises MissingError, FileError."""
        try:
            return self._blob(digest).open("rb")
        except FileNotFoundError as error:
            raise MissingError(f"blob {digest} is not in the layout", where=str(self.path)) from error
        except OSError as error:
            raise _fault("cannot read", self._blob(digest), error) from error

    def put_blob(self, digest: Digest, pieces: Iterable[bytes]) -> None:
        """Stores a blob once all its bytes came and fit. What `pieces` raises comes through, and nothing is kept.

        Raises DigestMismatchError, FileError.
        """
        self._make(digest)
        path = self._blob(digest)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        hashed = hashlib.new(digest.algorithm)
        try:
            with partial.open("xb") as file:
                for piece in pieces:
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if hashed.hexdigest() != digest.hex:
                raise DigestMismatchError(f"what came for blob {digest} has other bytes", where=str(self.path))
            partial.replace(path)
        except OSError as error:
            raise _fault("cannot write", path, error) from error
        finally:
            partial.unlink(missing_ok=True)

    def _blob(self, digest: Digest) -> Path:
        return self.path / "blobs" / digest.algorithm / digest.hex

    def _make(self, digest: Digest) -> None:
        folder = self._blob(digest).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _fault("cannot make", folder, error) from error

    def _entries(self) -> Sequence[Mapping[str, Any]]:
        document = _json(self.path / _INDEX)
        entries = document.get("manifests")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise FileError("is no index: `manifests` must be a list of objects", where=str(self.path / _INDEX))
        return entries

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Holds the layout's lock: of this process's threads, and of others through the file that marks a layout."""
        with _THREADS:
            try:
                mark = (self.path / _MARK).open("rb")
            except OSError as error:
                raise _fault("cannot read", self.path / _MARK, error) from error
            with mark:
                fcntl.flock(mark, fcntl.LOCK_EX)
                yield


_THREADS = threading.Lock()


def open_layout(path: Path) -> Layout:
    """A layout that exists. Raises FileError where there is none, or one of another version."""
    if not (path / _MARK).is_file():
        raise FileError(
            "is no OCI layout: it has no file oci-layout", where=str(path), hint="name the folder that holds index.json"
        )
    version = _json(path / _MARK).get("imageLayoutVersion")
    if version != _VERSION:
        raise FileError(f"is an OCI layout of version {version!r}; {_VERSION} is the only one known", where=str(path))
    return Layout(path)


def create(path: Path) -> Layout:
    """The layout at a path, a new one where nothing is yet. Raises FileError where something else stands there."""
    if (path / _MARK).exists():
        return open_layout(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise FileError("is not empty and no OCI layout", where=str(path), hint="name an empty or new folder")
        (path / "blobs" / "sha256").mkdir(parents=True)
    except OSError as error:
        raise _fault("cannot make", path, error) from error
    files.write_atomic(path / _INDEX, _index([]))
    # The mark comes last: what has it is whole.
    files.write_atomic(path / _MARK, json.dumps({"imageLayoutVersion": _VERSION}).encode())
    return Layout(path)


def _index(entries: Sequence[Mapping[str, Any]]) -> bytes:
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return json.dumps(document, indent=2).encode() + b"\n"


def _entry(descriptor: Descriptor, name: str) -> Mapping[str, Any]:
    return {
        "mediaType": descriptor.media_type,
        "digest": str(descriptor.digest),
        "size": descriptor.size,
        "annotations": {NAME: name},
    }


def _descriptor(entry: Mapping[str, Any], path: Path) -> Descriptor:
    try:
        return Descriptor(
            media_type=str(entry["mediaType"]), digest=Digest.parse(str(entry["digest"])), size=int(entry["size"])
        )
    except (KeyError, TypeError, ValueError, InvalidReferenceError) as error:
        raise FileError(f"has an entry without type, digest or size: {error}", where=str(path / _INDEX)) from error


def _json(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(files.read(path))
    except ValueError as error:
        raise FileError(f"is no JSON: {error}", where=str(path)) from error
    if not isinstance(document, dict):
        raise FileError("is no JSON object", where=str(path))
    return document


def _fault(doing: str, path: Path, error: OSError) -> FileError:
    return FileError(f"{doing}: {error.strerror or error}", where=str(path))
