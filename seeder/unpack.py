"""Files out of an archive into a folder that none of them escapes.

Only regular files and folders are made. Links inside the tree are left out, since what they name is unpacked itself; a
path or link that leads out, a device, or more than the budget is refused by name.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Self, cast

from msgspec import Struct

from seeder.errors import FileError

_MAGIC_AT, _MAGIC = 257, b"ustar"
_GZIP = b"\x1f\x8b"
_RECORDS = frozenset(
    {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
)
# What tarfile raises for archives that are none: also for a sparse map that is cut off, and headers behind headers.
BROKEN = (tarfile.TarError, EOFError, ValueError, zlib.error, IndexError, RecursionError)
_LONGEST_RECORD = 1 << 20
_DEEPEST = 100


class Budget(Struct):
    """What an artifact may hold at the most, in bytes and files; what is left of it."""

    bytes: int = 1 << 30
    files: int = 50_000

    def take(self, size: int, *, where: str, files: int = 0) -> None:
        """Raises FileError where it is used up."""
        self.bytes -= size
        self.files -= files
        if size < 0 or self.bytes < 0 or self.files < 0:
            raise FileError(
                "holds more than 1 GiB or 50,000 files: no workshop's files are that large",
                where=where,
                hint="check that the reference names the workshop's files and not an image",
                code="too-large",
            )


def is_tar(file: IO[bytes]) -> bool:
    """Whether it is a tar, gzipped or not; leaves the file at its start."""
    head = file.read(_MAGIC_AT + len(_MAGIC))
    file.seek(0)
    if head[_MAGIC_AT:] == _MAGIC:
        return True
    if not head.startswith(_GZIP):
        return False
    try:
        with gzip.GzipFile(fileobj=file) as content:
            return content.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC
    except (OSError, EOFError, zlib.error):
        return False
    finally:
        file.seek(0)


class _Header(tarfile.TarInfo):
    """A header whose long names and extended records are bounded: tarfile reads them whole.

    `_proc_member` is the entry point that tarfile's source offers to subclasses, in 3.11 as in 3.13.5, which no
    longer comes by `frombuf`.
    """

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        if self.type in _RECORDS and self.size > _LONGEST_RECORD:
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        return cast("Self", super()._proc_member(archive))  # type: ignore[misc] # not in typeshed


def tar(file: IO[bytes], folder: Path, budget: Budget, *, where: str) -> None:
    """Unpacks an archive; raises FileError for what would escape, for devices and for broken archives."""
    try:
        with tarfile.open(fileobj=file, mode="r|*", tarinfo=_Header) as archive:
            for member in archive:
                _take(archive, member, folder, budget, where)
    except BROKEN as error:
        raise FileError(f"is a broken archive: {error}", where=where) from error
    except OSError as error:
        raise FileError(f"cannot be unpacked: {error.strerror or error}", where=where) from error


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, budget: Budget, where: str) -> None:
    path = _inside(member.name, where)
    budget.take(max(member.size, 0), where=where, files=1)
    if member.issym() or member.islnk():
        base = path.parent if member.issym() else PurePosixPath()
        _inside(str(base / member.linkname), where, by=member.name)
    elif member.isdir():
        (folder / path).mkdir(parents=True, exist_ok=True)
    elif member.isreg():
        content = archive.extractfile(member)
        if content is not None:
            _write(content, folder / path)
    else:
        raise FileError(f"holds {member.name!r}, which is a device or pipe: refused", where=where, code="unsafe-path")


def single(file: IO[bytes], folder: Path, title: str, budget: Budget, *, where: str) -> None:
    """One file under the name that its annotation gives."""
    path = _inside(title, where)
    if not path.parts:
        raise FileError(f"holds {title!r}, which names no file: refused", where=where, code="unsafe-path")
    budget.take(0, where=where, files=1)
    try:
        _write(file, folder / path)
    except (OSError, ValueError) as error:  # ValueError: JSON has characters that no name of a file can have
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot be unpacked: {title[:80]!r}: {reason}", where=where) from error


def _inside(name: str, where: str, by: str = "") -> PurePosixPath:
    """The path, if it stays inside; raises FileError."""
    steps: list[str] = []
    escapes = name.startswith("/") or "\0" in name
    for step in PurePosixPath(name).parts:
        if step == ".." and not steps:
            escapes = True
        elif step == "..":
            steps.pop()
        else:
            steps.append(step)
    if len(steps) > _DEEPEST:
        raise FileError(f"holds a path of {len(steps)} folders: refused", where=where, code="unsafe-path")
    if escapes:
        told = f"{by!r}, a link to {name!r}" if by else repr(name)
        raise FileError(f"holds {told}, which leads out of the tree: refused", where=where, code="unsafe-path")
    return PurePosixPath(*steps)


def _write(content: IO[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as made:
        shutil.copyfileobj(content, made, 1 << 20)
