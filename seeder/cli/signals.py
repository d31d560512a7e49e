"""Ctrl-C and SIGTERM: the first ends the run in order, a Ctrl-C after that at once."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from seeder.errors import StoppedError

_EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
PATIENCE = 1.0  # seconds that a person waits before being told what seeder waits for


@contextmanager
def orderly() -> Iterator[None]:
    """Raises StoppedError in the main thread at the first signal; outside the main thread nothing is changed.

    A second SIGTERM is ignored, since supervisors send it both to the process and to its group.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopping = ended = False

    def reassure() -> None:
        time.sleep(PATIENCE)
        if not ended:
            sys.stderr.write("stopping what is under way; Ctrl-C again ends at once\n")

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            if number == signal.SIGINT and sys.stderr.isatty():
                _thread.start_new_thread(reassure, ())  # takes none of the locks that the main thread may hold just now
            raise StoppedError(_EXIT_CODES[signal.Signals(number)])
        if number == signal.SIGINT:
            os._exit(_EXIT_CODES[signal.SIGINT])

    before = {number: signal.signal(number, stop) for number in _EXIT_CODES}
    try:
        yield
    finally:
        ended = True
        for number, handler in before.items():
            signal.signal(number, handler)
