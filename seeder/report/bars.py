"""Bars on a terminal: one over all, and one for each of the few images that move just now."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.engines.protocol import OnEvent
from seeder.model.copy import Copy
from seeder.model.reference import ImageReference
from seeder.report.tally import Tally

SHOWN = 8  # images at once: a terminal is not high, and 32 may be under way
_NAME = 40


class _Bytes(ProgressColumn):
    """Bytes and their rate, once some moved: engines that cannot tell leave it empty."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> Text:
        shown = self._column.render(task) if task.fields["counts_bytes"] else ""
        return shown if isinstance(shown, Text) else Text(str(shown))


class _Line(Struct):
    """An image's bar; `size` grows as manifests are read."""

    task: TaskID
    size: int = 0
    moved: int = 0
    is_shown: bool = False


@contextmanager
def bars(copies: Sequence[Copy]) -> Iterator[OnEvent]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        _Bytes(DownloadColumn()),
        _Bytes(TransferSpeedColumn()),
        _Bytes(TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield Board(shown, len(copies)).hear


class Board:
    """Keeps the bars up to date; thread-safe."""

    def __init__(self, shown: Progress, total: int) -> None:
        self._progress = shown
        self._tally = Tally(total)
        self._all = shown.add_task(self._title(), total=total, counts_bytes=False)
        self._lines: dict[ImageReference, _Line] = {}
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        self._tally.hear(event)
        with self._lock:
            match event:
                case Started(copy):
                    self._begin(copy)
                case Sized(copy, size):
                    self._grow(copy, size=size)
                case BytesMoved(copy, count):
                    self._grow(copy, moved=count)
                case Mounted(copy, count):
                    self._grow(copy, size=-count)
                case Finished(copy):
                    self._end(copy)
            self._redraw()

    def _redraw(self) -> None:
        """The bar over all goes by bytes, and by images until the first byte is told."""
        tally = self._tally
        done, total = (tally.moved, tally.sized) if tally.moved else (tally.done, tally.total)
        self._progress.update(
            self._all, description=self._title(), completed=done, total=total, counts_bytes=bool(tally.moved)
        )

    def _title(self) -> str:
        return f"{self._tally.done}/{self._tally.total} images"

    def _begin(self, copy: Copy) -> None:
        name = escape(copy.pin.reference.familiar()[-_NAME:])
        line = _Line(self._progress.add_task(f"  {name}", total=None, visible=False, counts_bytes=False))
        self._lines[copy.pin.reference] = line
        self._show(line)

    def _grow(self, copy: Copy, *, size: int = 0, moved: int = 0) -> None:
        line = self._lines.get(copy.pin.reference)
        if line is None:
            return
        line.size += size
        line.moved += moved
        if moved and not line.is_shown:
            self._make_room()
            self._show(line)
        self._progress.update(line.task, completed=line.moved, total=line.size or None, counts_bytes=bool(line.moved))

    def _show(self, line: _Line) -> None:
        if sum(each.is_shown for each in self._lines.values()) < SHOWN:
            line.is_shown = True
            self._progress.update(line.task, visible=True)

    def _make_room(self) -> None:
        """Hides an image of which nothing moved yet, if the place is taken."""
        shown = [each for each in self._lines.values() if each.is_shown]
        idle = next((each for each in shown if not each.moved), None)
        if len(shown) >= SHOWN and idle is not None:
            idle.is_shown = False
            self._progress.update(idle.task, visible=False)

    def _end(self, copy: Copy) -> None:
        line = self._lines.pop(copy.pin.reference, None)
        if line is None:
            return
        self._progress.remove_task(line.task)
        waiting = next((each for each in self._lines.values() if not each.is_shown), None)
        if waiting is not None:
            self._show(waiting)
