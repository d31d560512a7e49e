"""What `scan` and `why` tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seeder.discover import Discovery
from seeder.model.educates import is_authors
from seeder.model.occurrence import Occurrence, Part
from seeder.numbers import counted
from seeder.report.output import document
from seeder.report.table import abbreviated, table
from seeder.report.unread import unread_documents

_COUPLED = "a text to search for, which changes with what it finds"


def scan_document(found: Discovery, *, exit_code: int) -> dict[str, Any]:
    """The JSON of design §3."""
    return document(
        "scan",
        exit_code,
        occurrences=[occurrence_document(one) for one in found.occurrences],
        unread=unread_documents(found.unread),
    )


def why_document(reference: str, found: Sequence[Occurrence], *, exit_code: int) -> dict[str, Any]:
    return document("why", exit_code, reference=reference, occurrences=[occurrence_document(one) for one in found])


def occurrence_document(one: Occurrence) -> dict[str, Any]:
    """An occurrence; keys that say nothing here (`spans`, `rehosted_from`, `unresolved`, `reason`) are left out."""
    first = one.parts[0]
    optional = {
        "spans": [_span(one.file, part) for part in one.parts] if len(one.parts) > 1 else None,
        "rehosted_from": str(one.rehosted_from.or_latest()) if one.rehosted_from else None,
        "unresolved": list(one.unresolved) or None,
        "reason": one.reason or None,
        "coupled_to": one.coupled_to or None,
    }
    return {
        "root": one.root,
        "file": one.file,
        "line": first.line,
        "column": first.column,
        "end_column": first.end_column,
        "raw": one.written,
        "reference": one.canonical,
        "context": one.context.value,
        "pulled_by": one.pulled_by.value,
        "hub": one.hub,
        "mutable": one.mutable,
        "rewritable": one.rewritable,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _span(file: str, part: Part) -> dict[str, Any]:
    return {
        "file": file,
        "line": part.line,
        "column": part.column,
        "end_column": part.end_column,
        "role": part.role.value,
    }


def scan_text(found: Discovery) -> str:
    """The tables for people: what is named where, what was not understood, and a line that sums up."""
    blocks = [table(("IMAGE", "PULLED BY", "PLACE", "NOTES"), map(_row, found.occurrences))]
    blocks.append(table(("NOT READ", "REASON"), ((one.path, one.reason) for one in found.unread)))
    blocks.append(_summary(found))
    return "\n".join(block for block in blocks if block)


def why_text(reference: str, found: Sequence[Occurrence], near: str = "") -> str:
    if not found:
        return f"no file names {reference}{f'; did you mean {near}?' if near else ''}\n"
    return table(("PLACE", "WRITTEN", "CONTEXT", "PULLED BY", "NOTES"), map(_why_row, found))


def _row(one: Occurrence) -> tuple[str, ...]:
    return abbreviated(one.familiar), one.pulled_by.value, one.where, _notes(one)


def _why_row(one: Occurrence) -> tuple[str, ...]:
    through = [f"through {name}" for name in dict.fromkeys(one.unresolved)]
    return (
        one.where,
        abbreviated(one.written),
        one.context.value,
        one.pulled_by.value,
        "; ".join([*through, _notes(one)]).strip("; "),
    )


def _notes(one: Occurrence) -> str:
    """What is worth knowing of an occurrence, short."""
    notes = [] if one.pulled else [f"not pulled: {one.reason or _COUPLED}"]
    if one.pulled and not one.rewritable:
        notes.append(f"stays: {one.reason}")
    if one.rehosted_from:
        notes.append("rehosted")
    if one.mutable and one.pulled:
        notes.append("may move")
    return "; ".join(notes)


def _summary(found: Discovery) -> str:
    pulled = [one for one in found.occurrences if one.pulled]
    if not pulled and not found.unread:
        return "no images found: is this the folder of a workshop?\n"
    distinct = {one.canonical for one in pulled}
    hub = {one.canonical for one in pulled if one.hub}
    text = f"{counted(len(distinct), 'image')} in {counted(len(pulled), 'place')}"
    text += f", {len(hub) or 'none'} of them on Docker Hub"
    if is_open := sum(one.reference is None and is_authors(one.unresolved) for one in pulled):
        text += f"; variables without a value in {counted(is_open, 'place')} (--set NAME=VALUE)"
    if found.unread:
        text += f"; {counted(len(found.unread), 'note')} on what was not read"
    return text + "\n"
