"""Files that are being written: each stands beside the one whose place it will take, until it is whole."""

from __future__ import annotations

import fcntl
import glob
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_TEMPORARY = ".tmp"
_NAME = 100  # characters of a file's name in that of a temporary one
_NEW = 1.0  # seconds
_PATIENCE, _NAP = 2.0, 0.01  # seconds


@contextmanager
def beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside the path; where what is done with it breaks off, by a signal too, it is gone.

    Its lock says that somebody writes it: see `sweep`.
    """
    temporary = path.with_name(f".{path.name[:_NAME]}.{os.urandom(6).hex()}{_TEMPORARY}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            with suppress(OSError):  # where there are no locks nothing is swept either
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file, temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Within it no other process is within it too for that folder: for what is read, changed and written again.

    Where there are no locks, or whoever started seeder holds this one, it is not waited for.
    """
    with ExitStack() as held:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            _lock(descriptor)
        yield


def _lock(descriptor: int) -> None:
    """Raises OSError where it is somebody else's for longer than writing a file takes."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
        time.sleep(_NAP)


def sweep(folder: Path, name: str = "") -> None:
    """Removes what runs that were killed left half written in a folder, of the file of that name or of all."""
    for left in folder.glob(f".{glob.escape(name[:_NAME])}*{_TEMPORARY}"):
        with suppress(OSError), left.open("rb") as file:
            if time.time() - os.fstat(file.fileno()).st_mtime < _NEW:  # it may not have its lock yet
                continue
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
