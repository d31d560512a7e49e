"""A workshop of a catalog, as it was found on disk."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from seeder import files
from seeder.model.occurrence import Occurrence, Unread, path_of


class Tree(Struct, frozen=True, kw_only=True):
    """A workshop of a catalog and what was found in it.

    `name` is its path relative to the catalog's folder, as the rewrite record names it; `root` is how it is shown.
    """

    name: str
    root: str
    path: Path
    occurrences: tuple[Occurrence, ...]
    unread: tuple[Unread, ...]

    def file(self, name: str) -> Path:
        """Where a file of the tree stands; a tree may be one file."""
        return self.path if files.is_file(self.path) else self.path / name

    @property
    def folder(self) -> Path:
        """What no file of the tree may lead out of."""
        return self.path.parent if files.is_file(self.path) else self.path

    def shown(self, name: str) -> str:
        """A file's path for people."""
        return path_of(self.root, name)
