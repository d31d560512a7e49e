"""The bodies that are under way: how much of each is in memory, and an end for all of them."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seeder.errors import EngineError
from seeder.registry.open_blob import OpenBlob

LARGEST_BLOCK = 1 << 20
SMALLEST_BLOCK = 128 << 10
BUDGET = 12 << 20  # bytes of blocks in memory, over all streams


class Streams:
    """The bodies that are under way: the more there are, the smaller their blocks.

    Blocks are read into memory that is used again, the last first; what of it was never filled takes none.
    """

    def __init__(self) -> None:
        self._idle: list[mmap.mmap] = []
        self._open: dict[OpenBlob, Callable[[], bool]] = {}
        self._lock = threading.Lock()
        self.is_stopped = False

    @property
    def block(self) -> int:
        return max(SMALLEST_BLOCK, min(LARGEST_BLOCK, BUDGET // max(1, len(self._open))))

    @contextmanager
    def memory(self) -> Iterator[memoryview]:
        """`LARGEST_BLOCK` bytes for one body."""
        try:
            lent = self._idle.pop()
        except IndexError:
            lent = mmap.mmap(-1, LARGEST_BLOCK)
        try:
            yield memoryview(lent)
        finally:
            self._idle.append(lent)

    def began(self, body: OpenBlob, is_wanted: Callable[[], bool]) -> None:
        with self._lock:
            self._open[body] = is_wanted
            if self.is_stopped:  # since it was asked for
                body.interrupt()

    def ended(self, body: OpenBlob) -> None:
        with self._lock:
            self._open.pop(body, None)

    def drop(self) -> None:
        """Ends those that nobody waits for any more: one that trickles would keep its thread for ever."""
        with self._lock:
            for body, is_wanted in self._open.items():
                if not is_wanted():
                    body.interrupt()

    def check(self) -> None:
        """Raises EngineError once the run was told to stop."""
        if self.is_stopped:
            raise EngineError("the run was stopped", code="stopped")

    def stop(self) -> None:
        """Ends all of them, wherever they wait."""
        with self._lock:
            self.is_stopped = True
            for body in self._open:
                body.interrupt()
