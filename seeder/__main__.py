"""`python -m seeder` and the console script."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def entry() -> None:
    """The console script: exits with the command's code (design §2)."""
    gc.set_threshold(100_000, 50, 50)  # a tree or a plan is one large graph that lives to the end: looked at less often
    _open_what_is_closed()
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Heedless(sys.stderr.fileno(), "w", closefd=False)),
        encoding=sys.stderr.encoding,
        errors=sys.stderr.errors,
        line_buffering=True,
    )
    try:
        from seeder.cli.app import main  # noqa: PLC0415 - so that Ctrl-C while Python imports is told by its code too

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    for late in (signal.SIGINT, signal.SIGTERM):  # it ended, with its code; Python would answer Ctrl-C with a traceback
        signal.signal(late, signal.SIG_IGN)
    gc.freeze()  # nothing is searched for cycles once more, only to end with the process
    sys.exit(code)


def _open_what_is_closed() -> None:
    """A standard stream that was closed (`>&-`) is /dev/null: else the next file or socket would take its place."""
    for name, mode in _MODES.items():
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


class _Heedless(io.FileIO):
    """What nobody takes (a reader went away, a disk is full) goes nowhere: the command goes on, and keeps its code."""

    def write(self, data: memoryview) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError:
            return len(data)


if __name__ == "__main__":
    entry()
