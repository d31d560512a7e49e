"""Work spread over threads that never hold up the end of the program."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from seeder.errors import SeederError

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
# Seconds. A signal that another thread took just before the main thread began to wait does not wake it: it has to look.
LOOK = 0.5
_SPARE = 5.0  # seconds that a thread waits for its next work


class _Spares:
    """Threads that are kept a while for the next work: to start one takes half a millisecond where futexes are slow."""

    def __init__(self) -> None:
        self._waiting: list[SimpleQueue[Callable[[], None]]] = []
        self._lock = threading.Lock()

    def run(self, work: Callable[[], None]) -> None:
        with self._lock:
            queue = self._waiting.pop() if self._waiting else None
        if queue is None:
            threading.Thread(target=self._serve, args=(work,), daemon=True).start()
        else:
            queue.put(work)

    def _serve(self, first: Callable[[], None]) -> None:
        queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        work: Callable[[], None] | None = first
        while work is not None:
            work()
            del work  # what it holds is not kept for as long as this thread waits
            with self._lock:
                self._waiting.append(queue)
            work = self._next(queue)

    def _next(self, queue: SimpleQueue[Callable[[], None]]) -> Callable[[], None] | None:
        try:
            return queue.get(timeout=_SPARE)
        except Empty:
            with self._lock:
                if queue in self._waiting:
                    self._waiting.remove(queue)
                    return None
            return queue.get()  # it was given some just now


_SPARES = _Spares()


def spawn(work: Callable[[], None]) -> None:
    """Does work that never raises, in a thread that does not hold up the end of the program."""
    _SPARES.run(work)


def each(work: Callable[[T], R], items: Iterable[T], workers: int) -> Generator[tuple[T, R | SeederError], None, None]:
    """Does the work for each item and yields item and result, or its SeederError, as they come; begins at once.

    Any other exception is raised here. Closing the iterator, or an exception in the thread that drives it, lets no
    more work start; what is under way is left behind in daemon threads.
    """
    waiting = list(items)
    waiting.reverse()
    done: SimpleQueue[tuple[T, R | BaseException]] = SimpleQueue()
    count = len(waiting)
    for _ in range(min(workers, count)):
        spawn(lambda: _serve(work, waiting, done))
    return _results(waiting, done, count)


def _results(
    waiting: list[T], done: SimpleQueue[tuple[T, R | BaseException]], count: int
) -> Generator[tuple[T, R | SeederError], None, None]:
    try:
        for _ in range(count):
            item, result = _next(done)
            if isinstance(result, BaseException) and not isinstance(result, SeederError):
                raise result
            yield item, result
    finally:
        waiting.clear()


def within(seconds: float, work: Callable[[], R]) -> R:
    """What the work returns or raises; TimeoutError after so many seconds.

    What takes too long is left behind in a daemon thread: no timeout of a socket ends a server that trickles.
    """
    until = time.monotonic() + seconds
    done: SimpleQueue[tuple[None, R | BaseException]] = SimpleQueue()
    spawn(lambda: _serve(lambda _: work(), [None], done))
    while (left := until - time.monotonic()) > 0:
        try:
            _, result = done.get(timeout=min(LOOK, left))
        except Empty:
            continue
        if isinstance(result, BaseException):
            raise result
        return result
    raise TimeoutError


def _next(done: SimpleQueue[T]) -> T:
    while True:
        try:
            return done.get(timeout=LOOK)
        except Empty:
            continue


def _serve(work: Callable[[T], R], waiting: list[T], done: SimpleQueue[tuple[T, R | BaseException]]) -> None:
    while True:
        try:
            item = waiting.pop()
        except IndexError:
            return
        try:
            done.put((item, work(item)))
        except BaseException as error:  # noqa: BLE001 - raised anew in the thread that waits
            done.put((item, error))


class Locks(Generic[K]):
    """A lock for each key, made when it is first asked for. Thread-safe."""

    def __init__(self) -> None:
        self._locks: dict[K, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, key: K) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())
