from __future__ import annotations

import sys

import pytest

from seeder import __main__
from seeder.cli import app


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
