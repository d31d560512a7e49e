"""Which places have never answered in this run: learnt once, so that not every image waits for them anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from msgspec import Struct

from seeder.errors import UnreachableError

_ATTEMPTS = 3
_SECONDS = 4.0
_HOLDS = 30.0


class _Silence(Struct):
    began: float
    failures: int = 0
    error: UnreachableError | None = None
    until: float = 0.0


class Reach:
    """Thread-safe. A place that answered once in this run keeps the whole patience of the retry policy.

    One that did not, in three attempts over four seconds at the least, is given up for thirty seconds, and for as long
    again with each attempt after those.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answered: set[object] = set()
        self._silent: dict[object, _Silence] = {}
        self._lock = threading.Lock()

    def check(self, place: object) -> None:
        """Before an attempt. Raises UnreachableError, a final one."""
        if place in self._answered:
            return
        now = self._clock()
        with self._lock:
            silence = self._silent.setdefault(place, _Silence(began=now))
            error = silence.error if now < silence.until else None
        if error is not None:
            raise _given_up(error)

    def answered(self, place: object) -> None:
        self._answered.add(place)

    def failed(self, place: object, error: UnreachableError) -> UnreachableError:
        """What a failed attempt raises: the same, or that the place is given up."""
        if place in self._answered:
            return error
        now = self._clock()
        with self._lock:
            silence = self._silent.setdefault(place, _Silence(began=now))
            silence.failures += 1
            if silence.failures < _ATTEMPTS or now - silence.began < _SECONDS:
                return error
            silence.error, silence.until = error, now + _HOLDS
        return _given_up(error)


def _given_up(error: UnreachableError) -> UnreachableError:
    given_up = UnreachableError(error.message, where=error.where, hint=error.hint)
    given_up.is_final = True
    return given_up
