"""Undoes what a rewrite record tells, span by span (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from seeder.model.edit import Edit, moved, splice
from seeder.model.occurrence import Span
from seeder.model.rewrites import RewrittenSpan
from seeder.syntax.locate import locate, surroundings, undoing
from seeder.syntax.text import File

# Of four surroundings, how many make a place the same: neighbours on a line may have been taken back as well.
_SAME_PLACE = 2


class Undone(Struct, frozen=True, kw_only=True):
    """What restoring a file comes to: `edits`, and in `left` the spans whose text is no longer ours.

    `settled` are spans where the original stands already: there is nothing to do, and nothing left to record.
    """

    edits: tuple[Edit, ...] = ()
    settled: tuple[RewrittenSpan, ...] = ()
    left: tuple[RewrittenSpan, ...] = ()


def undo(data: bytes, spans: Sequence[RewrittenSpan]) -> Undone:
    """The edits that give each span its first text back, for the file that holds `data`."""
    file = File(data)
    found = {span: place for span, place in locate(file, spans).items() if _fits(span.original, file)}
    missing = [span for span in spans if span not in found]
    settled = _as_before(file, missing)
    return Undone(
        edits=tuple(sorted((undoing(file, *each) for each in found.items()), key=lambda edit: edit.span)),
        settled=tuple(span for span in missing if span in settled),
        left=tuple(span for span in missing if span not in settled),
    )


def _fits(text: str, file: File) -> bool:
    """Whether the file's encoding has the text; a file that was converted may not."""
    try:
        text.encode(file.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _as_before(file: File, spans: Sequence[RewrittenSpan]) -> set[RewrittenSpan]:
    """Those spans whose first text stands in their place: someone took the rewriting back, or it never got so far.

    What the record says of a place holds once its neighbours are rewritten too, so that is tried.
    """
    originals = {replace(span, written=span.original, earlier=""): span for span in spans if _fits(span.written, file)}
    found = {originals[span]: undoing(file, span, place) for span, place in locate(file, list(originals)).items()}
    redone = {span: replace(edit, new=span.written.encode(file.encoding)) for span, edit in _apart(found)}
    places = moved((edit.span for edit in redone.values()), redone.values())
    then = File(splice(file.data, redone.values()))
    return {span for span, edit in redone.items() if _is_at(then, places[edit.span], span)}


def _apart(edits: Mapping[RewrittenSpan, Edit]) -> Iterator[tuple[RewrittenSpan, Edit]]:
    """Edits in the order of the file, without those that begin inside another."""
    end = 0
    for span, edit in sorted(edits.items(), key=lambda each: each[1].span):
        if edit.span.start >= end:
            end = edit.span.end
            yield span, edit


def _is_at(file: File, place: Span, span: RewrittenSpan) -> bool:
    around = surroundings(file, file.index_at(place.start), file.index_at(place.end))
    return around.likeness(span.surroundings) >= _SAME_PLACE
