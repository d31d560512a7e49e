"""A shell that gives seeder less than usual: closed streams, a folder that is gone, few open files, other locales."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fixtures.commands import environment

SEEDER = f"{sys.executable} -W error -m seeder"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Dockerfile").write_text("FROM nginx:1.27\n")
    return tree


def shell(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    around = environment(**more)
    return subprocess.run(["/bin/sh", "-c", script], cwd=folder, env=around, capture_output=True, check=False)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["scan tree", "scan --format json tree --report r.json", "--help"])
def test_closed_streams(tree: Path, closed: str, words: str) -> None:
    ended = shell(f"{SEEDER} {words} {closed}", tree.parent)
    assert (ended.returncode, ended.stderr) == (0, b"")
    if "--report" in words:
        assert b"nginx:1.27" in (tree.parent / "r.json").read_bytes()


@pytest.mark.parametrize("words", ["catalog init .", "scan ."])
def test_a_folder_that_is_gone(tree: Path, words: str) -> None:
    gone = tree.parent / "gone"
    gone.mkdir()
    ended = shell(f"rmdir ../gone; {SEEDER} {words}", gone)
    assert ended.returncode in {1, 2}
    assert ended.stderr.startswith(b"error: ")
    assert b"hint: " in ended.stderr


@pytest.mark.parametrize("words", ["scan", "lint", "lint --format github", "why nginx:1.27"])
def test_a_tree_elsewhere_does_not_need_it(tree: Path, words: str) -> None:
    gone = tree.parent / "gone"
    gone.mkdir()
    ended = shell(f"rmdir ../gone; {SEEDER} {words} {tree}", gone)
    assert (ended.returncode, ended.stderr) == (int(words.startswith("lint")), b"")
    assert b"nginx:1.27" in ended.stdout


def test_a_reader_that_goes_away(tree: Path) -> None:
    for number in range(3000):
        (tree / f"Dockerfile.{number}").write_text(f"FROM nginx:{number}\n")
    ended = shell(f"({SEEDER} scan tree; echo $? >&2) | head -n 1", tree.parent)
    assert ended.stderr.split()[-1] == b"0"
    assert b"Traceback" not in ended.stderr


LOCALES: Sequence[dict[str, str]] = (
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "TZ": "Asia/Kathmandu"},
    {"XDG_CACHE_HOME": "relative", "XDG_CONFIG_HOME": "relative", "XDG_RUNTIME_DIR": "relative"},
)


@pytest.mark.parametrize("words", ["scan tree", "scan --format json tree", "lint tree", "why nginx:1.27 tree"])
@pytest.mark.parametrize("more", LOCALES, ids=str)
def test_names_that_are_no_utf_8_in_any_locale(tree: Path, words: str, more: dict[str, str]) -> None:
    folder = tree / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM nginx:1.27\n")
    (tree / "a\n\x1b[31mb.yaml").write_text("kind: Pod\nspec: {containers: [{image: 'nginx:1.27'}]}\n")
    ended = shell(f"{SEEDER} {words}", tree.parent, **more)
    assert ended.returncode == int(words.startswith("lint"))
    assert b"Traceback" not in ended.stderr
    assert b"\x1b[31m" not in ended.stdout
    assert b"caf" in ended.stdout
    assert not (tree.parent / "relative").exists()
