"""One file: its bytes in, what the finders say of it and of every text inside it out."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from seeder import files
from seeder.discover import markers
from seeder.errors import FileError
from seeder.files import Entry
from seeder.finders import Finder, find, finders, hints
from seeder.finders.finding import Assigned, Built, Sought, Source, Unparsed
from seeder.model.occurrence import Mention
from seeder.syntax.text import Text

MAX_DEPTH = 8  # texts in texts; deeper ones are listed as unread
_HEAD = 8192  # where a zero byte makes a file binary, as grep and git judge
# Below this, starting processes takes longer than the work.
_MANY_BYTES = 4 * 1024 * 1024
_MANY_FILES = 2000
_CHUNK = 256
_EMPTY = Text.of(b"")
_WORDS = bytes(byte if chr(byte).isalnum() else 32 for byte in range(256))


@dataclass(slots=True, kw_only=True)
class Examined:
    """What the finders saw in a file."""

    path: str
    mentions: list[Mention] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    assigned: list[Assigned] = field(default_factory=list)
    sought: list[Sought] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def take(self, finding: Mention | Built | Assigned | Sought | Unparsed) -> None:
        match finding:
            case Mention():
                self.mentions.append(finding)
            case Built(name):
                self.built.append(name)
            case Assigned():
                self.assigned.append(finding)
            case Sought():
                self.sought.append(finding)
            case Unparsed(reason):
                self.unread.append(reason)

    @property
    def is_empty(self) -> bool:
        return not (self.mentions or self.built or self.assigned or self.sought or self.unread)


def examined(entries: Iterable[Entry]) -> Iterator[Examined]:
    """What stands in each file, files with nothing left out; in several processes where that pays."""
    paths = [(str(entry.path), str(entry.absolute)) for entry in entries if not entry.reason]
    workers = min(len(os.sched_getaffinity(0)), 8) if sys.platform == "linux" else 1
    if workers == 1 or threading.active_count() > 1 or not _is_much(paths):
        yield from _read_all(paths)
        return
    chunks = [paths[at : at + _CHUNK] for at in range(0, len(paths), _CHUNK)]
    import multiprocessing  # noqa: PLC0415 - a tenth of the start of a command that needs no second process
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    finders()  # loaded once, before the processes part
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))
    try:
        for results in pool.map(_read_all, chunks):
            yield from results
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what has not begun


def _is_much(paths: Sequence[tuple[str, str]]) -> bool:
    if len(paths) > _MANY_FILES:
        return True
    total = 0
    for _, absolute in paths:
        try:
            total += os.stat(absolute).st_size  # noqa: PTH116 - a Path a file costs more than the rest of it
        except OSError:
            continue
    return total > _MANY_BYTES


def _read_all(paths: Sequence[tuple[str, str]]) -> list[Examined]:
    return [found for path, absolute in paths if not (found := _read(path, absolute)).is_empty]


def _read(path: str, absolute: str) -> Examined:
    try:
        data = files.read(Path(absolute))
    except FileError as error:
        return Examined(path=path, unread=[error.message])
    return examine(PurePosixPath(path), data)


def examine(path: PurePosixPath, data: bytes) -> Examined:
    """What stands in a file; total, and linear in its size."""
    found = Examined(path=str(path))
    named = _named(path)
    is_marked = markers.MARK in data
    if not is_marked and not (named and _may_hold(named, data)):
        return found
    if b"\0" in data[:_HEAD]:
        found.unread += ["binary: it holds zero bytes"] if named else []
        return found
    source = Source(path=path, text=Text.of(data))
    _look(source, found)
    if is_marked:
        found.mentions = markers.marked(source.text, found.mentions)
    return found


def _named(path: PurePosixPath) -> list[Finder]:
    """The finders that a file's name calls for."""
    source = Source(path=path, text=_EMPTY)
    return [finder for finder in finders() if finder.matches(source)]


def _may_hold(named: Sequence[Finder], data: bytes) -> bool:
    """Whether a hint of one of the finders stands in the file.

    Hints of letters and digits alone are looked for among the file's distinct words, which are fewer than its bytes.
    """
    wanted = [hints(finder) for finder in named]
    if not all(wanted):
        return True  # a finder that cannot say
    words = b" ".join(set(data.translate(_WORDS).split()))
    return any(hint in (words if hint.isalnum() else data) for hint in set().union(*wanted))


def _look(source: Source, found: Examined) -> None:
    pending = deque([source])
    while pending:
        inner = pending.popleft()
        if inner.depth > MAX_DEPTH:
            found.unread.append(f"texts inside texts, more than {MAX_DEPTH} deep, are not looked into")
            continue
        for finding in find(inner):
            if isinstance(finding, Source):
                pending.append(finding)
            else:
                found.take(finding)
