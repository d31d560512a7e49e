"""What every OCI layout is, whether folder or tar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest


class Images(Protocol):
    """Thread-safe; see `folder.Layout` for what each does and raises. One that is only read has no names to give."""

    @property
    def path(self) -> Path: ...

    def names(self) -> dict[str, Descriptor]: ...

    def name(self, given: Mapping[str, Descriptor]) -> None: ...

    def state(self) -> tuple[int, ...]: ...

    def manifest(self, digest: Digest) -> Manifest: ...

    def put_manifest(self, manifest: Manifest) -> None: ...

    def size(self, digest: Digest) -> int | None: ...

    def open(self, digest: Digest) -> BinaryIO: ...

    def put_blob(self, digest: Digest, pieces: Iterable[bytes | memoryview]) -> None: ...

    def settle(self) -> None:
        """Makes what was put the file that others see. Raises FileError."""

    def close(self) -> None: ...
