from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from seeder import __main__
from seeder.cli import app
from tests.fixtures.commands import environment

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SIGNALLED_AT_ITS_END = """
import atexit, signal, sys
from seeder.__main__ import entry
atexit.register(signal.raise_signal, {number:d})
sys.argv = ["seeder", "--version"]
entry()
"""


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Heard again after the test: a command that ended hears none."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


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


@pytest.mark.parametrize("number", _SIGNALS)
def test_a_signal_after_a_command_ended_changes_nothing(number: signal.Signals) -> None:
    words = [sys.executable, "-c", _SIGNALLED_AT_ITS_END.format(number=number)]
    ended = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
