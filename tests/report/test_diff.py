"""Diffs that patch tools read, whatever the lines end in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seeder.report.diff import is_coloured, unified

CASES = {
    "a line": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "no final newline": (b"a\nb", b"a\nB"),
    "a newline more": (b"a\nb", b"a\nb\n"),
    "crlf": (b"a\r\nb\r\n", b"a\r\nB\r\n"),
    "a carriage return inside": (b"a\rb\nc\n", b"a\rB\nc\n"),
    "separators inside": ("a\u2028\x0cb\nc\n".encode(), "a\u2028\x0cB\nc\n".encode()),
    "from nothing": (b"", b"a\n"),
    "latin-1": (b"\xe9\na\n", b"\xe9\nb\n"),
    "a byte order mark": (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n"),
    "a zero width space": ("\ufeffa\n\ufeff".encode(), "\ufeffb\n\ufeff".encode()),
    "far apart": (b"x\n" * 30, b"y\n" + b"x\n" * 28 + b"y\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_patch_applies_it(tmp_path: Path, name: str) -> None:
    old, new = CASES[name]
    (tmp_path / "f").write_bytes(old)
    diff = unified("f", old, new)
    done = subprocess.run(["git", "apply", "-"], input=diff, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f").read_bytes() == new


@pytest.mark.parametrize("name", ["a b", "é", "\udcff", "a\nb", 'a"b', "a\\b", "a\tb"])
def test_patch_finds_files_of_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a\n")
    diff = unified(name, b"a\n", b"b\n")
    done = subprocess.run(["git", "apply", "-"], input=diff, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_bytes() == b"b\n"


@pytest.mark.parametrize(
    ("is_terminal", "variables", "coloured"),
    [(True, {}, True), (False, {}, False), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    is_terminal: bool, variables: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_coloured() is coloured


def test_the_same_is_nothing() -> None:
    assert unified("f", b"a\n", b"a\n") == b""


def test_colours_are_round_the_lines() -> None:
    text = unified("/f", b"a\nb", b"a\nB", coloured=True).decode()
    assert "\x1b[31m-b\x1b[0m\n\\ No newline" in text
    assert "\x1b[32m+B\x1b[0m\n" in text
    assert "\x1b[1m--- a/f\x1b[0m\n" in text
