"""The one place that starts programs: bounded output, a time limit, and an orderly end whatever happens.

A program gets a session of its own, so that a Ctrl-C at the terminal reaches seeder alone, which then ends it: TERM to
its process group first, KILL after a grace. Secrets go through stdin, files or the environment, never into argv: an
error names the whole command.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from seeder.errors import SeederError

GRACE = 5.0
STDOUT_LIMIT = 1 << 20
STDERR_LINES = 200
_LINE_LIMIT = 8192
_DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a program ended.

    `status` is its exit code, or minus the number of the signal that ended it. `stdout` holds the first MiB, `stderr`
    the last 200 lines.
    """

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    stderr: str

    @property
    def command(self) -> str:
        return shlex.join(self.argv)


class ProcessError(SeederError):
    """A program failed; `completed` says how, and is None where it never started."""

    code = "process"

    def __init__(self, message: str, *, completed: Completed | None = None, hint: str = "", where: str = "") -> None:
        super().__init__(message, hint=hint, where=where)
        self.completed = completed

    @property
    def stderr(self) -> str:
        return self.completed.stderr if self.completed else ""


class ProgramMissingError(ProcessError):
    """There is no such program, or it may not be run."""


class ProgramTimeoutError(ProcessError):
    """The program was ended at its time limit."""


class ProgramCancelledError(ProcessError):
    """The program was ended because its `Cancellation` said so."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`timeout` and `grace` are in seconds; None is no limit."""

    timeout: float | None = None
    grace: float = GRACE
    stdout: int = STDOUT_LIMIT


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | int = b"",
    environment: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
    on_stderr: Callable[[str], None] | None = None,
    cancellations: Sequence[Cancellation] = (),
) -> Completed:
    """Runs a program to its end and returns what it said.

    `stdin` is what the program reads, or the descriptor of an open file that it gets as its own. `on_stderr` gets each
    line of stderr as it comes, in a thread of its own. Raises ProcessError for any other exit
    code than 0, ProgramMissingError, ProgramTimeoutError, ProgramCancelledError. Whatever else is raised meanwhile in
    this thread (StoppedError) ends the program first.
    """
    waker = threading.Event()
    with _all_wake(cancellations, waker):
        if waker.is_set():
            raise ProgramCancelledError(f"{argv[0]} was not started: the run is to end")
        running = _Running(
            argv, waker, stdin=stdin, environment=environment, stdout_limit=limits.stdout, on_stderr=on_stderr
        )
        try:
            _wait(running, limits)
        except BaseException:
            running.end(limits.grace)
            raise
    completed = running.completed()
    if completed.status != 0:
        raise ProcessError(_fault(completed), completed=completed)
    return completed


def _wait(running: _Running, limits: Limits) -> None:
    in_time = running.waker.wait(limits.timeout)
    if running.has_ended:
        return
    running.end(limits.grace)
    completed = running.completed()
    if in_time:
        raise ProgramCancelledError(f"{completed.argv[0]} was told to stop", completed=completed)
    raise ProgramTimeoutError(
        f"{completed.argv[0]} took longer than {limits.timeout:g} s and was ended{_last_line(completed)}",
        completed=completed,
    )


@contextmanager
def _all_wake(cancellations: Sequence[Cancellation], waker: threading.Event) -> Iterator[None]:
    if not cancellations:
        yield
        return
    with cancellations[0].wakes(waker), _all_wake(cancellations[1:], waker):
        yield


class _Running:
    """A program that was started, and the threads that feed it, listen to it and wait for it."""

    def __init__(
        self,
        argv: Sequence[str],
        waker: threading.Event,
        *,
        stdin: bytes | int,
        environment: Mapping[str, str] | None,
        stdout_limit: int,
        on_stderr: Callable[[str], None] | None,
    ) -> None:
        self.argv = tuple(argv)
        self.waker = waker
        self._process = _start(self.argv, environment, _source_of(stdin))
        self._stdout = bytearray()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: both are pipes
        assert self._process.stderr is not None  # noqa: S101
        listeners = [
            _thread(_keep_head, self._process.stdout, self._stdout, stdout_limit),
            _thread(_keep_tail, self._process.stderr, self._stderr, on_stderr),
        ]
        if isinstance(stdin, bytes) and self._process.stdin is not None:
            _thread(_feed, self._process.stdin, stdin)
        self._listeners = listeners
        self._reaper = _thread(self._reap)

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    def _reap(self) -> None:
        self._process.wait()
        self.waker.set()

    def end(self, grace: float) -> None:
        """TERM, then KILL after `grace` seconds; children that the program left behind go with it."""
        self._signal(signal.SIGTERM)
        self._reaper.join(grace)
        self._signal(signal.SIGKILL)
        self._reaper.join()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def completed(self) -> Completed:
        """What it said, once it ended. A stream that a grandchild holds open is not waited for beyond two seconds."""
        for listener in self._listeners:
            listener.join(_DRAIN_SECONDS)
        return Completed(
            argv=self.argv,
            status=self._process.wait(),
            stdout=bytes(self._stdout),
            stderr="\n".join(self._stderr),
        )


def _source_of(stdin: bytes | int) -> int:
    if isinstance(stdin, int):
        return stdin
    return subprocess.PIPE if stdin else subprocess.DEVNULL


def _start(argv: tuple[str, ...], environment: Mapping[str, str] | None, stdin: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ProgramMissingError(f"there is no program {argv[0]!r}") from error
    except PermissionError as error:
        raise ProgramMissingError(f"{argv[0]!r} may not be run: {error.strerror}") from error
    except (OSError, ValueError) as error:
        raise ProcessError(f"cannot start {shlex.join(argv)}: {error}") from error


def _thread(target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _keep_head(stream: IO[bytes], kept: bytearray, limit: int) -> None:
    with stream:
        while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined] # a BufferedReader
            kept += chunk[: max(0, limit - len(kept))]


def _keep_tail(stream: IO[bytes], kept: deque[str], on_line: Callable[[str], None] | None) -> None:
    with stream:
        while line := stream.readline(_LINE_LIMIT):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            kept.append(text)
            if on_line is not None:
                on_line(text)


def _feed(stream: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError, OSError), stream:
        stream.write(data)


def _fault(completed: Completed) -> str:
    program = completed.argv[0]
    if completed.status < 0:
        return f"{program} was ended by signal {-completed.status}{_last_line(completed)}"
    return f"{program} failed with exit code {completed.status}{_last_line(completed)}"


def _last_line(completed: Completed) -> str:
    last = next((line for line in reversed(completed.stderr.splitlines()) if line.strip()), "")
    return f": {last}" if last else ""
