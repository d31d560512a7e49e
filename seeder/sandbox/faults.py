"""Faults as values: for which requests something goes wrong, and how often. What that is, each of them says itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable

from msgspec import Struct, field

from seeder.sandbox.counters import Action
from seeder.sandbox.message import Request, Response
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage
from seeder.sandbox.tokens import Tokens


class Call(Struct, kw_only=True):
    """A request that a fault has hit; `answer` is what would happen without the fault."""

    request: Request
    route: Route
    storage: Storage
    tokens: Tokens | None
    stopping: threading.Event
    challenge: str
    answer: Callable[[], Response]


class Fault(Struct, frozen=True, kw_only=True):
    """One fault, for the requests that fit all of `action`, `method` and `path` (a pattern found in the path).

    It hits `times` fitting requests (None: all) from the `nth` on, counted from 1. Requests that would only get a
    challenge (no token where one is demanded) are neither hit nor counted.
    """

    action: Action | None = None
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int | None = 1

    def fits(self, request: Request, action: Action) -> bool:
        fits_action = self.action is None or self.action == action
        fits_method = not self.method or self.method == request.method
        return fits_action and fits_method and re.search(self.path, request.path) is not None

    def answer(self, call: Call) -> Response:
        """What comes in the stead of `call.answer()`, or is made of it."""
        raise NotImplementedError


class _Armed(Struct):
    fault: Fault
    seen: int = 0
    hits: int = 0

    def hit(self, request: Request, action: Action) -> bool:
        if not self.fault.fits(request, action):
            return False
        self.seen += 1
        last = self.fault.nth + self.fault.times if self.fault.times is not None else None
        if self.seen < self.fault.nth or (last is not None and self.seen >= last):
            return False
        self.hits += 1
        return True


class Faults(Struct):
    """The faults of a sandbox; for each request, those that hit it."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def hitting(self, request: Request, action: Action) -> list[Fault]:
        if not self._armed:
            return []
        with self._lock:
            return [armed.fault for armed in self._armed if armed.hit(request, action)]

    def hits(self) -> list[tuple[Fault, int]]:
        """Each fault, and how many requests it has hit."""
        with self._lock:
            return [(armed.fault, armed.hits) for armed in self._armed]
