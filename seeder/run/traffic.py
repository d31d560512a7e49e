"""The bytes of a run, as its engine tells them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized
from seeder.engines.protocol import OnEvent
from seeder.model.copy import Result


@dataclass(slots=True)
class Traffic:
    """Thread-safe. `moved` arrived at the target, `mounted` came there from other repositories of it; `sized` is what
    the copied images hold in all.

    `is_silent` is true where images were copied and the engine told no bytes.
    """

    moved: int = 0
    mounted: int = 0
    sized: int = 0
    is_silent: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def saved(self) -> int:
        """What did not move, because images share it or the target had it."""
        return max(0, self.sized - self.moved)

    def heard(self, on_event: OnEvent) -> OnEvent:
        """Hears what `on_event` does."""

        def hear(event: Event) -> None:
            self._count(event)
            on_event(event)

        return hear

    def _count(self, event: Event) -> None:
        with self._lock:
            match event:
                case Sized(size=size):
                    self.sized += size
                case BytesMoved(count=count):
                    self.moved += count
                case Mounted(count=count):
                    self.mounted += count
                case Finished(copy=copy, outcome=outcome):
                    copied = outcome.result is Result.COPIED and not copy.present
                    self.is_silent = self.is_silent or (copied and not self.sized)
                case _:
                    pass
