"""Marks in AsciiDoc's blocks of code that the page does not show.

docs.asciidoctor.org: "Callouts", "Substitutions" (`subs="+quotes"`), "Bold" (constrained: a word's edge on both sides).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seeder.syntax.text import Text

_SUBS = re.compile(r"\bsubs=(?:\"([^\"]*)\"|'([^']*)'|([^,]*))")
_REFERENCE = re.compile(r"\{([\w-]+)\}\Z")
_QUOTES = frozenset({"quotes", "q", "normal", "n"})
_CALLOUT = re.compile(r"<(?:\d{1,3}|\.)>\Z")
_LONGEST_CALLOUT = 5
_MAX = 32  # substitutions of a block; AsciiDoc knows nine
# What may not stand before bold type, besides a word, and what a mark of another kind would be.
_NO_OPENING = "&;:}*"


def has_quotes(attributes: str, values: Mapping[str, str]) -> bool:
    """Whether a block's list of attributes asks for bold type and the like inside; `values` are the document's."""
    match = _SUBS.search(attributes)
    if match is None:
        return False
    for word in (match[1] or match[2] or match[3] or "").split(",")[:_MAX]:
        reference = _REFERENCE.match(word.strip())
        for one in values.get(reference[1], "").split(",") if reference else [word]:
            if one.strip().strip("+") in _QUOTES:
                return True
    return False


def without_marks(body: Text, *, quotes: bool) -> Text:
    """The text as the page shows it: without callouts, and without the marks of bold type."""
    if not quotes and ">" not in body.content:
        return body
    return body.cut(run for start, end in body.lines() for run in _shown(body.content, start, end, quotes=quotes))


def _shown(content: str, start: int, end: int, *, quotes: bool) -> Iterator[tuple[int, int]]:
    last = end
    while last > start and content[last - 1] in "\r\n":
        last -= 1
    shown = _before_callouts(content, start, last)
    at = start
    for mark in _bold(content, start, shown) if quotes else ():
        yield at, mark
        at = mark + 1
    yield at, shown
    yield last, end


def _before_callouts(content: str, start: int, end: int) -> int:
    """Where `image: a:1 # <1>` ends for the reader; a line without a callout stays as it is."""
    shown = end
    while shown > start and content[shown - 1] == ">":
        match = _CALLOUT.search(content, max(start, shown - _LONGEST_CALLOUT), shown)
        if match is None:
            break
        shown = match.start()
        while shown > start and content[shown - 1] in " \t":
            shown -= 1
    return shown


def _bold(content: str, start: int, end: int) -> Iterator[int]:
    """Where the marks of constrained bold type stand on a line, each pair of them."""
    opening = -1
    at = content.find("*", start, end)
    while at >= 0:
        before = content[at - 1] if at > start else " "
        after = content[at + 1] if at + 1 < end else " "
        if opening < 0:
            if not after.isspace() and after != "*" and not _is_word(before) and before not in _NO_OPENING:
                opening = at
        elif at > opening + 1 and not before.isspace() and not _is_word(after):
            yield opening
            yield at
            opening = -1
        at = content.find("*", at + 1, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
