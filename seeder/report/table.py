"""Tables for people: a row a line; on a terminal that is too narrow for it, folded so that no name is cut."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from seeder.report.diff import is_coloured
from seeder.report.plain import plain

_GAP = "  "
_INDENT = "    "
_LEAST = 30  # the last column is worth folding from this width on
_IN_COLUMNS = (1, 0.9, 0.75)  # shares of the rows that are to stand in columns
_BOLD, _RED, _YELLOW, _RESET = "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_COLOURS = {"error": _RED, "failed": _RED, "warning": _YELLOW, "deferred": _YELLOW}
_GRADE = re.compile(rf"(\S {{2,}})({'|'.join(_COLOURS)})(?= {{2}}|$)")  # a whole cell, and not the first
_DIGEST = re.compile(r"(@sha256:[0-9a-f]{12})[0-9a-f]{52}\b")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, width: int | None = None) -> str:
    """The table as text; empty without rows. `width` is the terminal's where it is not given, 0 for none."""
    cells = [[plain(" ".join(cell.splitlines())) for cell in row] for row in rows]
    if not cells:
        return ""
    room = _terminal_width() if width is None else width
    lines = _lines([list(columns), *cells], room)
    return "".join(_painted(lines) if is_coloured() else (f"{line}\n" for line in lines))


def abbreviated(reference: str) -> str:
    """A reference whose digest is short enough to read: `nginx:1.27@sha256:0a1b2c3d4e5f…`."""
    return _DIGEST.sub(r"\1…", reference)


def _terminal_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _lines(rows: list[list[str]], room: int) -> Iterator[str]:
    """In columns; where those are too wide for the room, the few longest rows flow, else all of them."""
    by_length = sorted(rows[1:], key=lambda row: sum(map(_width, row[:-1])))
    for share in _IN_COLUMNS if room else (1,):
        kept = [rows[0], *by_length[: max(1, round(share * len(by_length)))]]
        widths = [max(map(_width, column)) for column in zip(*kept, strict=True)]
        before = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
        if not room:
            return (_aligned(row, widths) for row in rows)
        if room - before >= min(_LEAST, widths[-1]):
            return (line for row in rows for line in _fitted(row, widths, before, room))
    return (line for row in rows for line in _flowed(row, room))


def _fitted(row: Sequence[str], widths: Sequence[int], before: int, room: int) -> Iterator[str]:
    fits = all(_width(cell) <= width for cell, width in zip(row[:-1], widths, strict=False))
    return _folded(row, widths, before, room) if fits else _flowed(row, room)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """In columns of a terminal."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _folded(row: Sequence[str], widths: Sequence[int], before: int, room: int) -> Iterator[str]:
    """The last cell goes on below itself."""
    first, *more = _wrapped(row[-1], room - before) or [""]
    yield _aligned([*row[:-1], first], widths)
    yield from (" " * before + line for line in more)


def _flowed(row: Sequence[str], room: int) -> Iterator[str]:
    """One cell after the other, as many as fit a line; only the last cell is cut, between words."""
    line = ""
    for cell in filter(None, row[:-1]):
        if line and _width(line + _GAP + cell) > room:
            yield line
            line = _INDENT + cell
        else:
            line = f"{line}{_GAP}{cell}" if line else cell
    if not row[-1] or _width(line + _GAP + row[-1]) <= room:
        yield f"{line}{_GAP}{row[-1]}".rstrip()
        return
    yield line
    yield from (_INDENT + part for part in _wrapped(row[-1], room - len(_INDENT)))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False)


def _painted(lines: Iterable[str]) -> Iterator[str]:
    """The first line bold; the word of a row that says how grave it is in its colour."""
    for number, line in enumerate(lines):
        graded = _GRADE.sub(lambda found: f"{found[1]}{_COLOURS[found[2]]}{found[2]}{_RESET}", line, count=1)
        yield f"{graded}\n" if number else f"{_BOLD}{line}{_RESET}\n"
