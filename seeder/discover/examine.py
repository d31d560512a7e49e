"""One file: its bytes in, what the finders say of it and of every text inside it out."""

from __future__ import annotations

import codecs
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from msgspec import Struct, field

from seeder import files
from seeder.discover import markers
from seeder.errors import FileError
from seeder.finders import find
from seeder.finders.finding import MAX_DEPTH, Assigned, Built, Loaded, Sought, Source, Spent, Unparsed
from seeder.finders.formats import formats_of, may_hold
from seeder.folders import Entry
from seeder.model.occurrence import Mention
from seeder.syntax.text import Text, is_binary

MAX_MENTIONS = 50_000  # in one file; a workshop has some dozens
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # what PowerShell's `>` writes
# Below this, starting processes takes longer than the work.
_MANY_BYTES = 4 * 1024 * 1024
_MANY_FILES = 2000
_CHUNK = 256


# What else is to be made of each file, while its bytes are at hand; a function that another process can be given.
Beside = Callable[[str, bytes], object]


class Examined(Struct, kw_only=True):
    """What the finders saw in a file, and what was made of it besides."""

    path: str
    beside: object = None
    mentions: list[Mention] = field(default_factory=list)
    built: list[Built] = field(default_factory=list)
    assigned: list[Assigned] = field(default_factory=list)
    sought: list[Sought] = field(default_factory=list)
    loaded: list[Loaded] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def take(self, finding: Mention | Built | Assigned | Sought | Loaded | Spent | Unparsed) -> None:
        match finding:
            case Mention():
                self.mentions.append(finding)
            case Built():
                self.built.append(finding)
            case Assigned():
                self.assigned.append(finding)
            case Sought():
                self.sought.append(finding)
            case Loaded():
                self.loaded.append(finding)
            case Spent():
                self.spent.append(finding)
            case Unparsed(reason):
                self.unread.append(reason)

    @property
    def is_empty(self) -> bool:
        said = self.mentions or self.built or self.assigned or self.sought or self.loaded or self.spent
        return not (said or self.unread) and self.beside is None


def examined(entries: Iterable[Entry], beside: Beside | None = None) -> Iterator[Examined]:
    """What stands in each file, files with nothing left out; in several processes where that pays."""
    paths = [(entry.name, entry.place) for entry in entries if not entry.reason]
    workers = min(len(os.sched_getaffinity(0)), 8) if sys.platform == "linux" else 1
    if workers == 1 or threading.active_count() > 1 or not _is_much(paths):
        yield from _read_all(paths, beside)
        return
    chunks = [paths[at : at + _CHUNK] for at in range(0, len(paths), _CHUNK)]
    from seeder import forks  # noqa: PLC0415 - a tenth of the start of a command that needs no second process

    for results in forks.each(partial(_read_all, beside=beside), chunks, workers):
        yield from results


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


def _read_all(paths: Sequence[tuple[str, str]], beside: Beside | None) -> list[Examined]:
    return [found for path, absolute in paths if (found := _read(path, absolute, beside)) is not None]


def _read(path: str, absolute: str, beside: Beside | None) -> Examined | None:
    """What stands in a file; None for nothing."""
    try:
        data = files.read(absolute)
    except FileError as error:
        return Examined(path=path, unread=[error.message.replace("cannot read", "cannot be read", 1)])
    formats = formats_of(path)
    has_hint = markers.MARK in data or (formats and may_hold(formats, data))
    is_wide = formats and data.startswith(_UTF16)
    if not (has_hint or is_wide or beside):
        return None
    found = examine(path, data) if has_hint else Examined(path=path)
    if is_wide:
        found.unread = ["UTF-16: save it as UTF-8"]
    found.beside = beside(path, data) if beside else None
    return None if found.is_empty else found


def examine(path: str, data: bytes) -> Examined:
    """What stands in a file; total, and linear in its size."""
    found = Examined(path=path)
    if is_binary(data):
        found.unread += ["binary: it holds zero bytes"] if formats_of(path) else []
        return found
    source = Source(path=PurePosixPath(path), text=Text.of(data))
    _look(source, found)
    if markers.MARK in data:
        found.mentions = markers.marked(source.text, found.mentions)
    return found


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
            if len(found.mentions) >= MAX_MENTIONS:
                found.unread.append(f"it names {MAX_MENTIONS:,} images and more; what follows is not looked at")
                return
