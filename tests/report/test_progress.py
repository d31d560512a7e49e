"""What a run shows while it moves."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from seeder import targets
from seeder.cli import logs
from seeder.engines.events import BytesMoved, Finished, Started
from seeder.errors import MissingError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Outcome, Result
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.report import progress
from seeder.settings import LogFormat, Settings


def copy(name: str) -> Copy:
    reference = ImageReference.parse(name)
    digest = Digest.of(name.encode())
    pin = Pin(reference=reference, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=digest, size=1))
    place = targets.destination(reference, digest, TargetSettings(name="t", registry="reg.example.com"))
    return Copy(pin=pin, destination=place)


ONE, TWO = copy("nginx:1"), copy("redis:7")
DONE = Finished(ONE, Outcome(reference=ONE.pin.reference, result=Result.COPIED))
GONE = Finished(TWO, Outcome(reference=TWO.pin.reference, result=Result.FAILED, error=MissingError("gone")))


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
        for event in (Started(ONE), BytesMoved(ONE, 7), DONE, Started(TWO), GONE):
            hear(event)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["reference"], line.get("outcome"), line.get("code")) for line in lines] == [
        ("started", "docker.io/library/nginx:1", None, None),
        ("finished", "docker.io/library/nginx:1", "copied", None),
        ("started", "docker.io/library/redis:7", None, None),
        ("finished", "docker.io/library/redis:7", "failed", "missing"),
    ]


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(Settings()), progress._heartbeat([ONE, TWO], every=0.01) as hear:
        hear(Started(ONE))
        hear(DONE)
        hear(Started(TWO))
        while "1 under way" not in (told := capsys.readouterr().err):
            pass
    assert "1 of 2 images copied, 1 under way\n" in told


def test_the_tally_names_what_did_not_come_about() -> None:
    tally = progress.Tally(2)
    for event in (Started(ONE), DONE, Started(TWO), GONE):
        tally.hear(event)
    assert str(tally) == "1 of 2 images copied, 1 failed"
    assert tally.done == 2


def test_no_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(progress=False, log_format=LogFormat.JSON)
    with logging_to_stderr(settings), progress.watch(settings)([ONE]) as hear:
        hear(Started(ONE))
        hear(DONE)
    assert capsys.readouterr() == ("", "")


def test_bars_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress.watch(Settings(terminal=True))([ONE, TWO]) as hear:
        for event in (Started(ONE), BytesMoved(ONE, 7), DONE, Started(TWO)):
            hear(event)
    assert "1/2" in screen.getvalue()
    assert "redis:7" in screen.getvalue()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), "_heartbeat"),
        (Settings(terminal=True), "_bars"),
    ],
)
def test_which_form(settings: Settings, kind: str) -> None:
    assert progress.watch(settings) is getattr(progress, kind)
