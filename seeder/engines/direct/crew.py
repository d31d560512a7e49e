"""Threads that always take the most urgent task; nobody waits in one for another task to be done."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from msgspec import Struct, field

from seeder.threads import spawn

Task = Callable[[], None]
# Bytes of a source's blobs that move at the same time, enough for 1 Gbit/s and 40 ms a request. Streams share a line:
# with more of them all images would end at the end, and of a run that breaks off nothing would be done.
LOAD = 16 << 20
FEW = 12  # that many blobs of a source move whatever their size
# Bytes of blobs that wait to be moved, beyond which no manifest is read: each is a pull, and lost where the store is.
AHEAD = 256 << 20


class Urgency(IntEnum):
    """What comes first: ending images, then learning what there is to do, then the bytes."""

    FINISH = 0
    MOUNT = 1
    READ = 2
    MOVE = 3


class _Work(NamedTuple):
    """Ordered by the first three; `number` says which came first. `load` are the bytes that it moves from `source`."""

    urgency: Urgency
    lightness: int
    number: int
    task: Task
    load: int = 0
    source: str = ""


class _Line(Struct):
    """The blobs of one source: those that wait, and how much of them moves. A source that stalls holds up its own."""

    waiting: list[_Work] = field(default_factory=list)
    moving: int = 0
    load: int = 0

    @property
    def has_room(self) -> bool:
        return bool(self.waiting) and (self.moving < FEW or self.load + self.waiting[0].load <= LOAD)

    def begin(self) -> _Work:
        work = heapq.heappop(self.waiting)
        self.moving += 1
        self.load += work.load
        return work

    def end(self, work: _Work) -> None:
        self.moving -= 1
        self.load -= work.load


class Crew:
    """`size` threads at the most, started as they are needed. A task's exception is a bug and goes to `on_bug`."""

    def __init__(self, size: int, on_bug: Callable[[BaseException], None]) -> None:
        self._size = size
        self._on_bug = on_bug
        self._tasks: list[_Work] = []
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._numbers = itertools.count()
        self._ready = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._ahead = 0
        self._closed = False

    def add(self, urgency: Urgency, task: Task) -> None:
        """Of the same urgency the older comes first. After `close` nothing is taken."""
        self._add(_Work(urgency, 0, next(self._numbers), task))

    def move(self, source: str, task: Task, *, load: int, weight: int = 0) -> None:
        """Moves so many bytes from a source's host, the heavier first, as soon as its line has room."""
        self._add(_Work(Urgency.MOVE, -weight, next(self._numbers), task, load, source))

    def _add(self, work: _Work) -> None:
        with self._ready:
            if self._closed:
                return
            moves = work.urgency is Urgency.MOVE
            heapq.heappush(self._lines[work.source].waiting if moves else self._tasks, work)
            self._ahead += work.load
            self._ready.notify()
            # Whoever idles may have been woken for an earlier task, and not have taken it yet.
            if self._may_begin > self._idle:
                self._grow()

    def _grow(self) -> None:
        if self._threads < self._size:
            self._threads += 1
            spawn(self._serve)

    def close(self, seconds: float = 0.0) -> None:
        """Drops what was not begun, and waits that long for what was."""
        until = time.monotonic() + seconds
        with self._ready:
            self._closed = True
            self._tasks.clear()
            for line in self._lines.values():
                line.waiting.clear()
            self._ready.notify_all()
            while self._threads and (left := until - time.monotonic()) > 0:
                self._ready.wait(left)

    def _serve(self) -> None:
        try:
            while (work := self._next()) is not None:
                work.task()
                self._ended(work)
        except BaseException as error:  # noqa: BLE001 - raised anew in the thread that drives the engine
            self._on_bug(error)
        finally:
            with self._ready:
                self._threads -= 1
                self._ready.notify_all()

    def _next(self) -> _Work | None:
        with self._ready:
            while (work := self._taken()) is None:
                if self._closed:
                    return None
                self._idle += 1
                self._ready.wait()
                self._idle -= 1
            if self._may_begin:  # what was held back may begin now, and nobody was woken for it
                self._ready.notify()
                if not self._idle:
                    self._grow()
            return work

    @property
    def _may_begin(self) -> int:
        """How many tasks could be taken now, or a few more: a line fills up as they are."""
        tasks = len(self._tasks) if self._has_task else 0
        return tasks + sum(len(line.waiting) for line in self._lines.values() if line.has_room)

    @property
    def _has_task(self) -> bool:
        return bool(self._tasks) and (self._tasks[0].urgency is not Urgency.READ or self._ahead <= AHEAD)

    def _taken(self) -> _Work | None:
        """The most urgent task that may begin."""
        if self._has_task:
            return heapq.heappop(self._tasks)
        free = [line for line in self._lines.values() if line.has_room]
        if not free:
            return None
        work = min(free, key=lambda line: line.waiting[0]).begin()
        self._ahead -= work.load
        return work

    def _ended(self, work: _Work) -> None:
        if work.urgency is not Urgency.MOVE:
            return
        with self._ready:
            self._lines[work.source].end(work)
