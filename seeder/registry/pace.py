"""How many requests a host gets at once: few at first, more while it keeps up, half when it complains."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

FIRST = 8
CEILING = 32
_BURST = 1.0  # seconds within which complaints count as one
_LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Host:
    """`room` is how many may be under way; fractions add up after the first complaint."""

    ready: threading.Condition
    room: float
    under_way: int = 0
    complained: bool = False
    cut_at: float = float("-inf")
    not_before: float = 0.0


class Pace:
    """Thread-safe. Counts requests until their answer's head is there; bodies are not counted."""

    def __init__(
        self,
        *,
        first: int = FIRST,
        ceiling: int = CEILING,
        pause: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = min(first, ceiling)
        self._ceiling = ceiling
        self._pause = pause
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Waits for a place among the requests to a host."""
        state = self._state(host)
        with state.ready:
            while (pause := state.not_before - self._clock()) > 0 or state.under_way >= int(state.room):
                state.ready.wait(pause if pause > 0 else None)
            state.under_way += 1
        try:
            yield
        finally:
            with state.ready:
                state.under_way -= 1
                state.ready.notify()

    def went_well(self, host: str) -> None:
        """An answer that is no complaint: three times the room a round trip at first, one more a round trip later."""
        state = self._state(host)
        if state.room < self._ceiling:
            with state.ready:
                state.room = min(self._ceiling, state.room + (1 / state.room if state.complained else 2))
                state.ready.notify(2)

    def complained(self, host: str, retry_after: float | None) -> None:
        """Too many requests, or an overloaded server: half the room, once a burst, and a pause for all."""
        state = self._state(host)
        now = self._clock()
        with state.ready:
            if now - state.cut_at > _BURST:
                state.room = max(1.0, state.room / 2)
                state.cut_at = now
                state.complained = True
            pause = self._pause if retry_after is None else min(retry_after, _LONGEST_PAUSE)
            state.not_before = max(state.not_before, now + pause)

    def room(self, host: str) -> int:
        return int(self._state(host).room)

    def _state(self, host: str) -> _Host:
        found = self._hosts.get(host)
        if found is None:
            with self._lock:
                found = self._hosts.setdefault(host, _Host(threading.Condition(threading.Lock()), float(self._first)))
        return found
