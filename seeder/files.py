"""Files: bounded reads, atomic writes, and a walk that stays inside its tree."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path, PurePosixPath

from seeder.errors import DocumentError, FileError

LIMIT = 32 * 1024 * 1024
_BLOCK = 1024 * 1024
_NAME = attrgetter("name")
# Folders of version control, dependencies and caches: what stands there is not the author's.
_HISTORIES = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"})
_SKIPPED = _HISTORIES | frozenset(
    {"node_modules", "__pycache__", ".venv", ".tox", ".nox"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform", ".gradle"}
)
_HINTS = {
    errno.ENOSPC: "there is no space left: free some and run again",
    errno.EDQUOT: "the disk quota is used up: free some space and run again",
    errno.EROFS: "the file system is read-only: name another place (--lock, --output-dir, --report)",
    errno.EACCES: "the user that seeder runs as may not do that",
    errno.EPERM: "the user that seeder runs as may not do that",
    errno.EMFILE: "raise the limit of open files (ulimit -n; 64 is enough)",
    errno.ENFILE: "this machine has too many files open",
    errno.ENOENT: "check the path for typing errors",
}

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of a tree: its path below the root, with `/` between parts, and the `place` to open.

    `reason` is why it is not to be read, empty where it is.
    """

    name: str
    place: str
    reason: str = ""

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.name)

    @property
    def absolute(self) -> Path:
        return Path(self.place)


def read(path: Path | str, *, limit: int = LIMIT) -> bytes:
    """The bytes of a regular file; raises FileError (missing, unreadable, over `limit` bytes, not a regular file)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe does not block, and is refused
        try:
            data = _read(descriptor, path, limit)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _mapped(error, "read", path) from error
    if len(data) > limit:
        raise FileError(f"cannot read: larger than {_mib(limit)}", where=str(path))
    return data


def read_document(path: Path, *, limit: int = LIMIT, named_by: str = "") -> bytes:
    """As `read`, of a file that has to be put right before anything is done; raises DocumentError.

    `named_by` is the setting of the environment that names it.
    """
    try:
        return read(path, limit=limit)
    except FileError as error:
        hint = "; ".join(filter(None, [f"{named_by} names it" if named_by else "", error.hint]))
        raise DocumentError(error.message, where=error.where, hint=hint) from error


def _read(descriptor: int, path: Path | str, limit: int) -> bytes:
    """All there is, up to one byte more than `limit`."""
    status = os.fstat(descriptor)
    _check_regular(path, status)
    data = os.read(descriptor, min(status.st_size, limit) + 1)
    while len(data) <= limit and (more := os.read(descriptor, _BLOCK)):  # it grew, or its size is not told (/proc)
        data += more
    return data[: limit + 1]


def write_atomic(path: Path, data: bytes, *, root: Path | None = None) -> None:
    """Puts `data` in place of the file in one step; mode and owner stay, a symbolic link is written through.

    With `root`, a path that leads out of that folder is refused. Folders above `path` must exist. Raises FileError.
    """
    try:
        real = path.resolve()
        if root is not None and not real.is_relative_to(root.resolve()):
            raise FileError(f"cannot write: the path leads out of {root}, to {real}", where=str(path))
        old = _status(real)
        if old is not None:
            _check_regular(path, old)
            _check_writable(path, real)
        _replace(real, data, old)
    except OSError as error:
        raise _mapped(error, "write", path) from error


def is_file(path: Path) -> bool:
    """Whether a file stands there; not for those who may not look (`HOME=/root` in a pod of another user)."""
    return _kind(path, stat.S_ISREG)


def is_folder(path: Path) -> bool:
    """Whether a folder stands there; not for those who may not look."""
    return _kind(path, stat.S_ISDIR)


def exists(path: Path) -> bool:
    """Whether anything stands there; raises FileError where that cannot be known (a folder that may not be read)."""
    try:
        path.stat()
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise _mapped(error, "read", path) from error
    except ValueError:  # a zero byte in the name
        return False
    return True


def _kind(path: Path, test: Callable[[int], bool]) -> bool:
    try:
        return test(path.stat().st_mode)
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return False


def is_empty(path: Path) -> bool:
    """Whether it is a folder that holds nothing; raises FileError where it may not be read."""
    if not is_folder(path):
        return False
    try:
        return not any(path.iterdir())
    except OSError as error:
        raise _mapped(error, "read", path) from error


def remove(path: Path) -> None:
    """Removes a file; one that is not there is fine, on a read-only file system too. Raises FileError."""
    try:
        if os.path.lexists(path):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise _mapped(error, "remove", path) from error


def rename(old: Path, new: Path) -> None:
    """Gives a file or folder its final name. Raises FileError."""
    try:
        old.rename(new)
    except OSError as error:
        raise _mapped(error, "write", new) from error


def copy_tree(source: Path, destination: Path) -> None:
    """Copies a folder (or a file, into a new folder) with modes and times; what leads out of it stays behind.

    Version control, sockets and pipes stay behind as well; links inside the tree stay links. Raises FileError.
    """
    try:
        if source.is_dir():
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, destination, symlinks=True, ignore=_not_to_be_copied(source.resolve()))
        else:
            destination.mkdir(parents=True)
            shutil.copy2(source, destination)
    except shutil.Error as error:
        path, _, why = error.args[0][0]
        raise FileError(f"cannot copy: {why}", where=str(path)) from error
    except OSError as error:
        raise _mapped(error, "copy", Path(error.filename2 or error.filename or source)) from error


def _not_to_be_copied(root: Path) -> Callable[[str, list[str]], set[str]]:
    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in _HISTORIES or _leads_away(Path(folder, name), root)}

    return left_out


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
        raise _mapped(error, "read", root) from error
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


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _check_regular(path: Path | str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise FileError(f"is {kind}; a file is needed here", where=str(path))


def _check_writable(path: Path, real: Path) -> None:
    """A new file could take the place of a write-protected one; whoever protected it did not want that."""
    if not os.access(real, os.W_OK) and os.access(real.parent, os.W_OK):
        raise FileError(
            f"cannot write {path}: the file is write-protected",
            where=str(path),
            hint=f"chmod u+w {path}, if it is yours",
        )


def _replace(path: Path, data: bytes, old: os.stat_result | None) -> None:
    temporary = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if old is not None:
                _keep_owner(descriptor, old)
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:  # a signal too must leave no half-written file behind
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _keep_owner(descriptor: int, old: os.stat_result) -> None:
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(descriptor, old.st_uid, old.st_gid)


def _sync_folder(folder: Path) -> None:
    """Makes the new name outlive a power cut; some file systems cannot, and have their own ways."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EROFS}:
            raise
    finally:
        os.close(descriptor)


def _mapped(error: OSError, verb: str, path: Path | str) -> FileError:
    return FileError(f"cannot {verb}: {error.strerror or error}", hint=hint_for(error), where=str(path))


def hint_for(error: OSError) -> str:
    """What to try, empty where nothing is known."""
    return _HINTS.get(error.errno or 0, "")


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MiB"
