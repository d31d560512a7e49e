"""What a run shows while it moves."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from rich.progress import Progress

from seeder.cli import logs
from seeder.engines.events import BytesMoved, Finished, Mounted, Sized, Started
from seeder.errors import MissingError
from seeder.report import bars, progress
from seeder.report.tally import Tally
from seeder.settings import LogFormat, LogLevel, Settings
from tests.copies import copy

ONE, TWO = copy("nginx:1"), copy("redis:7")
DONE = Finished(ONE, ONE.copied(ONE.pin.descriptor.digest))
GONE = Finished(TWO, TWO.failed(MissingError("gone")))


@contextmanager
def logging_to_stderr(settings: Settings) -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure(settings)
    try:
        yield
    finally:
        root.handlers[:] = before


def test_events_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(log_format=LogFormat.JSON)
    with logging_to_stderr(settings), progress.watch(settings)([ONE, TWO]) as hear:
        for event in (Started(ONE), Sized(ONE, 9), BytesMoved(ONE, 7), DONE, Started(TWO), GONE):
            hear(event)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["reference"], line.get("outcome"), line.get("code")) for line in lines] == [
        ("started", "docker.io/library/nginx:1", None, None),
        ("sized", "docker.io/library/nginx:1", None, None),
        ("finished", "docker.io/library/nginx:1", "copied", None),
        ("started", "docker.io/library/redis:7", None, None),
        ("finished", "docker.io/library/redis:7", "failed", "missing"),
    ]


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.01)
    with logging_to_stderr(Settings()), progress.watch(Settings())([ONE, TWO]) as hear:
        hear(Started(ONE))
        hear(DONE)
        hear(Started(TWO))
        while "1 under way" not in (told := capsys.readouterr().err):
            pass
    assert "1 of 2 images copied, 1 under way\n" in told


def test_the_tally_names_what_did_not_come_about() -> None:
    tally = Tally(2)
    for event in (Started(ONE), DONE, Started(TWO), GONE):
        tally.hear(event)
    assert str(tally) == "1 of 2 images copied, 1 failed"
    tally.hear(BytesMoved(ONE, 7_000_000))
    assert str(tally) == "1 of 2 images copied, 1 failed, 7.0 MB moved"
    assert tally.done == 2
    for event in (Sized(ONE, 7_500_000), Mounted(ONE, 500_000)):
        tally.hear(event)
    assert tally.sized == 7_000_000  # what is mounted never moves


def test_an_image_that_is_tried_again_is_counted_once() -> None:
    tally = Tally(2)
    for event in (Started(ONE), Sized(ONE, 500), DONE, Started(TWO), Sized(TWO, 900), GONE, Started(TWO)):
        tally.hear(event)
    assert (str(tally), tally.done, tally.sized) == ("1 of 2 images copied, 1 under way", 1, 500)
    for event in (Sized(TWO, 900), GONE):
        tally.hear(event)
    assert (str(tally), tally.done, tally.sized) == ("1 of 2 images copied, 1 failed", 2, 1400)


def test_no_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(progress=False, log_format=LogFormat.JSON)
    with logging_to_stderr(settings), progress.watch(settings)([ONE]) as hear:
        hear(Started(ONE))
        hear(DONE)
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def _coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a terminal would be sent is sent to where tests read it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


def drawn(settings: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    with progress.watch(settings)([ONE, TWO]) as hear:
        for event in (Started(ONE), Sized(ONE, 7000), BytesMoved(ONE, 7000), DONE, Started(TWO)):
            hear(event)
    return capsys.readouterr().err


@pytest.mark.usefixtures("_coloured")
def test_bars_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    text = re.sub("\x1b[^a-zA-Z]*[a-zA-Z]", "", drawn(Settings(terminal=True), capsys))
    assert "1/2 images" in text
    assert "7.0/7.0 kB" in text
    assert "redis:7" in text


@pytest.mark.usefixtures("_coloured")
@pytest.mark.parametrize("settings", [Settings(), Settings(terminal=True, log_level=LogLevel.DEBUG)])
def test_no_bars_are_drawn_over_a_log(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn(settings, capsys) == ""


def test_no_more_bars_than_a_terminal_is_high() -> None:
    copies = [copy(f"i{n}:1") for n in range(bars.SHOWN + 5)]
    shown = Progress(disable=True)
    board = bars.Board(shown, len(copies))

    def visible() -> set[str]:
        """The images that have a bar: each stands indented below that of them all."""
        return {task.description.strip() for task in shown.tasks if task.visible and task.description.startswith(" ")}

    for each in copies:
        board.hear(Started(each))
    assert visible() == {f"i{n}:1" for n in range(bars.SHOWN)}
    board.hear(BytesMoved(copies[-1], 1))
    assert f"i{len(copies) - 1}:1" in visible()
    assert len(visible()) == bars.SHOWN
    board.hear(Finished(copies[1], copies[1].copied(copies[1].pin.descriptor.digest)))
    assert len(visible()) == bars.SHOWN
    board.hear(BytesMoved(copies[1], 1))  # late news of what ended
    assert len(visible()) == bars.SHOWN
    known = replace(copies[2], tags=("1", "1-abc"))  # an engine learns more of an image on the way
    board.hear(Finished(known, known.copied(known.pin.descriptor.digest)))
    assert "i2:1" not in visible()
