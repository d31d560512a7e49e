"""Work spread over copies of this process, none of which outlives it.

The standard library's pool shares a queue behind a lock: a worker that a terminal's Ctrl-C ends while it holds that
keeps all others waiting for ever (seen with Python 3.11), and workers whose parent is killed wait for ever too. Here
nothing is shared but a pipe of numbers; each worker answers through a pipe of its own.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, NoReturn, TypeVar

from seeder.errors import SeederError

T = TypeVar("T")
R = TypeVar("R")
_NUMBER = 8  # bytes of a number in a pipe, which is read and written at once
_NUMBERS = 4096  # that fit into a pipe, while nobody reads yet


def each(work: Callable[[T], R], items: Sequence[T], workers: int) -> Iterator[R]:
    """What the work gives for each item, in their order; raises what it raises. For a process without other threads.

    Closing the iterator, or an exception in who drives it, ends the workers wherever they are.
    """
    pool = _Pool(work, items)
    try:
        with _deaf():
            pool.start(min(workers, len(items)))
        yield from pool.results()
    finally:
        pool.end()


@contextmanager
def _deaf() -> Iterator[None]:
    """A process that begins here hears no Ctrl-C, which a terminal sends to all: its parent ends it."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


class _Pool(Generic[T, R]):
    def __init__(self, work: Callable[[T], R], items: Sequence[T]) -> None:
        self._work = work
        self._items = items
        self._step = -(-len(items) // _NUMBERS) or 1
        self._workers: dict[int, int] = {}  # process by the pipe that it answers through

    def start(self, workers: int) -> None:
        tasks, numbers = os.pipe()
        for first in range(0, len(self._items), self._step):
            os.write(numbers, first.to_bytes(_NUMBER))
        os.close(numbers)
        for _ in range(workers):
            answers, answer = os.pipe()
            process = os.fork()
            if process == 0:
                for descriptor in (answers, *self._workers):  # so that the parent's end is the only one
                    os.close(descriptor)
                self._serve(tasks, answer)
            os.close(answer)
            self._workers[answers] = process
        os.close(tasks)

    def _serve(self, tasks: int, answer: int) -> NoReturn:
        """A worker's life, which a parent that is gone ends with its next answer."""
        with suppress(BrokenPipeError):
            while number := os.read(tasks, _NUMBER):
                first = int.from_bytes(number)
                _write(answer, _packed((first, self._done(first))))
        os._exit(0)

    def _done(self, first: int) -> list[R] | BaseException:
        try:
            return [self._work(item) for item in self._items[first : first + self._step]]
        except BaseException as error:  # noqa: BLE001 - raised anew in the parent
            import traceback  # noqa: PLC0415 - only a bug pays for it

            error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
            return error

    def results(self) -> Iterator[R]:
        early: dict[int, list[R] | BaseException] = {}
        for first in range(0, len(self._items), self._step):
            while first not in early:
                early.update([self._next()])
            found = early.pop(first)
            if isinstance(found, BaseException):
                raise found
            yield from found

    def _next(self) -> tuple[int, list[R] | BaseException]:
        """Whatever comes next."""
        poll = select.poll()
        for answers in self._workers:
            poll.register(answers, select.POLLIN)
        while True:
            for answers, _ in poll.poll():
                size = _read(answers, _NUMBER)
                if size:
                    data = _read(answers, int.from_bytes(size))
                    found: tuple[int, list[R] | BaseException] = pickle.loads(data)  # noqa: S301 - of our own process
                    return found
                poll.unregister(answers)
                self._ended(answers)

    def _ended(self, answers: int) -> None:
        """A worker is done. Raises SeederError where something else ended it."""
        process = self._workers.pop(answers)
        os.close(answers)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if code or not self._workers:
            how = f"by signal {-code}" if code < 0 else f"with {code}"
            raise SeederError(f"a process that shares the work ended {how}", hint="there may be too little memory")

    def end(self) -> None:
        for answers, process in self._workers.items():
            os.close(answers)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self._workers.clear()


def _packed(value: object) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:  # noqa: BLE001 - what cannot be sent is told by its name
        return pickle.dumps((value[0], TypeError(f"what was made cannot be sent: {error!r}")))  # type: ignore[index]


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(len(data).to_bytes(_NUMBER) + data)
    while left:
        left = left[os.write(descriptor, left) :]


def _read(descriptor: int, size: int) -> bytes:
    """So many bytes; fewer where the other end is gone."""
    data = bytearray()
    while len(data) < size and (piece := os.read(descriptor, size - len(data))):
        data += piece
    return bytes(data)
