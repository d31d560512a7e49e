"""What restoring did, for machines and for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seeder.model.edit import Edit
from seeder.report.note import Note
from seeder.report.rewriting import changed_note
from seeder.report.table import abbreviated, table

if TYPE_CHECKING:
    from seeder.run.restore import Restored


def restored_fields(done: Restored) -> dict[str, Any]:
    """The fields of `seeder.restore/1`."""
    return {
        "restored": [_restored_document(file.shown, edit) for file in done.files for edit in file.edits],
        "kept": [
            {"place": each.place, "written": each.span.written, "original": each.span.original, "reason": each.reason}
            for each in done.kept
        ],
    }


def _restored_document(shown: str, edit: Edit) -> dict[str, Any]:
    """An edit of a restored file, as its place, what stood there and what stands there again."""
    old, new = (data.decode("utf-8", "replace") for data in (edit.old, edit.new))
    return {"file": shown, "line": edit.line, "column": edit.column, "old": old, "new": new}


def restored_table(done: Restored) -> str:
    return table(
        ("PLACE", "WAS", "IS AGAIN"),
        [
            (f"{each['file']}:{each['line']}", abbreviated(each["old"]), abbreviated(each["new"]))
            for each in restored_fields(done)["restored"]
        ],
    )


def restored_notes(done: Restored, *, looked: bool) -> Iterator[Note]:
    """What stays and why, and the sum."""
    if done.missing is not None:
        yield Note(
            message=f"nothing to put back: there is no record of rewrites at {done.missing}",
            hint="rewriting in place keeps it there; where it was lost, bring it back from version control",
        )
        return
    for kept in done.kept:
        yield Note(
            message=f"{kept.place}: {abbreviated(kept.span.written)} stays: {kept.reason}",
            level=logging.WARNING,
            hint=kept.hint,
            fields={"event": "left", "places": [kept.place]},
        )
    places = sum(len(file.edits) for file in done.files)
    if looked:
        yield changed_note(places, len(done.files), len(done.kept), "would be put back", "`seeder restore` does it")
    else:
        yield changed_note(places, len(done.files), len(done.kept), "put back")
