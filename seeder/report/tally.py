"""What became of a pass of copies so far, in images and bytes."""

from __future__ import annotations

import threading
from collections import Counter

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.model.copy import Result
from seeder.numbers import human


class Tally:
    """Thread-safe. `moved` are bytes that arrived at the target, `sized` those of all images as far as read, save for
    what was mounted.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.moved = 0
        self.sized = 0
        self._results: Counter[Result] = Counter()
        self._under_way = 0
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        with self._lock:
            match event:
                case Started():
                    self._under_way += 1
                case Finished(outcome=outcome):
                    self._under_way -= 1
                    self._results[outcome.result] += 1
                case Sized(size=size):
                    self.sized += size
                case BytesMoved(count=count):
                    self.moved += count
                case Mounted(count=count):
                    self.sized -= count

    @property
    def done(self) -> int:
        return self._results.total()

    def __str__(self) -> str:
        with self._lock:
            others = [f"{count} {result.value}" for result, count in self._results.items() if result != Result.COPIED]
            parts = [f"{self._results[Result.COPIED]} of {self.total} images copied", *others]
            if self._under_way:
                parts.append(f"{self._under_way} under way")
            if self.moved:
                parts.append(f"{human(self.moved)} moved")
            return ", ".join(parts)
