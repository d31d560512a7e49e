from __future__ import annotations

import json
import logging

import pytest

from seeder.cli import logs
from seeder.settings import LogFormat, LogLevel, Settings

LOG = logging.getLogger("seeder.test")


@pytest.fixture(autouse=True)
def _restored():
    root, own = logging.getLogger(), logging.getLogger("seeder")
    before = (root.handlers[:], root.level, own.level)
    yield
    root.handlers[:], root.level, own.level = before


def test_text_for_people_names_what_is_more_than_told(capsys) -> None:
    logs.configure(Settings(log_level=LogLevel.DEBUG))
    LOG.debug("asked %s", "https://me:secret@host/v2/")
    LOG.info("pinned")
    LOG.warning("slow")
    assert capsys.readouterr().err == "debug: asked https://***@host/v2/\npinned\nwarning: slow\n"


def test_what_others_say_is_one_line_and_no_command_to_a_terminal(capsys) -> None:
    logs.configure(Settings())
    LOG.warning("it has %s", "\x1b[2J/\n::error::x", extra={"hint": "try\x07"})
    assert capsys.readouterr().err == "warning: it has \\x1b[2J/ ::error::x\nhint: try\\x07\n"


def test_what_is_below_the_level_is_not_said(capsys) -> None:
    logs.configure(Settings(log_level=LogLevel.ERROR))
    LOG.warning("slow")
    logging.getLogger("urllib3").info("noise")
    assert capsys.readouterr().err == ""


def test_json_is_an_object_a_line_with_what_was_given(capsys) -> None:
    logs.configure(Settings(log_format=LogFormat.JSON))
    LOG.info("copied %s\nwhole", "nginx", extra={"bytes": 5, "url": "https://me:secret@host/"})
    try:
        raise ValueError("x")
    except ValueError:
        LOG.exception("broke")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "info",
        "logger": "seeder.test",
        "message": "copied nginx\nwhole",
        "bytes": 5,
        "url": "https://***@host/",
    }
    assert "ValueError: x" in second["traceback"]
