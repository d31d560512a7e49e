"""A program that runs, and the threads that feed it, listen to it and wait for it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO

from seeder.process.ended import Completed, ProcessError, ProgramMissingError

STDERR_LINES = 200
_LINE_LIMIT = 8192
_DRAIN_SECONDS = 2.0


class Running:
    """A program that was started, and the threads that feed it, listen to it and wait for it."""

    def __init__(self, argv: Sequence[str], process: subprocess.Popen[bytes], waker: threading.Event) -> None:
        self.argv = tuple(argv)
        self.waker = waker
        self._process = process
        self._stdout = bytearray()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._listeners: list[threading.Thread] = []

    def listen(self, stdin: bytes | int, stdout_limit: int, on_stderr: Callable[[str], None] | None) -> None:
        """Feeds it and keeps what it says; sets the waker once it has ended."""
        process = self._process
        assert process.stdout is not None  # noqa: S101 - for the type checker: both are pipes
        assert process.stderr is not None  # noqa: S101
        self._listeners = [
            _thread(_keep_head, process.stdout, self._stdout, stdout_limit),
            _thread(_keep_tail, process.stderr, self._stderr, on_stderr),
        ]
        if isinstance(stdin, bytes) and process.stdin is not None:
            _thread(_feed, process.stdin, stdin)
        _thread(self._reap)

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    def _reap(self) -> None:
        self._process.wait()
        self.waker.set()

    def end(self, grace: float) -> None:
        """TERM, then KILL after `grace` seconds; children that the program left behind go with it."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self._signal(signal.SIGKILL)
        self._process.wait()

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


def start(argv: Sequence[str], environment: Mapping[str, str] | None, stdin: bytes | int) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own; raises ProcessError, ProgramMissingError."""
    try:
        return subprocess.Popen(
            argv,
            stdin=_source_of(stdin),
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
