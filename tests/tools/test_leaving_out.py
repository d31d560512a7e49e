"""`make test` where tools are missing: it runs the rest, says what it left out and why, and fails in CI."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.building import ROOT

_NEEDED = ("bash", "dirname", "cat", "mktemp", "rm", "sleep", "tail")


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The project's scripts on a machine without any of the tools, for a plain user; pytest only says its arguments."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    _script(tmp_path / "tools" / "check", "exit 0")
    (tmp_path / "bin").mkdir()
    for name in _NEEDED:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    _script(tmp_path / "bin" / "id", "echo 1000")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    _script(tmp_path / ".venv" / "bin" / "python", 'echo "called: $*"; exit "${TESTS_END_WITH:-0}"')
    return tmp_path


def _run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": str(folder / "bin"), **environment}
    return subprocess.run([folder / "tools" / "test"], env=surroundings, capture_output=True, text=True, check=False)


def test_says_what_is_left_out_and_why(bare: Path) -> None:
    done = _run(bare)
    assert done.returncode == 0, done.stderr
    assert "-m not skopeo and not registry and not docker" in done.stdout
    told = done.stdout.partition("left out:")[2].splitlines()
    assert [line.split(": ")[0].strip() for line in told if line] == [
        "the tests marked skopeo",
        "the tests marked registry",
        "the tests marked docker",
    ]


def test_leaving_something_out_fails_in_ci(bare: Path) -> None:
    assert _run(bare, CI="true").returncode == 1


def test_failed_tests_keep_their_code(bare: Path) -> None:
    assert _run(bare, TESTS_END_WITH="3").returncode == 3


def test_nothing_is_left_out_where_all_is_there(bare: Path) -> None:
    for name in ("skopeo", "docker-registry", "docker"):
        _script(bare / "bin" / name, "echo 1.2.3")
    done = _run(bare, CI="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out" not in done.stdout
    assert " -m not " not in done.stdout
