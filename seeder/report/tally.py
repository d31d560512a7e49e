"""What became of a pass of copies so far, in images and bytes."""

from __future__ import annotations

import threading
from collections import Counter

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.model.outcome import Result
from seeder.model.reference import ImageReference
from seeder.numbers import human


class Tally:
    """Thread-safe. `moved` are bytes that arrived at the target, `sized` those of all images as far as read, save for
    what was mounted. An image that is tried a second time is under way again, and counted once.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.moved = 0
        self.sized = 0
        self._results: dict[ImageReference, Result] = {}
        self._sizes: dict[ImageReference, int] = {}
        self._under_way = 0
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        reference = event.copy.pin.reference
        with self._lock:
            match event:
                case Started():
                    self._under_way += 1
                    self._results.pop(reference, None)
                    self.sized -= self._sizes.pop(reference, 0)
                case Finished(outcome=outcome):
                    self._under_way -= 1
                    self._results[reference] = outcome.result
                case Sized(size=size):
                    self._grow(reference, size)
                case BytesMoved(count=count):
                    self.moved += count
                case Mounted(count=count):
                    self._grow(reference, -count)

    def _grow(self, reference: ImageReference, size: int) -> None:
        self._sizes[reference] = self._sizes.get(reference, 0) + size
        self.sized += size

    @property
    def done(self) -> int:
        return len(self._results)

    def __str__(self) -> str:
        with self._lock:
            results = Counter(self._results.values())
            others = [f"{count} {result.value}" for result, count in results.items() if result != Result.COPIED]
            parts = [f"{results[Result.COPIED]} of {self.total} images copied", *others]
            if self._under_way:
                parts.append(f"{self._under_way} under way")
            if self.moved:
                parts.append(f"{human(self.moved)} moved")
            return ", ".join(parts)
