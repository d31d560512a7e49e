"""What a run knows of its images so far, for the report of one that is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from msgspec import Struct, field

from seeder.engines.events import Event, Finished
from seeder.engines.protocol import OnEvent
from seeder.model.outcome import Copied, Outcome, Present
from seeder.model.reference import ImageReference


class Diary(Struct):
    """Thread-safe. Of each reference the newest outcome; what this run copied and finds there later stays copied.

    `has_beside` is true once all that is to stand beside the images was brought as well.
    """

    has_beside: bool = False
    _outcomes: dict[ImageReference, Outcome] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcomes: Iterable[Outcome]) -> None:
        with self._lock:
            for outcome in outcomes:
                before = self._outcomes.get(outcome.reference)
                if not (isinstance(before, Copied) and isinstance(outcome, Present)):
                    self._outcomes[outcome.reference] = outcome

    def get(self, reference: ImageReference) -> Outcome | None:
        return self._outcomes.get(reference)

    def heard(self, on_event: OnEvent) -> OnEvent:
        """Hears what `on_event` does."""

        def hear(event: Event) -> None:
            if isinstance(event, Finished):
                self.note([event.outcome])
            on_event(event)

        return hear
