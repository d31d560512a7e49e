"""Work that begins as soon as it is known that it will be wanted."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from seeder.threads import LOOK, spawn

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class _Task(Generic[K, R]):
    """An item, and what became of its work."""

    __slots__ = ("_done", "_error", "_item", "_result")

    def __init__(self, item: K) -> None:
        self._item = item
        self._done = threading.Event()
        self._result: R | None = None
        self._error: BaseException | None = None

    def run(self, work: Callable[[K], R]) -> None:
        try:
            self._result = work(self._item)
        except BaseException as error:  # noqa: BLE001 - raised anew in the thread that takes the result
            self._error = error
        finally:
            self._done.set()

    def result(self) -> R:
        """Waits for it; raises what the work raised."""
        while not self._done.wait(LOOK):
            pass
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # R may be None itself


class Early(Generic[K, R]):
    """Of items, each done once; driven by one thread.

    At most `workers` threads, started as they are needed.
    """

    def __init__(self, work: Callable[[K], R], workers: int) -> None:
        self._work = work
        self._workers = workers
        self._tasks: dict[K, _Task[K, R]] = {}
        self._waiting: deque[_Task[K, R]] = deque()
        self._lock = threading.Lock()
        self._threads = 0

    def begin(self, item: K) -> None:
        """Has the work done soon; an item that was begun already is left as it is."""
        if item in self._tasks:
            return
        task: _Task[K, R] = _Task(item)
        self._tasks[item] = task
        with self._lock:
            self._waiting.append(task)
            if self._threads == self._workers:
                return
            self._threads += 1
        spawn(self._serve)

    def take(self, item: K) -> R:
        """The result, once: of the work that began early, else of work that begins now. Raises what the work raises."""
        self.begin(item)
        return self._tasks.pop(item).result()

    def close(self) -> None:
        """Lets no more work start; what is under way is left behind."""
        self._tasks.clear()
        with self._lock:
            self._waiting.clear()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                task = self._waiting.popleft()
            task.run(self._work)
