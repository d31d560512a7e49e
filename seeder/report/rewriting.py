"""What rewriting and restoring did, for machines and for people."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seeder.model.edit import Edit
from seeder.model.occurrence import Unread
from seeder.report.note import Note
from seeder.report.sizes import counted
from seeder.report.table import abbreviated, table
from seeder.report.unread import unread_documents
from seeder.rewrite import Change, Left


def change_documents(change: Change) -> list[dict[str, Any]]:
    """One document for each part whose text changes."""
    occurrence = change.occurrence
    return [
        {
            "root": occurrence.root,
            "file": occurrence.file,
            "line": part.line,
            "column": part.column,
            "end_column": part.end_column,
            "role": part.role.value,
            "old": part.text,
            "new": text,
            "reference": occurrence.canonical,
            "context": occurrence.context.value,
            "pulled_by": occurrence.pulled_by.value,
        }
        for part, text in zip(occurrence.parts, change.texts, strict=True)
        if part.text != text
    ]


def left_document(left: Left) -> dict[str, Any]:
    """`expected` is true for what catalog or place leave out on purpose; only the others make exit 1."""
    occurrence = left.occurrence
    return {
        "root": occurrence.root,
        "file": occurrence.file,
        "line": occurrence.line,
        "column": occurrence.parts[0].column,
        "raw": occurrence.raw,
        "reference": occurrence.canonical,
        "context": occurrence.context.value,
        "reason": left.reason,
        "hint": left.hint,
        "expected": not left.fails,
    }


def rewriting_document(
    changes: Iterable[Change],
    left: Iterable[Left],
    unread: Iterable[Unread],
    **more: Any,  # noqa: ANN401 - any JSON
) -> dict[str, Any]:
    return {
        **more,
        "edits": [each for change in changes for each in change_documents(change)],
        "left": [left_document(each) for each in left],
        "unread": unread_documents(unread),
    }


def change_table(changes: Iterable[Change]) -> str:
    rows = [
        (f"{change.occurrence.path}:{each['line']}", abbreviated(each["old"]), abbreviated(each["new"]))
        for change in changes
        for each in change_documents(change)
    ]
    return table(("PLACE", "WAS", "IS"), rows)


def left_notes(left: Sequence[Left]) -> Iterator[Note]:
    """What stays, each with what to do; what stays on purpose only by its number."""
    for each in left:
        if each.fails:
            place = each.occurrence.where
            yield Note(
                message=f"{place}: {each.occurrence.raw} stays: {each.reason}",
                level=logging.WARNING,
                hint=each.hint,
                fields={"event": "left", "reference": each.occurrence.canonical, "places": [place]},
            )
    on_purpose = sum(not each.fails for each in left)
    if on_purpose:
        yield Note(
            message=f"{on_purpose} more left as meant (other registries, variables of Educates, …); JSON lists them"
        )


def rewritten_note(changes: Sequence[Change], left: Iterable[Left], *, looked: bool) -> Note:
    """`3 places in 2 files rewritten; 1 stays`."""
    files = {(change.occurrence.root, change.occurrence.file) for change in changes}
    return changed_note(
        len(changes), len(files), sum(each.fails for each in left), "would be rewritten" if looked else "rewritten"
    )


def changed_note(places: int, files: int, stay: int, verb: str) -> Note:
    none = f"nothing {verb}" if stay else "nothing to change"
    told = f"{counted(places, 'place')} in {counted(files, 'file')} {verb}" if places else none
    rest = f"; {stay} {'stays' if stay == 1 else 'stay'}" if stay else ""
    return Note(message=told + rest, fields={"event": "files", "places": places, "files": files, "stay": stay})


def restored_document(shown: str, edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """The edits of a restored file, as its place, what stood there and what stands there again."""
    return [
        {
            "file": shown,
            "line": edit.line,
            "column": edit.column,
            "old": edit.old.decode("utf-8", "replace"),
            "new": edit.new.decode("utf-8", "replace"),
        }
        for edit in edits
    ]


def restored_table(documents: Iterable[Mapping[str, Any]]) -> str:
    return table(
        ("PLACE", "WAS", "IS AGAIN"),
        [(f"{each['file']}:{each['line']}", abbreviated(each["old"]), abbreviated(each["new"])) for each in documents],
    )
