"""Where each character of a scalar's value stands (YAML 1.1 §9: flow and block scalars, folding, escapes)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from seeder.syntax.text import Run, Text

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_PROPERTY = re.compile(r"[&!][^\s]*(?:[ \t]+|(?:[ \t]*(?:#[^\n]*)?(?:\r\n|\n|\r))+[ \t]*)?")
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}


class Placed(Protocol):
    """A scalar as the parser reports it; the start takes its anchor and tag in."""

    start: int
    end: int
    style: str


def scalar_text(text: Text, parsed: str, scalar: Placed, decoded: str) -> Text:
    """The value `decoded` of a scalar of `text`, each character with its place.

    `parsed` is what the parser was given: of the same length as `text`, whose own characters are taken over. A value
    that cannot be retraced stands nowhere, so that nothing is written to a wrong place.
    """
    start, end = _without_properties(parsed, scalar.start, scalar.end), scalar.end
    if parsed[start:end] == decoded:
        return text.slice(start, end)
    runs = list(_runs(parsed, start, end, scalar.style, decoded))
    if "".join([run if isinstance(run, str) else parsed[run[0] : run[1]] for run in runs]) != decoded:
        return Text(text.file, decoded, ())
    return text.cut(runs)


def _without_properties(content: str, start: int, end: int) -> int:
    while start < end and content[start] in "&!":
        match = _PROPERTY.match(content, start, end)
        if match is None:  # pragma: no cover - the pattern takes at least the sign
            break
        start = match.end()
    return start


def _runs(content: str, start: int, end: int, style: str, decoded: str) -> Iterator[Run]:
    if style in {"|", ">"}:
        return _block(content, start, end, decoded)
    if style == "'":
        return _folded(content, start + 1, end - 1, _single)
    if style == '"':
        return _folded(content, start + 1, end - 1, _double)
    return _folded(content, start, end, lambda _content, low, high: iter([(low, high)]))


def _lines(content: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in _BREAK.finditer(content, start, end):
        yield at, match.start()
        at = match.end()
    yield at, end


def _folded(content: str, start: int, end: int, split: Callable[[str, int, int], Iterator[Run]]) -> Iterator[Run]:
    """Lines of a flow scalar: blanks around breaks go, one break becomes a space, n of them n - 1 breaks."""
    lines = list(_lines(content, start, end))
    blank_lines, joined = 0, False
    for number, (line_start, line_end) in enumerate(lines):
        is_first, is_last = number == 0, number == len(lines) - 1
        low = line_start if is_first else _skip_blanks(content, line_start, line_end)
        high, continues = (line_end, False) if is_last else _line_end(content, low, line_end, split)
        if low == high and not is_first and not is_last and not continues:
            blank_lines += 1
            continue
        if not is_first:
            yield "\n" * blank_lines if blank_lines or joined else " "
            blank_lines = 0
        yield from split(content, low, high)
        joined = continues


def _skip_blanks(content: str, start: int, end: int) -> int:
    while start < end and content[start] in " \t":
        start += 1
    return start


def _line_end(content: str, start: int, end: int, split: Callable[[str, int, int], Iterator[Run]]) -> tuple[int, bool]:
    """The end of a line that is not the last, and whether an escaped break joins it to the next."""
    if split is _double and _ends_in_escape(content, start, end):
        return end - 1, True
    high = end
    while high > start and content[high - 1] in " \t":
        high -= 1
    if split is _double and high < end and _ends_in_escape(content, start, high):
        high += 1
    return high, False


def _ends_in_escape(content: str, start: int, end: int) -> bool:
    at = end
    while at > start and content[at - 1] == "\\":
        at -= 1
    return (end - at) % 2 == 1


def _single(content: str, start: int, end: int) -> Iterator[Run]:
    quote = content.find("''", start, end)
    while quote >= 0:
        yield start, quote + 1
        start = quote + 2
        quote = content.find("''", start, end)
    yield start, end


def _double(content: str, start: int, end: int) -> Iterator[Run]:
    escape = content.find("\\", start, end)
    while escape >= 0:
        yield start, escape
        sign = content[escape + 1 : escape + 2]
        length = _HEX_LENGTHS.get(sign, 0)
        start = escape + 2 + length
        if length:
            yield _character(content[escape + 2 : start])
        elif sign in _ESCAPES:
            yield _ESCAPES[sign]
        else:  # a sign that stands for itself
            yield escape + 1, escape + 2
        escape = content.find("\\", start, end)
    yield start, end


def _character(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return ""


def _block(content: str, start: int, end: int, decoded: str) -> Iterator[Run]:
    """Lines of a block scalar, each found again in the value behind the breaks and spaces that folding left."""
    body = list(_lines(content, start, end))[1:]
    indent = _indent(content, body, decoded)
    at = 0
    for line_start, line_end in body:
        low = line_start + indent
        if low >= line_end:
            continue
        line = content[low:line_end]
        found = at
        while not decoded.startswith(line, found) and found < len(decoded) and decoded[found] in " \n":
            found += 1
        if found > at:
            yield decoded[at:found]
        yield low, line_end
        at = found + len(line)
    yield decoded[at:]


def _indent(content: str, body: list[tuple[int, int]], decoded: str) -> int:
    """The columns that the value lost: those of the first line with content, less what the value kept of them."""
    for start, end in body:
        line = content[start:end]
        if line.strip(" "):
            kept = next((kept for kept in decoded.split("\n") if kept.strip(" ")), "")
            return len(line) - len(line.lstrip(" ")) - (len(kept) - len(kept.lstrip(" ")))
    return 0
