"""What the sandbox holds: blobs, manifests, tags and open uploads. Everything is safe to call from many threads."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import is_foreign_layer
from seeder.sandbox.message import PIECE, Octets


class Blob(Struct, frozen=True):
    """Bytes in memory, or in a file where there were too many."""

    size: int
    data: bytes = b""
    path: Path | None = None

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[Octets]:
        """The bytes from `start` up to `end`, in pieces of at most 1 MiB."""
        end = self.size if end is None else end
        if self.path is None:
            view = memoryview(self.data)
            yield from (view[at : min(at + PIECE, end)] for at in range(start, end, PIECE))
            return
        with self.path.open("rb", buffering=0) as file:
            for at in range(start, end, PIECE):
                yield os.pread(file.fileno(), min(PIECE, end - at), at)


class Upload:
    """An upload session: what came so far, hashed on the way; on disk once it is large. `offset` counts its bytes."""

    def __init__(self, repository: str, spool_above: int, folder: Path) -> None:
        self.id = str(uuid.uuid4())
        self.repository = repository
        self.offset = 0
        self._sha256 = hashlib.sha256()
        self._memory = bytearray()
        self._spool_above = spool_above
        self._path = folder / self.id
        self._file: BinaryIO | None = None

    def append(self, piece: Octets) -> None:
        self._sha256.update(piece)
        self.offset += len(piece)
        if self._file is None and self.offset > self._spool_above:
            self._file = self._path.open("wb")
            self._file.write(self._memory)
            self._memory = bytearray()
        if self._file is None:
            self._memory += piece
        else:
            self._file.write(piece)

    def matches(self, digest: Digest) -> bool:
        if digest.algorithm == "sha256":
            return self._sha256.hexdigest() == digest.hex
        return digest.matches(b"".join(self.blob().pieces()))

    def blob(self) -> Blob:
        """Hands over the bytes that came."""
        if self._file is None:
            return Blob(self.offset, data=bytes(self._memory))
        self._file.close()
        return Blob(self.offset, path=self._path)

    def cancel(self) -> None:
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


class Storage:
    """Blobs by digest, linked into repositories; manifests and tags by repository."""

    def __init__(self, spool_above: int) -> None:
        self.spool_above = spool_above
        self._temporary = tempfile.TemporaryDirectory(prefix="seeder-sandbox-")
        self._lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._blobs: dict[Digest, Blob] = {}
            self._links: defaultdict[str, set[Digest]] = defaultdict(set)
            self._manifests: defaultdict[str, dict[Digest, Manifest]] = defaultdict(dict)
            self._tags: defaultdict[str, dict[str, Digest]] = defaultdict(dict)
            self._uploads: dict[str, Upload] = {}

    def close(self) -> None:
        self.clear()
        self._temporary.cleanup()

    # Blobs

    def blob(self, repository: str, digest: Digest) -> Blob | None:
        with self._lock:
            return self._blobs[digest] if digest in self._links.get(repository, ()) else None

    def any_blob(self, digest: Digest) -> Blob | None:
        """A blob of whatever repository, as the CDN has it."""
        return self._blobs.get(digest)

    def put_blob(self, repository: str, digest: Digest, blob: Blob) -> None:
        with self._lock:
            self._blobs.setdefault(digest, blob)
            self._links[repository].add(digest)

    def mount(self, repository: str, source: str, digest: Digest) -> bool:
        with self._lock:
            found = digest in self._links.get(source, ())
            if found:
                self._links[repository].add(digest)
            return found

    def remove_blob(self, repository: str, digest: Digest) -> None:
        """Unlinks a blob from a repository, as garbage collection does."""
        with self._lock:
            self._links[repository].discard(digest)

    def collect(self) -> None:
        """Drops whatever no tag leads to, as a registry's garbage collection does."""
        with self._lock:
            for repository in {*self._links, *self._manifests}:
                kept = self._tagged(repository)
                self._manifests[repository] = {manifest.descriptor.digest: manifest for manifest in kept}
                self._links[repository] &= {blob.digest for manifest in kept for blob in manifest.blobs()}

    def _tagged(self, repository: str) -> list[Manifest]:
        """The manifests that tags lead to, and what is below them."""
        held = self._manifests.get(repository, {})
        waiting, found = list(self._tags.get(repository, {}).values()), dict[Digest, Manifest]()
        while waiting:
            manifest = held.get(waiting.pop())
            if manifest is not None and manifest.descriptor.digest not in found:
                found[manifest.descriptor.digest] = manifest
                waiting += [child.digest for child in manifest.children()]
        return list(found.values())

    # Manifests and tags

    def manifest(self, repository: str, selector: str | Digest) -> Manifest | None:
        """By digest, or by the digest that a tag stands for."""
        with self._lock:
            tags = self._tags.get(repository, {})
            digest = selector if isinstance(selector, Digest) else tags.get(selector)
            return self._manifests.get(repository, {}).get(digest) if digest else None

    def put_manifest(self, repository: str, manifest: Manifest, tag: str | None) -> None:
        with self._lock:
            self._manifests[repository][manifest.descriptor.digest] = manifest
            if tag:
                self._tags[repository][tag] = manifest.descriptor.digest

    def remove_manifest(self, repository: str, selector: str | Digest) -> None:
        """A tag alone; or a manifest with all tags that name it."""
        with self._lock:
            if isinstance(selector, str):
                self._tags[repository].pop(selector, None)
                return
            self._manifests[repository].pop(selector, None)
            kept = {tag: digest for tag, digest in self._tags[repository].items() if digest != selector}
            self._tags[repository] = kept

    def missing(self, repository: str, manifest: Manifest) -> list[Descriptor]:
        """Children and blobs that a manifest names and the repository lacks."""
        with self._lock:
            links, manifests = self._links.get(repository, set()), self._manifests.get(repository, {})
            named = (blob for blob in manifest.blobs() if not is_foreign_layer(blob.media_type))
            blobs = [blob for blob in named if blob.digest not in links]
            return blobs + [child for child in manifest.children() if child.digest not in manifests]

    def tags(self, repository: str) -> list[str] | None:
        """Sorted; None where nothing was ever put there."""
        with self._lock:
            known = repository in self._manifests or repository in self._links
            return sorted(self._tags.get(repository, ())) if known else None

    def manifests(self, repository: str) -> list[Manifest]:
        with self._lock:
            return list(self._manifests.get(repository, {}).values())

    # Uploads

    def open_upload(self, repository: str) -> Upload:
        upload = Upload(repository, self.spool_above, Path(self._temporary.name))
        with self._lock:
            self._uploads[upload.id] = upload
        return upload

    def upload(self, repository: str, identifier: str) -> Upload | None:
        with self._lock:
            found = self._uploads.get(identifier)
            return found if found is not None and found.repository == repository else None

    def end_upload(self, upload: Upload) -> None:
        with self._lock:
            self._uploads.pop(upload.id, None)
