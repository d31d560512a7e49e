"""The first Ctrl-C ends the run in order; where that takes a while, a person is told what the second one does."""

from __future__ import annotations

import io
import signal
import sys
import time

import pytest

from seeder.cli import signals
from seeder.errors import StoppedError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(
    monkeypatch: pytest.MonkeyPatch,
    stderr: io.StringIO,
    number: signal.Signals,
    *,
    patience: float = 0.01,
    takes: float = 0.1,
) -> str:
    """What stands on stderr after a signal that a run takes so many seconds to follow, unless something is told."""
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(signals, "PATIENCE", patience)
    with signals.orderly():
        with pytest.raises(StoppedError):
            signal.raise_signal(number)
        deadline = time.monotonic() + takes
        while not stderr.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    return stderr.getvalue()


def test_who_waits_at_a_terminal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Ctrl-C again ends at once" in told(monkeypatch, Terminal(), signal.SIGINT, takes=10)


def test_a_quick_end_is_not_commented_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Terminal(), signal.SIGINT, patience=60) == ""


@pytest.mark.parametrize(("stderr", "number"), [(io.StringIO(), signal.SIGINT), (Terminal(), signal.SIGTERM)])
def test_a_log_and_a_supervisor_are_told_nothing(
    monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, number: signal.Signals
) -> None:
    assert told(monkeypatch, stderr, number) == ""
