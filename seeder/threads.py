"""Work spread over threads that never hold up the end of the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from queue import Empty, SimpleQueue
from typing import TypeVar

from seeder.errors import SeederError

T = TypeVar("T")
R = TypeVar("R")
# Seconds. A signal that another thread took just before the main thread began to wait does not wake it: it has to look.
_LOOK = 0.5


def each(work: Callable[[T], R], items: Iterable[T], workers: int) -> Generator[tuple[T, R | SeederError], None, None]:
    """Does the work for each item and yields item and result, or its SeederError, as they come.

    Any other exception is raised here. Closing the iterator, or an exception in the thread that drives it, lets no
    more work start; what is under way is left behind in daemon threads.
    """
    waiting = list(items)
    waiting.reverse()
    done: SimpleQueue[tuple[T, R | BaseException]] = SimpleQueue()
    count = len(waiting)
    for _ in range(min(workers, count)):
        threading.Thread(target=_serve, args=(work, waiting, done), daemon=True).start()
    try:
        for _ in range(count):
            item, result = _next(done)
            if isinstance(result, BaseException) and not isinstance(result, SeederError):
                raise result
            yield item, result
    finally:
        waiting.clear()


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
