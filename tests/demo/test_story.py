"""The demo, whole; and that it fails where its promises do not hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seeder.cli.app import main
from seeder.demo import play, story
from seeder.demo.stage import Stage, built, original
from seeder.run.restore import Restored
from seeder.sandbox import Action
from tests.docs.pages import blocks
from tests.fixtures.building import ROOT
from tests.fixtures.faults import Fault, Kind


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def shown_in_the_readme() -> list[str]:
    (excerpt,) = (block for block in blocks("") if block.page == ROOT / "README.md")
    return excerpt.content.splitlines()


def test_the_whole_story_holds(temporary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    assert "25 learners × 3 images × 2 pulls (index, platform) + 3 nodes × 2 × 2 = 162 pulls" in told
    assert "You have reached your unauthenticated pull rate limit" in told
    assert "for the whole class: 8 of 100 pulls spent" in told
    assert "+FROM registry.event.example/library/python:3.12-slim@sha256:" in told
    assert "+++ b/lab-containers/exercises/Dockerfile" in told
    assert "Requests to Docker Hub: 0." in told
    assert "every file was as before, to the byte" in told
    assert "seeder catalog init" in told
    assert set(shown_in_the_readme()) <= set(told.splitlines())
    assert list(temporary.iterdir()) == []


def test_the_folder_is_kept_where_asked_for(temporary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--keep"]) == 0
    (folder,) = temporary.iterdir()
    assert f"The folder is kept: {folder}" in capsys.readouterr().out
    assert "registry.event.example" in (folder / "lab-containers" / "exercises" / "Dockerfile").read_text()
    assert main(["restore", str(folder / "demo.yaml")]) == 0
    first = original()
    assert first
    assert {name: (folder / name).read_bytes() for name in first} == first


def test_a_reference_that_stays_behind_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = story.rewrite

    def forgetful(project, target, order):
        done = real(project, target, order)
        (project.path.parent / "lab-containers" / "forgotten.yaml").write_text(
            "services:\n  web:\n    image: nginx:1.27.3\n"
        )
        return done

    monkeypatch.setattr(story, "rewrite", forgetful)
    assert main(["demo"]) == 1
    told = capsys.readouterr().out
    assert "This did not hold: Docker Hub's stand-in is asked for nothing" in told
    assert "Now your own workshops" not in told


def test_it_needs_no_skopeo(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(temporary))
    assert main(["demo"]) == 0
    assert "Requests to Docker Hub: 0." in capsys.readouterr().out


def test_a_target_that_breaks_ends_the_story(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def broken(folder: Path) -> Iterator[Stage]:
        with built(folder) as stage:
            stage.event.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, times=None))
            stage.event.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PATCH, times=None))
            yield stage

    monkeypatch.setattr(play, "built", broken)
    assert main(["demo"]) == 1
    assert "This did not hold: every image is at the event's registry" in capsys.readouterr().out


def test_a_restore_that_leaves_something_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "restore", lambda project: Restored())
    assert main(["demo"]) == 1
    assert "This did not hold: every file is as it was, to the byte" in capsys.readouterr().out
