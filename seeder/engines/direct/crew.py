"""Threads that always take the most urgent task; nobody waits in one for another task to be done."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from enum import IntEnum

from seeder.threads import spawn

Task = Callable[[], None]


class Urgency(IntEnum):
    """What comes first: ending images, then learning what there is to do, then the bytes."""

    FINISH = 0
    READ = 1
    MOUNT = 2
    MOVE = 3


class Crew:
    """`size` threads at the most, started as they are needed. A task's exception is a bug and goes to `on_bug`."""

    def __init__(self, size: int, on_bug: Callable[[BaseException], None]) -> None:
        self._size = size
        self._on_bug = on_bug
        self._tasks: list[tuple[int, int, int, Task]] = []
        self._numbers = itertools.count()
        self._ready = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._closed = False

    def add(self, urgency: Urgency, task: Task, *, weight: int = 0) -> None:
        """Of the same urgency the heavier task comes first, then the older. After `close` nothing is taken."""
        with self._ready:
            if self._closed:
                return
            heapq.heappush(self._tasks, (urgency, -weight, next(self._numbers), task))
            self._ready.notify()
            # Whoever idles may have been woken for an earlier task, and not have taken it yet.
            if len(self._tasks) > self._idle and self._threads < self._size:
                self._threads += 1
                spawn(self._serve)

    def close(self, seconds: float = 0.0) -> None:
        """Drops what was not begun, and waits that long for what was."""
        until = time.monotonic() + seconds
        with self._ready:
            self._closed = True
            self._tasks.clear()
            self._ready.notify_all()
            while self._threads and (left := until - time.monotonic()) > 0:
                self._ready.wait(left)

    def _serve(self) -> None:
        try:
            while (task := self._next()) is not None:
                task()
        except BaseException as error:  # noqa: BLE001 - raised anew in the thread that drives the engine
            self._on_bug(error)
        finally:
            with self._ready:
                self._threads -= 1
                self._ready.notify_all()

    def _next(self) -> Task | None:
        with self._ready:
            while not self._tasks:
                if self._closed:
                    return None
                self._idle += 1
                self._ready.wait()
                self._idle -= 1
            return heapq.heappop(self._tasks)[3]
