"""What lies between a client and a registry far away: latency, bandwidth, and a limit of requests a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, field

from seeder.sandbox.message import Octets, Response, reply

_SLICE = 64 << 10
_BURST = 0.02  # seconds of credit that idle time earns


class Link(Struct, kw_only=True):
    """`latency` in seconds before each answer; `bandwidth` in bytes a second for all connections, 0 for no cap."""

    stopping: threading.Event
    latency: float = 0.0
    bandwidth: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _free_at: float = 0.0

    def wait(self) -> None:
        if self.latency:
            self.stopping.wait(self.latency)

    def paced(self, content: Iterable[Octets]) -> Iterator[Octets]:
        """The same bytes, held back to the bandwidth."""
        for piece in content:
            view = memoryview(piece)
            for at in range(0, len(view), _SLICE):
                part = view[at : at + _SLICE]
                self.take(len(part))
                yield part

    def take(self, count: int) -> None:
        """Waits until `count` more bytes may pass."""
        if not self.bandwidth:
            return
        now = time.monotonic()
        with self._lock:
            self._free_at = max(self._free_at, now - _BURST) + count / self.bandwidth
            until = self._free_at
        if until > now:
            self.stopping.wait(until - now)


class RequestLimit(Struct, kw_only=True):
    """Which requests come too fast: a bucket that fills at `per_second` and holds one second's worth; 0 for none."""

    per_second: float = 0.0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _level: float = 0.0
    _seen: float = 0.0

    def exceeded(self) -> bool:
        if not self.per_second:
            return False
        with self._lock:
            now = self.clock()
            self._level = max(0.0, self._level - (now - self._seen) * self.per_second)
            self._seen = now
            if self._level + 1 > self.per_second:
                self.refused += 1
                return True
            self._level += 1
            return False


def too_many_requests() -> Response:
    """Docker Hub's answer to what comes too fast: no JSON."""
    return reply(429, b"Too Many Requests\n", "text/plain")
