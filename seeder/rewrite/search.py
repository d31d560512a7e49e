"""Whether what pages search for is found in the rewritten files where it was, and selects the same there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from seeder.model.edit import Edit
from seeder.model.occurrence import Occurrence, Span
from seeder.rewrite.change import PlannedFile
from seeder.rewrite.couple import files_meant
from seeder.syntax.patterns import Pattern, parsed
from seeder.syntax.text import File

_BUDGET = 50_000_000  # steps of matching for all searches of a tree: a second or so
_WORD = re.compile(r"[A-Za-z]{4,}")


class _Line(Struct, frozen=True, kw_only=True):
    """A line before and after; `moves` are the characters that change, and how many stand there then."""

    old: str
    new: str
    moves: tuple[tuple[int, int, int], ...]
    owners: tuple[Occurrence, ...]


def misled(occurrences: Iterable[Occurrence], files: Sequence[PlannedFile]) -> dict[Occurrence, str]:
    """Names that may not change, since a search would then find something else; and why.

    With them the search's own text, if that changes, and those of the line: what else they select stays as well. With
    new texts they would no longer tell that they meet the name that was held, and the next run would change that.
    """
    occurrences = list(occurrences)
    texts = [text for text in occurrences if text.pattern and not text.pulled]
    if not texts:
        return {}
    new_texts = {change.occurrence: change.texts[0] for file in files for change in file.changes}
    lines = {file.name: _lines(file) for file in files}
    there = {occurrence.file for occurrence in occurrences}
    found: dict[Occurrence, str] = {}
    budget = _BUDGET
    for text in texts:
        searched = text.parts[0].text
        before, after = text.pattern, text.pattern.replace(searched, new_texts.get(text, searched), 1)
        for name in _read_by(text, lines, there):
            for line in lines[name]:
                why, cost = _fault(before, after, line, budget)
                budget -= cost
                if why and any(owner.pulled for owner in line.owners):
                    reason = f"the search at {text.place} must go on to select the same, and {why}"
                    found |= dict.fromkeys(line.owners, reason)
                    found |= {text: reason} if text in new_texts else {}
    return found


def _read_by(text: Occurrence, lines: Collection[str], there: Collection[str]) -> list[str]:
    """The changed files that a search may look into: those that it means, else the pages beside its own."""
    folder = PurePosixPath(text.file).parent
    meant = files_meant(folder, text.coupled_to, there) or [
        name for name in there if PurePosixPath(name).parent == folder
    ]
    return [name for name in meant if name in lines]


def _lines(file: PlannedFile) -> list[_Line]:
    """The lines of a file that change."""
    by_line: dict[int, list[Edit]] = {}
    for edit in file.edits:
        by_line.setdefault(edit.line, []).append(edit)
    owners: dict[Span, Occurrence] = {
        part.span: change.occurrence for change in file.changes for part in change.occurrence.parts
    }
    before, after = File(file.old), File(file.new)
    olds, news = before.content.split("\n"), after.content.split("\n")
    return [
        _Line(
            old=olds[line - 1].rstrip("\r"),
            new=news[line - 1].rstrip("\r"),
            moves=tuple(_move(edit, before.encoding) for edit in edits),
            owners=tuple(owners[edit.span] for edit in edits if edit.span in owners),
        )
        for line, edits in by_line.items()
    ]


def _move(edit: Edit, encoding: str) -> tuple[int, int, int]:
    start = edit.column - 1
    return start, start + len(edit.old.decode(encoding)), len(edit.new.decode(encoding))


def _fault(before: str, after: str, line: _Line, budget: int) -> tuple[str, int]:
    """Why a line would be found otherwise, empty where it would not; and the steps that it took to see that."""
    old, new = parsed(before), parsed(after)
    if old is None or new is None:
        return ("its regular expression cannot be followed" if _may_match(before, line.old) else ""), 0
    cost = old.cost(line.old) + new.cost(line.new)
    if cost > budget:
        return "its regular expression takes too long on this line", 0
    was, now = _span(old, line.old), _span(new, line.new)
    if now == (was and _moved(was, line.moves)):
        return "", cost
    is_parted = was is not None and any(_is_parted(was, move) for move in line.moves)
    return f"it would {'match only a part of the name' if is_parted else 'no longer match the whole of it'}", cost


def _may_match(pattern: str, line: str) -> bool:
    """Whether a line has the words of a pattern that is not understood."""
    return "|" in pattern or all(word in line for word in _WORD.findall(re.sub(r"\\.|\[[^\]]*\]", " ", pattern)))


def _span(pattern: Pattern, line: str) -> Span | None:
    match = pattern.compiled.search(line)
    return Span(*match.span()) if match else None


def _is_parted(span: Span, move: tuple[int, int, int]) -> bool:
    """Whether a match holds some characters of a name and not the others."""
    start, end, _ = move
    is_apart = span.end <= start or end <= span.start
    return not is_apart and not (span.start <= start and end <= span.end)


def _moved(span: Span, moves: Sequence[tuple[int, int, int]]) -> Span:
    """Where a span goes; a place inside a name keeps its distance from the name's end, where its tag stands."""
    return Span(*(place + sum(_shift(place, *move) for move in moves) for place in (span.start, span.end)))


def _shift(place: int, start: int, end: int, length: int) -> int:
    return length - (end - start) if place > start else 0
