from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from seeder import __main__
from seeder.cli import app
from tests.fixtures.commands import environment

_INTERRUPTED_AT_ITS_END = """
import atexit, signal, sys
from seeder.__main__ import entry
atexit.register(signal.raise_signal, signal.SIGINT)
sys.argv = ["seeder", "--version"]
entry()
"""


@pytest.fixture(autouse=True)
def _ctrl_c() -> Iterator[None]:
    """Heard again after the test: a command that ended hears none."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("argv", "code"), [(["--version"], 0), (["--nonsense"], 2)])
def test_the_console_script_exits_with_the_commands_code(monkeypatch, argv: list[str], code: int) -> None:
    monkeypatch.setattr(sys, "argv", ["seeder", *argv])
    with pytest.raises(SystemExit) as caught:
        __main__.entry()
    assert caught.value.code == code


def test_ctrl_c_before_a_handler_is_there(monkeypatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "main", interrupted)
    with pytest.raises(SystemExit) as caught:
        __main__.entry()
    assert caught.value.code == 130


def test_ctrl_c_after_a_command_ended_changes_nothing() -> None:
    words = [sys.executable, "-c", _INTERRUPTED_AT_ITS_END]
    ended = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
