"""OCI image layouts (image-layout.md): folders and tars with blobs by digest, and one `index.json` that has names."""

from __future__ import annotations

from pathlib import Path

from seeder import files
from seeder.layout.archive import Archive
from seeder.layout.content import NAME
from seeder.layout.folder import Layout, create, open_layout
from seeder.layout.images import Images
from seeder.layout.packed import Packed

__all__ = ["NAME", "Archive", "Images", "Layout", "Packed", "create", "open_layout", "readable", "writable"]


def readable(path: Path) -> Images:
    """The folder or tar at a path. Raises FileError where no layout stands there."""
    return open_layout(path) if files.is_folder(path) or not files.exists(path) else Archive(path)


def writable(path: Path) -> Images:
    """The same, made where nothing is there yet: what is called `.tar` is one. Raises FileError."""
    return Packed(path) if is_tar(path) else create(path)


def is_tar(path: Path) -> bool:
    """Whether a path stands for a tar: one is there, or its name says so and no folder is."""
    return files.is_file(path) or (path.suffix == ".tar" and not files.is_folder(path))
