"""The one place that starts programs: bounded output, a time limit, and an orderly end whatever happens.

A program gets a session of its own, so that a Ctrl-C at the terminal reaches seeder alone, which then ends it: TERM to
its process group first, KILL after a grace. Secrets go through stdin, files or the environment, never into argv: an
error names the whole command.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from seeder.process.cancellation import Cancellation, all_wake
from seeder.process.ended import (
    Completed,
    ProcessError,
    ProgramCancelledError,
    ProgramMissingError,
    ProgramTimeoutError,
)
from seeder.process.running import Running, start

__all__ = [
    "GRACE",
    "Cancellation",
    "Completed",
    "Limits",
    "ProcessError",
    "ProgramCancelledError",
    "ProgramMissingError",
    "ProgramTimeoutError",
    "run",
]

GRACE = 5.0
STDOUT_LIMIT = 1 << 20
_LOOK = 0.5  # seconds


class Limits(Struct, frozen=True, kw_only=True):
    """`timeout` and `grace` are in seconds; None is no limit."""

    timeout: float | None = None
    grace: float = GRACE
    stdout: int = STDOUT_LIMIT


USUAL = Limits()


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | int = b"",
    environment: Mapping[str, str] | None = None,
    limits: Limits = USUAL,
    on_stderr: Callable[[str], None] | None = None,
    cancellations: Sequence[Cancellation] = (),
) -> Completed:
    """Runs a program to its end and returns what it said.

    `stdin` is what the program reads, or the descriptor of an open file that it gets as its own. `on_stderr` gets each
    line of stderr as it comes, in a thread of its own. Raises ProcessError for any other exit code than 0,
    ProgramMissingError, ProgramTimeoutError, ProgramCancelledError. Whatever else is raised meanwhile in
    this thread (StoppedError) ends the program first.
    """
    waker = threading.Event()
    with all_wake(cancellations, waker):
        if waker.is_set():
            raise ProgramCancelledError(f"{argv[0]} was not started: the run is to end")
        running = Running(argv, start(argv, environment, stdin), waker)
        try:
            running.listen(stdin, limits.stdout, on_stderr)
            _wait(running, limits)
        except BaseException:
            running.end(limits.grace)
            raise
    completed = running.completed()
    if completed.status != 0:
        raise ProcessError(_fault(completed), completed=completed)
    return completed


def _wait(running: Running, limits: Limits) -> None:
    in_time = _woken(running.waker, limits.timeout)
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


def _woken(waker: threading.Event, timeout: float | None) -> bool:
    """Whether it is set within so many seconds. A signal that came just before a wait does not end it: it looks."""
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        left = _LOOK if until is None else until - time.monotonic()
        if waker.wait(max(0.0, min(_LOOK, left))):
            return True
        if left <= 0:
            return False


def _fault(completed: Completed) -> str:
    program = completed.argv[0]
    if completed.status < 0:
        return f"{program} was ended by signal {-completed.status}{_last_line(completed)}"
    return f"{program} failed with exit code {completed.status}{_last_line(completed)}"


def _last_line(completed: Completed) -> str:
    last = next((line for line in reversed(completed.stderr.splitlines()) if line.strip()), "")
    return f": {last}" if last else ""
