"""The bytes of a run, as its engine tells them."""

from __future__ import annotations

import threading
from collections import defaultdict

from msgspec import Struct, field

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.engines.protocol import OnEvent
from seeder.model.copy import Copy
from seeder.model.outcome import Copied, Outcome
from seeder.model.reference import ImageReference


class _Image(Struct):
    """What one image holds, and what became of that; over both tries where it had two."""

    sized: int = 0
    moved: int = 0
    mounted: int = 0


class Traffic(Struct):
    """Thread-safe. `moved` arrived at the target. Of what was copied, `mounted` came there from other repositories of
    it, and `saved`, these included, did not move, because images share it or the target had it.

    `is_silent` is true where images were copied and the engine told no bytes.
    """

    moved: int = 0
    mounted: int = 0
    saved: int = 0
    is_silent: bool = False
    _images: defaultdict[ImageReference, _Image] = field(default_factory=lambda: defaultdict(_Image))
    _tells: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, on_event: OnEvent) -> OnEvent:
        """Hears what `on_event` does."""

        def hear(event: Event) -> None:
            with self._lock:
                self._count(event)
            on_event(event)

        return hear

    def _count(self, event: Event) -> None:
        image = self._images[event.copy.pin.reference]
        match event:
            case Started():
                image.sized = 0
            case Sized(size=size):
                image.sized += size
                self._tells = True
            case BytesMoved(count=count):
                image.moved += count
                self.moved += count
            case Mounted(count=count):
                image.mounted += count
            case Finished(copy=copy, outcome=outcome):
                self._end(image, copy, outcome)

    def _end(self, image: _Image, copy: Copy, outcome: Outcome) -> None:
        """What an image that failed lacks was not saved; it may be tried once more."""
        if not isinstance(outcome, Copied):
            return
        del self._images[copy.pin.reference]
        self.mounted += image.mounted
        self.saved += max(0, image.sized - image.moved)
        self.is_silent = self.is_silent or not (copy.present or self._tells)
