"""Telling programs that run to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager


class Cancellation:
    """Tells whatever runs under it to end; may be set from any thread, once and for all."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wakers: set[threading.Event] = set()
        self._cancelled = False

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        with self._changed:
            self._cancelled = True
            for waker in self._wakers:
                waker.set()

    def drained(self, timeout: float) -> bool:
        """Waits until nothing runs under it any more; False where that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wakers, timeout)

    @contextmanager
    def wakes(self, waker: threading.Event) -> Iterator[None]:
        """Sets `waker` when it is cancelled, at once if it is so already."""
        with self._changed:
            self._wakers.add(waker)
            if self._cancelled:
                waker.set()
        try:
            yield
        finally:
            with self._changed:
                self._wakers.discard(waker)
                self._changed.notify_all()


@contextmanager
def all_wake(cancellations: Sequence[Cancellation], waker: threading.Event) -> Iterator[None]:
    """Sets `waker` when any of them is cancelled."""
    with ExitStack() as held:
        for cancellation in cancellations:
            held.enter_context(cancellation.wakes(waker))
        yield
