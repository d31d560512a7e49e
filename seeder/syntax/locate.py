"""Finds in a file what a rewrite record says was written there, also after edits elsewhere in the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from seeder.model.edit import Edit
from seeder.model.occurrence import Span
from seeder.model.rewrites import RewrittenSpan, Surroundings
from seeder.syntax.text import File

# A text that goes on in either direction is part of a longer name. `docker://` and `${VAR:-` are no part of one.
_LONGER_BEFORE = re.compile(r"[A-Za-z0-9_.@]\Z|[^/]/\Z|[A-Za-z0-9_]-\Z")
_LONGER_AFTER = re.compile(r"[.:]*[A-Za-z0-9_@/-]")
# How much of a line is looked at on either side: a line may be a megabyte long.
_REACH = 200
# Spans times candidates above which spans of one text are matched in order alone.
_MAX_PAIRS = 250_000


class Found(Struct, frozen=True):
    """Where a text stands: `start` up to `end` in the file's characters, and what is around it."""

    start: int
    end: int
    surroundings: Surroundings


def locate(file: File, spans: Sequence[RewrittenSpan]) -> dict[RewrittenSpan, Found]:
    """Where each recorded span stands now; a span whose text is no longer ours is left out.

    Spans of the same text keep their order; between equal candidates the surroundings decide, then the place.
    """
    groups: dict[tuple[str, ...], list[RewrittenSpan]] = {}
    for span in spans:
        groups.setdefault(span.texts, []).append(span)
    found: dict[RewrittenSpan, Found] = {}
    for texts, group in groups.items():
        known = {span.surroundings for span in group}
        candidates = sorted(_standing(file, texts, known), key=lambda each: each.start)
        found.update(_matched(file, group, candidates))
    return found


def undoing(file: File, span: RewrittenSpan, found: Found) -> Edit:
    """The edit that gives a recorded span, where it stands now, its first text back."""
    start, end = file.byte_at(found.start), file.byte_at(found.end)
    line, column = file.line_column(found.start)
    return Edit(
        root=span.workshop,
        file=span.file,
        span=Span(start, end),
        old=file.data[start:end],
        new=span.original.encode(file.encoding, "replace"),
        line=line,
        column=column,
    )


def surroundings(file: File, start: int, end: int) -> Surroundings:
    """Hashes of what stands around the characters `start` up to `end`."""
    text = file.content
    line = text.rfind("\n", 0, start) + 1
    line_end = _or_end(text, text.find("\n", end))
    above_end = max(line - 1, 0)
    above = text.rfind("\n", 0, above_end) + 1
    below_end = _or_end(text, text.find("\n", line_end + 1))
    return Surroundings(
        above=_hash(text[above : min(above_end, above + _REACH)]),
        before=_hash(text[max(line, start - _REACH) : start]),
        after=_hash(text[end : min(line_end, end + _REACH)]),
        below=_hash(text[line_end + 1 : min(below_end, line_end + 1 + _REACH)]),
    )


def _or_end(text: str, index: int) -> int:
    return len(text) if index < 0 else index


def _hash(text: str) -> str:
    """Eight digits; blanks and line ends at either end do not count, so that a converted file is still known."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _standing(file: File, texts: Iterable[str], known: set[Surroundings]) -> Iterator[Found]:
    """Every place of the texts, save where they are part of a longer name that was not recorded as such."""
    content = file.content
    befores, afters = {each.before for each in known}, {each.after for each in known}
    for text in texts:
        at = content.find(text)
        while at >= 0:
            end = at + len(text)
            around = surroundings(file, at, end)
            begins = around.before in befores or not _LONGER_BEFORE.search(content[max(0, at - 2) : at])
            ends = around.after in afters or not _LONGER_AFTER.match(content, end)
            if begins and ends:
                yield Found(at, end, around)
            at = content.find(text, end)


def _matched(
    file: File, spans: Sequence[RewrittenSpan], candidates: Sequence[Found]
) -> Iterator[tuple[RewrittenSpan, Found]]:
    if len(spans) == len(candidates) or len(spans) * len(candidates) > _MAX_PAIRS:
        yield from zip(spans, candidates, strict=False)
        return
    places = [file.line_column(each.start) for each in candidates]
    gains = [[_likeness(span, each, place) for each, place in zip(candidates, places, strict=True)] for span in spans]
    for row, column in _best_in_order(gains, len(candidates)):
        yield spans[row], candidates[column]


def _likeness(span: RewrittenSpan, found: Found, place: tuple[int, int]) -> int:
    """More than 0 for any candidate; what stands around it counts more than the line, the line more than the column."""
    line, column = place
    alike = span.surroundings.likeness(found.surroundings)
    return 100 + 10 * alike + 2 * (line == span.line) + (column == span.column)


def _best_in_order(gains: Sequence[Sequence[int]], columns: int) -> Iterator[tuple[int, int]]:
    """The pairs (row, column), both rising, whose gains add up to the most."""
    rows = len(gains)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            taken = gains[row][column] + best[row + 1][column + 1]
            best[row][column] = max(taken, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < rows and column < columns:
        if best[row][column] == gains[row][column] + best[row + 1][column + 1]:
            yield row, column
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
