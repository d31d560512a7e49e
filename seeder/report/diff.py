"""Unified diffs of files, as `patch` and `git apply` read them, in the bytes of the files."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator

from seeder.model.edit import EditedFile

_CONTEXT = 3
_ENDS_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\]')
_NO_NEWLINE = "\n\\ No newline at end of file\n"
_COLOURS = {"---": "\x1b[1m", "+++": "\x1b[1m", "@@": "\x1b[36m", "-": "\x1b[31m", "+": "\x1b[32m"}
_RESET = "\x1b[0m"


def is_coloured() -> bool:
    """Whether stdout is a terminal that wants colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def diffs(files: Iterable[EditedFile]) -> bytes:
    """The diffs of some files, one below the other."""
    coloured = is_coloured()
    return b"".join(unified(file.shown, file.old, file.new, coloured=coloured) for file in files)


def unified(name: str, old: bytes, new: bytes, *, coloured: bool = False) -> bytes:
    """What lies between two states of a file; empty where they are the same."""
    path = name.lstrip("/")
    lines = difflib.unified_diff(_lines(old), _lines(new), _quoted(f"a/{path}"), _quoted(f"b/{path}"), n=_CONTEXT)
    text = "".join(_painted(line) if coloured else line for line in _ended(lines))
    return text.encode(errors="surrogateescape")


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes, with escapes, where it holds what would end it."""
    escaped = _ENDS_A_NAME.sub(lambda match: f"\\{ord(match[0]):03o}", path)
    return path if escaped == path else f'"{escaped}"'


def _lines(data: bytes) -> list[str]:
    """Lines end at a line feed alone: a carriage return, or a form feed, is part of its line."""
    lines = data.decode(errors="surrogateescape").split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}{_NO_NEWLINE}"


def _painted(line: str) -> str:
    colour = next((colour for start, colour in _COLOURS.items() if line.startswith(start)), "")
    if not colour:
        return line
    text, end, rest = line.partition("\n")
    return f"{colour}{text}{_RESET}{end}{rest}"
