"""Whether a rewritten file says the same as before but for what was meant to change."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from seeder.model.edit import Edit, moved
from seeder.model.occurrence import Context, Occurrence, Span
from seeder.syntax.text import File

# What an event says; where it stands does not count.
_SAID = ("value", "implicit", "anchor", "tag", "style", "explicit", "flow_style", "version", "tags")
_BROKEN = (yaml.YAMLError, ValueError)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def changed_otherwise(before: Iterable[Occurrence], after: Iterable[Occurrence], edits: Sequence[Edit]) -> str:
    """What discovery finds else in a file than planned; empty where it finds just that.

    Every occurrence must be found again where its spans have gone, the edited ones with their new text.
    """
    before = list(before)
    places = moved((part.span for occurrence in before for part in occurrence.parts), edits)
    new_texts = {places[edit.span]: edit.new for edit in edits if edit.span in places}
    expected = _by_place(before, places)
    found = _by_place(after)
    for key, (occurrence, *others) in expected.items():
        again = found.get(key, [])
        if len(again) != len(others) + 1:
            return f"line {occurrence.line}: {occurrence.raw} would no longer be found as what it is"
        for new, old in zip(again, [occurrence, *others], strict=True):
            fault = _read_otherwise(old, new, new_texts)
            if fault:
                return f"line {old.line}: {old.raw} would {fault}"
    for key, (occurrence, *_) in found.items():
        if key not in expected:
            return f"line {occurrence.line}: {occurrence.raw} would be found where nothing was"
    return ""


def _by_place(
    occurrences: Iterable[Occurrence], places: Mapping[Span, Span] | None = None
) -> dict[tuple[tuple[Span, ...], Context], list[Occurrence]]:
    """By spans, moved where `places` says so, and context; a repository's text may be a part of several names."""
    found: dict[tuple[tuple[Span, ...], Context], list[Occurrence]] = {}
    for occurrence in sorted(occurrences, key=lambda each: each.canonical):
        spans = tuple(places[part.span] if places else part.span for part in occurrence.parts)
        found.setdefault((spans, occurrence.context), []).append(occurrence)
    return found


def _read_otherwise(old: Occurrence, new: Occurrence, new_texts: Mapping[Span, bytes]) -> str:
    for part, was in zip(new.parts, old.parts, strict=True):
        text = new_texts.get(part.span)
        if not _is_text(part.text, text if text is not None else was.text):
            return f"read {part.text}"
    if new.pulled != old.pulled or new.rewritable != old.rewritable:
        return "no longer be taken for what it is"
    return ""


def _is_text(text: str, expected: str | bytes) -> bool:
    if isinstance(expected, bytes):
        return expected in {text.encode("utf-8", "surrogatepass"), text.encode("latin-1", "replace")}
    return text == expected


def yaml_changed_otherwise(old: bytes, new: bytes, edits: Sequence[Edit]) -> str:
    """What a YAML parser would read else than before outside the scalars that hold the edits; empty for nothing.

    A file that was no YAML before is not judged.
    """
    before, after = _events(old), _events(new)
    ranges = _character_ranges(old, edits)
    while True:
        try:
            left = next(before, None)
        except _BROKEN:
            return ""
        if left is None:  # the end of a stream is an event, and was the same
            return ""
        try:
            right = next(after)
        except _BROKEN as error:
            return _unless_broken(before, f"line {_line(error)}: it would no longer parse as YAML")
        if not _same(left, right, ranges):
            return _unless_broken(before, f"line {_line(left)}: YAML would read something else there")


def _events(data: bytes) -> Iterator[yaml.Event]:
    """One after another: a list of them takes fifty times the file's size."""
    yield from yaml.parse(File(data).content, Loader=_Loader)


def _unless_broken(rest: Iterator[yaml.Event], fault: str) -> str:
    """The fault, if the file parsed to its end before."""
    try:
        deque(rest, maxlen=0)
    except _BROKEN:
        return ""
    return fault


def _character_ranges(data: bytes, edits: Sequence[Edit]) -> list[Span]:
    """The edits' spans in characters, in order."""
    file = File(data)
    ranges, at_byte, at_character = [], file.byte_at(0), 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        at_character += len(data[at_byte : edit.span.start].decode(file.encoding))
        end = at_character + len(edit.old.decode(file.encoding))
        ranges.append(Span(at_character, end))
        at_byte, at_character = edit.span.end, end
    return ranges


def _same(before: yaml.Event, after: yaml.Event, ranges: Sequence[Span]) -> bool:
    """Whether two events say the same, but for the text of a scalar that holds an edit."""
    if type(before) is not type(after):
        return False
    differing = {name for name in _SAID if getattr(before, name, None) != getattr(after, name, None)}
    if isinstance(before, yaml.ScalarEvent) and _holds_one(before, ranges):
        differing -= {"value", "implicit"}
    return not differing


def _holds_one(event: yaml.Event, ranges: Sequence[Span]) -> bool:
    """Whether an edit stands in the event's text."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return False
    at = bisect_left(ranges, Span(start.index, 0))
    return at < len(ranges) and ranges[at].end <= end.index


def _line(place: yaml.Event | Exception | None) -> int:
    mark = getattr(place, "problem_mark", None) or getattr(place, "start_mark", None)
    return mark.line + 1 if mark else 1
