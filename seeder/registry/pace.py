"""How many requests of a kind a host gets at once: few at first, more while it keeps up, half when it complains.

A kind that is new begins with half of what the host keeps up with of another: it is the same machine, and the first
round trips of a run are what a user waits for. Requests whose answers lead on to others begin with fewer, and get more
room slowly: what they lead on to shares the processor with them, and its bytes are what fills the line.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from msgspec import Struct

FIRST = 8
CEILING = 32
_FIRST_LEADING = 6
_GROWTH, _GROWTH_LEADING = 2.0, 0.5  # of the room for each answer
_BURST = 1.0  # seconds within which complaints count as one
_LONGEST_PAUSE = 60.0


class Lane(NamedTuple):
    """Requests of one kind to one host: a registry that is slow to take blobs may be quick to tell of manifests.

    `leads_on` says that each answer is followed by more requests at once: a manifest names its blobs.
    """

    host: str
    kind: str
    leads_on: bool = False


class _State(Struct):
    """`room` is how many may be under way; fractions add up after the first complaint."""

    lock: threading.Lock
    ready: threading.Condition
    room: float
    under_way: int = 0
    complained: bool = False
    cut_at: float = float("-inf")


class _Turn:
    """A place among the requests of a lane. No generator: each request of a run passes here."""

    __slots__ = ("_host", "_pace", "_state")

    def __init__(self, pace: Pace, host: str, state: _State) -> None:
        self._pace = pace
        self._host = host
        self._state = state

    def __enter__(self) -> None:
        state = self._state
        with state.lock:
            while (pause := self._pace.pause_of(self._host)) > 0 or state.under_way >= int(state.room):
                state.ready.wait(pause if pause > 0 else None)
            state.under_way += 1

    def __exit__(self, *_: object) -> None:
        state = self._state
        with state.lock:
            state.under_way -= 1
            state.ready.notify()


class Pace:
    """Thread-safe. Counts requests until their answer's head is there; bodies are not counted.

    A pause that a host asks for is for requests of all kinds: limits count them together.
    """

    def __init__(
        self,
        *,
        first: int = FIRST,
        ceiling: int = CEILING,
        pause: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = min(first, ceiling)
        self._fewest = min(_FIRST_LEADING, self._first)
        self._ceiling = ceiling
        self._pause = pause
        self._clock = clock
        self._lanes: dict[Lane, _State] = {}
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()

    def turn(self, lane: Lane) -> AbstractContextManager[None]:
        """Waits for a place among the requests of a lane."""
        return _Turn(self, lane.host, self._state(lane))

    def went_well(self, lane: Lane) -> None:
        """An answer that is no complaint: three times the room a round trip at first (half as much again where it leads
        on), one more a round trip later.
        """
        self._widen(lane, _GROWTH_LEADING if lane.leads_on else _GROWTH)

    def open(self, lane: Lane) -> None:
        """Gives all the room that there may be: it turned out that nothing is led on to."""
        self._widen(lane, self._ceiling)

    def _widen(self, lane: Lane, growth: float) -> None:
        state = self._state(lane)
        if state.room < self._ceiling:
            with state.lock:
                state.room = min(self._ceiling, state.room + (1 / state.room if state.complained else growth))
                state.ready.notify(math.ceil(growth))

    def complained(self, lane: Lane, retry_after: float | None) -> None:
        """Too many requests, or an overloaded server: half the room, once a burst, and a pause for the whole host."""
        state = self._state(lane)
        now = self._clock()
        with state.lock:
            if now - state.cut_at > _BURST:
                state.room = max(1.0, state.room / 2)
                state.cut_at = now
                state.complained = True
        pause = self._pause if retry_after is None else min(retry_after, _LONGEST_PAUSE)
        with self._lock:
            self._not_before[lane.host] = max(self._not_before.get(lane.host, 0.0), now + pause)

    def room(self, lane: Lane) -> int:
        return int(self._state(lane).room)

    def pause_of(self, host: str) -> float:
        """Seconds that a host is left alone yet, 0 or less for none."""
        until = self._not_before.get(host)
        return 0.0 if until is None else until - self._clock()

    def _state(self, lane: Lane) -> _State:
        found = self._lanes.get(lane)
        if found is None:
            with self._lock:
                room = self._fewest if lane.leads_on else max(self._first, self._most(lane.host) / 2)
                lock = threading.Lock()
                found = self._lanes.setdefault(lane, _State(lock, threading.Condition(lock), room))
        return found

    def _most(self, host: str) -> float:
        """The room of its widest lane, 0 where one has complained."""
        states = [state for lane, state in self._lanes.items() if lane.host == host]
        return 0.0 if any(state.complained for state in states) else max((state.room for state in states), default=0.0)
