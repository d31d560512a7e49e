"""What every engine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from seeder.engines.events import Event
from seeder.model.copy import Copy
from seeder.model.outcome import Outcome

OnEvent = Callable[[Event], None]


class Engine(Protocol):
    """A mover of images: given all copies at once, it yields an outcome for each, in the order in which they end.

    It keeps every byte of every manifest, puts tags last, spends no more of a source's quota than it has to, and
    leaves a failed image as an outcome. Closing the iterator, or an exception in the thread that drives it, ends what
    is under way before it passes on. `on_event` is called from any thread.
    """

    def ahead(self, copy: Copy) -> None:
        """May begin with what a copy of the next run surely needs, but puts no manifest and no tag; thread-safe."""

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]: ...

    def close(self) -> None:
        """Ends what went ahead of a run that does not come."""
