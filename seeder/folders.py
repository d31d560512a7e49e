"""Folders: walked and copied without leaving them."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from operator import attrgetter
from pathlib import Path, PurePosixPath

from msgspec import Struct

from seeder.files import fault_of

_NAME = attrgetter("name")
# Folders of version control, dependencies and caches: what stands there is not the author's.
_HISTORIES = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"})
_SKIPPED = _HISTORIES | frozenset(
    {"node_modules", "__pycache__", ".venv", ".tox", ".nox"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform", ".gradle"}
)


class Entry(Struct, frozen=True, kw_only=True):
    """A file of a tree: its path below the root, with `/` between parts, and the `place` to open.

    `reason` is why it is not to be read, empty where it is.
    """

    name: str
    place: str
    reason: str = ""

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.name)


def copy(source: Path, destination: Path, replaced: Mapping[str, bytes] | None = None) -> None:
    """Copies a folder (or a file, into a new folder) with modes and times; what leads out of it stays behind.

    `replaced` gives files, by their paths below the source, other bytes than they have. Version control, sockets and
    pipes stay behind as well; links inside the tree stay links. Raises FileError.
    """
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            _copy(str(source), destination, source.resolve(), dict(replaced or {}))
        else:
            destination.mkdir()
            _copy_file(str(source.resolve()), destination / source.name, (replaced or {}).get(source.name))
    except OSError as error:
        raise fault_of(error, "copy", error.filename or source) from error


def _copy(folder: str, destination: Path, root: Path, replaced: Mapping[str, bytes], below: str = "") -> None:
    """Not `shutil.copytree`, which goes on when the disk is full, and tells the reasons as texts.

    A folder gets its mode last: one that may not be written to is filled before.
    """
    destination.mkdir()
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        name = below + entry.name
        if entry.name in _HISTORIES or _leads_away(Path(entry.path), root):
            continue
        if entry.is_dir(follow_symlinks=False):
            _copy(entry.path, destination / entry.name, root, replaced, f"{name}/")
        else:
            _copy_file(entry.path, destination / entry.name, replaced.get(name))
    shutil.copystat(folder, destination)


def _copy_file(source: str, destination: Path, data: bytes | None) -> None:
    if data is None:
        shutil.copy2(source, destination, follow_symlinks=False)
    else:
        destination.write_bytes(data)
        shutil.copymode(source, destination)


def discard(folder: Path) -> None:
    """Removes a copy as far as that goes, with what is write-protected in it."""
    with suppress(OSError):
        for inner, _, _ in os.walk(folder):
            Path(inner).chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


def _leads_away(path: Path, root: Path) -> bool:
    if path.is_symlink():
        return path.readlink().is_absolute() or bool(_link_fault(path, root))
    return not (path.is_dir() or path.is_file())


def walk(root: Path) -> Iterator[Entry]:
    """The files below a folder (or the one file), sorted by path.

    Symbolic links are not followed: what they name inside the tree comes under its own path, what lies outside is
    listed with a reason. Folders of version control and dependencies are left out. Raises FileError without a root.
    """
    try:
        status = root.stat()
    except OSError as error:
        raise fault_of(error, "read", root) from error
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(str(root), root.resolve())
    else:
        yield Entry(name=root.name, place=str(root), reason=_fault(status.st_mode))


def _walk(folder: str, root: Path) -> Iterator[Entry]:
    """Strings, not Paths: a tree may have ten thousand files, and most hold nothing."""
    pending = list(_listed(folder, ""))
    while pending:
        entry = pending.pop()
        if isinstance(entry, Entry):
            yield entry
            continue
        found, name = entry
        if found.is_file(follow_symlinks=False):
            yield Entry(name=name, place=found.path)
        elif found.is_symlink():
            reason = _link_fault(Path(found.path), root)
            if reason:
                yield Entry(name=name, place=found.path, reason=reason)
        elif not found.is_dir(follow_symlinks=False):
            yield Entry(name=name, place=found.path, reason=_fault(0))
        elif not _is_skipped(found):
            pending += _listed(found.path, name + "/")


def _listed(folder: str, below: str) -> list[tuple[os.DirEntry[str], str] | Entry]:
    """What stands in a folder, last name first."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_NAME, reverse=True)
    except OSError as error:
        name = below.removesuffix("/") or "."
        return [Entry(name=name, place=folder, reason=f"the folder cannot be read: {error.strerror}")]
    return [(entry, below + entry.name) for entry in entries]


def _is_skipped(entry: os.DirEntry[str]) -> bool:
    return entry.name in _SKIPPED or (entry.name == "venv" and Path(entry.path, "pyvenv.cfg").exists())


def _link_fault(link: Path, root: Path) -> str:
    """Why a link is listed as unread; empty where it names something inside the tree."""
    try:
        real = link.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop (Python 3.11, 3.12)
        return "a symbolic link that leads nowhere"
    return "" if real.is_relative_to(root) else "a symbolic link out of the tree"


def _fault(mode: int) -> str:
    return "" if stat.S_ISREG(mode) else "not a regular file"
