"""Work spread over threads that never hold up the end of the program."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from seeder.errors import SeederError

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
# Seconds. A signal that another thread took just before the main thread began to wait does not wake it: it has to look.
_LOOK = 0.5


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
        threading.Thread(target=_serve, args=(work, waiting, done), daemon=True).start()
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
    threading.Thread(target=_serve, args=(lambda _: work(), [None], done), daemon=True).start()
    while (left := until - time.monotonic()) > 0:
        try:
            _, result = done.get(timeout=min(_LOOK, left))
        except Empty:
            continue
        if isinstance(result, BaseException):
            raise result
        return result
    raise TimeoutError


def _next(done: SimpleQueue[T]) -> T:
    while True:
        try:
            return done.get(timeout=_LOOK)
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


class _Task(Generic[R]):
    """One piece of work, done by the first who starts it."""

    __slots__ = ("_begun", "_done", "_error", "_result")

    def __init__(self) -> None:
        self._begun = threading.Lock()
        self._done = threading.Event()
        self._result: R | None = None
        self._error: BaseException | None = None

    def run(self, work: Callable[[], R]) -> None:
        """Does the work, unless somebody else has begun."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._result = work()
        except BaseException as error:  # noqa: BLE001 - raised anew in the thread that takes the result
            self._error = error
        finally:
            self._done.set()

    def result(self) -> R:
        """Waits for it; raises what the work raised."""
        while not self._done.wait(_LOOK):
            pass
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # R may be None itself


class Early(Generic[K, R]):
    """Work that begins as soon as an item is known, and whose result is wanted later. Thread-safe.

    At most `workers` threads, started as they are needed; they never hold up the end of the program.
    """

    def __init__(self, work: Callable[[K], R], workers: int) -> None:
        self._work = work
        self._workers = workers
        self._tasks: dict[K, _Task[R]] = {}
        self._waiting: deque[K] = deque()
        self._lock = threading.Lock()
        self._threads = 0

    def begin(self, item: K) -> None:
        """Has the work done soon; an item that is known already is left as it is."""
        with self._lock:
            if item in self._tasks:
                return
            self._tasks[item] = _Task()
            self._waiting.append(item)
            if self._threads == self._workers:
                return
            self._threads += 1
        threading.Thread(target=self._serve, daemon=True).start()

    def take(self, item: K) -> R:
        """The result, once: of the work that began early, else of work done now. Raises what the work raises."""
        with self._lock:
            task = self._tasks.pop(item, None)
        if task is None:
            return self._work(item)
        task.run(lambda: self._work(item))
        return task.result()

    def close(self) -> None:
        """Lets no more work start; what is under way is left behind."""
        with self._lock:
            self._waiting.clear()
            self._tasks.clear()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                item = self._waiting.popleft()
                task = self._tasks.get(item)
            if task is not None:
                task.run(lambda item=item: self._work(item))  # type: ignore[misc]  # mypy reads no default in a lambda
