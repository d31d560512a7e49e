"""Files: bounded reads, atomic writes, and what stands where."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from seeder.errors import DocumentError, FileChangedError, FileError
from seeder.unfinished import beside

LIMIT = 32 * 1024 * 1024
_BLOCK = 1024 * 1024
_HINTS = {
    errno.ENOSPC: "there is no space left: free some and run again",
    errno.EDQUOT: "the disk quota is used up: free some space and run again",
    errno.EROFS: "the file system is read-only: name another place",
    errno.EACCES: "the user that seeder runs as may not do that",
    errno.EPERM: "the user that seeder runs as may not do that",
    errno.EMFILE: "raise the limit of open files (ulimit -n; 64 is enough)",
    errno.ENFILE: "this machine has too many files open",
    errno.ENOENT: "check the path for typing errors",
}

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def read(path: Path | str, *, limit: int = LIMIT) -> bytes:
    """The bytes of a regular file; raises FileError (missing, unreadable, over `limit` bytes, not a regular file)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe does not block, and is refused
        try:
            data = _read(descriptor, path, limit)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise fault_of(error, "read", path) from error
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
    if data and len(data) == status.st_size:  # one more was asked for and was not there
        return data
    while len(data) <= limit and (more := os.read(descriptor, _BLOCK)):  # it grew, or its size is not told (/proc)
        data += more
    return data[: limit + 1]


def write_atomic(path: Path, data: bytes, *, root: Path | None = None) -> None:
    """Puts `data` in place of the file in one step; mode and owner stay, a symbolic link is written through.

    With `root`, a path that leads out of that folder is refused. Folders above `path` must exist. Raises FileError.
    """
    try:
        real = led_to(path)
        if root is not None and not real.is_relative_to(root.resolve()):
            raise FileError(f"cannot write: the path leads out of {root}, to {real}", where=str(path))
        old = _status(real)
        if old is not None:
            _check_regular(path, old)
            _check_writable(path, real)
        _replace(real, data, old)
    except FileError as error:
        error.where = error.where or str(path)
        raise
    except OSError as error:
        raise fault_of(error, "write", path) from error


def write_at_once(path: Path, data: bytes) -> None:
    """Puts a new file in its place as soon as it is written, and on the disk before it returns. Raises FileError.

    A KILL never leaves less than a whole file, a power cut may: for what is checked whenever it is read.
    """
    try:
        with beside(path) as (file, temporary):
            file.write(data)
            file.flush()
            temporary.replace(path)
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        raise fault_of(error, "write", path) from error


def write_if_changed(path: Path, data: bytes) -> bool:
    """As `write_atomic`, unless the file holds just that already; says whether it wrote. Raises FileError."""
    if holds(path, data):
        return False
    write_atomic(path, data)
    return True


def holds(path: Path, data: bytes) -> bool:
    """Whether a file is there and has just that in it. Raises FileError."""
    return exists(path) and read(path) == data


def replace(path: Path, old: bytes, new: bytes, *, root: Path) -> None:
    """As `write_atomic`, over a file that was read before; raises FileChangedError where it is no longer `old`."""
    if read(path) != old:
        raise FileChangedError(
            "changed between being read and being written; it was left as it is",
            where=str(path),
            hint="run the command again",
        )
    write_atomic(path, new, root=root)


def led_to(path: Path) -> Path:
    """Where the symbolic links of a path lead; not `Path.resolve`, which raises RuntimeError for those that go round in
    a circle (Python 3.11, 3.12): whoever opens what this names is told."""
    return Path(os.path.realpath(path))


def may_write(path: Path) -> bool:
    """Whether a file may be written, as far as it can be told without trying."""
    return os.access(path if exists(path) else path.parent, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it; one that is there is fine. Raises FileError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fault_of(error, "make the folder", path) from error


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
        raise fault_of(error, "read", path) from error
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
        raise fault_of(error, "read", path) from error


def remove(path: Path) -> None:
    """Removes a file; one that is not there is fine, on a read-only file system too. Raises FileError."""
    try:
        if os.path.lexists(path):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise fault_of(error, "remove", path) from error


def rename(old: Path, new: Path) -> None:
    """Gives a file or folder its final name. Raises FileError."""
    try:
        old.rename(new)
    except OSError as error:
        raise fault_of(error, "write", new) from error


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
            "cannot write: the file is write-protected", where=str(path), hint=f"chmod u+w {path}, if it is yours"
        )


def _replace(path: Path, data: bytes, old: os.stat_result | None) -> None:
    with beside(path) as (file, temporary):
        file.write(data)
        if old is not None:
            _keep_owner(file.fileno(), old)
            os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
        file.flush()
        os.fsync(file.fileno())
        temporary.replace(path)
    _sync_folder(path.parent)


def _keep_owner(descriptor: int, old: os.stat_result) -> None:
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except PermissionError as error:
        owner = f"{old.st_uid}:{old.st_gid}"
        raise FileError(
            f"cannot write: its owner and group, {owner}, would not stay", hint=f"run seeder as {owner}"
        ) from error


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


def fault_of(error: OSError, verb: str, path: Path | str) -> FileError:
    """What the system refused, as an error that says what was to be done to what, and what to try."""
    return FileError(f"cannot {verb}: {error.strerror or error}", hint=hint_for(error), where=str(path))


def hint_for(error: OSError) -> str:
    """What to try, empty where nothing is known."""
    return _HINTS.get(error.errno or 0, "")


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MiB"
