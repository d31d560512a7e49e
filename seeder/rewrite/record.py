"""What the rewrite record has to say of a file once its edits are in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.model.edit import Edit, moved, splice
from seeder.model.occurrence import Role, Span
from seeder.model.rewrites import RewrittenSpan
from seeder.rewrite.change import Change
from seeder.syntax.locate import locate, surroundings, undoing
from seeder.syntax.text import File


class _Stretch(Struct):
    """Bytes that edits and recorded spans claim together: where they overlap, they are one."""

    span: Span
    edits: list[Edit] = field(default_factory=list)
    undoings: list[tuple[Edit, RewrittenSpan]] = field(default_factory=list)


def recorded(
    old: File,
    edits: Sequence[Edit],
    changes: Iterable[Change],
    known: Sequence[RewrittenSpan],
    *,
    workshop: str,
) -> tuple[RewrittenSpan, ...]:
    """The recorded spans of a file after `edits`: the first text of each, and what stands there now.

    `known` is what the record said before; what is no longer found of it is dropped. `earlier` holds the text that
    a span had until now, where that was ours. `workshop` is the tree's name in the record.
    """
    new = File(splice(old.data, edits))
    about = {part.span: (change, part.role) for change in changes for part in change.occurrence.parts}
    stretches = list(_stretches(old, edits, known))
    places = moved((stretch.span for stretch in stretches), edits)
    found = []
    for stretch in stretches:
        entry = _entry(old, stretch, about, workshop)
        if entry.original != entry.written:
            found.append(_placed(entry, new, places[stretch.span]))
    return tuple(found)


def _stretches(old: File, edits: Iterable[Edit], known: Sequence[RewrittenSpan]) -> Iterator[_Stretch]:
    claims: list[tuple[Edit, RewrittenSpan | None]] = [(edit, None) for edit in edits]
    claims += [(undoing(old, entry, place), entry) for entry, place in locate(old, known).items()]
    current: _Stretch | None = None
    for edit, entry in sorted(claims, key=lambda claim: claim[0].span):
        if current is None or edit.span.start >= current.span.end:
            if current is not None:
                yield current
            current = _Stretch(edit.span)
        current.span = Span(current.span.start, max(current.span.end, edit.span.end))
        if entry is None:
            current.edits.append(edit)
        else:
            current.undoings.append((edit, entry))
    if current is not None:
        yield current


def _entry(old: File, stretch: _Stretch, about: dict[Span, tuple[Change, Role]], workshop: str) -> RewrittenSpan:
    """The entry of a stretch, not yet placed in the new file."""
    now = _spliced(old, stretch.span, [])
    written = _spliced(old, stretch.span, stretch.edits)
    original = _spliced(old, stretch.span, [edit for edit, _ in stretch.undoings])
    first = stretch.undoings[0][1] if stretch.undoings else None
    change, role = about.get(stretch.span, (None, first.role if first else Role.REFERENCE))
    if first is not None:
        file, reference = first.file, first.reference
    else:
        file, reference = stretch.edits[0].file, change.occurrence.canonical if change else original
    return RewrittenSpan(
        workshop=workshop,
        file=file,
        line=0,
        column=0,
        original=original,
        written=written,
        earlier=now if first is not None and now != written else "",
        reference=reference,
        role=role,
    )


def _spliced(old: File, span: Span, edits: Iterable[Edit]) -> str:
    """The text of a span after edits inside it."""
    inside = [replace(edit, span=Span(edit.span.start - span.start, edit.span.end - span.start)) for edit in edits]
    return splice(old.data[span.start : span.end], inside).decode(old.encoding)


def _placed(entry: RewrittenSpan, new: File, span: Span) -> RewrittenSpan:
    start = new.index_at(span.start)
    line, column = new.line_column(start)
    around = surroundings(new, start, start + len(entry.written))
    return replace(entry, line=line, column=column, surroundings=around)
