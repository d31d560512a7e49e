"""What rewriting did, for machines and for people."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seeder.numbers import counted
from seeder.report.note import Note
from seeder.report.table import abbreviated, table
from seeder.report.unread import unread_documents

if TYPE_CHECKING:
    from seeder.model.occurrence import Occurrence
    from seeder.rewrite.change import Change, Left
    from seeder.run.rewrite import Rewritten

_TOLD = 4  # reasons why names stay on purpose


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


def rewriting_document(done: Rewritten) -> dict[str, Any]:
    return {
        "mode": done.mode.value,
        "written": [str(path) for path in done.written],
        "edits": [each for change in done.changes for each in change_documents(change)],
        "left": [left_document(each) for each in done.left],
        "unread": unread_documents(done.unread),
    }


def rewrite_notes(done: Rewritten) -> Iterator[Note]:
    """What stays, and the sum: `3 places in 2 files rewritten; 1 stays`."""
    yield from _left_notes(done.left)
    stay = sum(each.fails for each in done.left)
    if done.is_done:
        yield changed_note(len(done.changes), len(done.files), stay, "rewritten")
    else:
        does = "`seeder rewrite --in-place` does it"
        yield changed_note(len(done.changes), len(done.files), stay, "would be rewritten", does)


def change_table(changes: Iterable[Change]) -> str:
    found = [(change.occurrence.path, each) for change in changes for each in change_documents(change)]
    found.sort(key=lambda told: (told[0], told[1]["line"], told[1]["column"]))
    rows = [(f"{path}:{each['line']}", abbreviated(each["old"]), abbreviated(each["new"])) for path, each in found]
    return table(("PLACE", "WAS", "IS"), rows)


def _left_notes(left: Sequence[Left]) -> Iterator[Note]:
    """What stays and what to do, once for all that has the same reason; what stays on purpose by numbers only."""
    for alike in _alike(each for each in left if each.fails):
        first, places = alike[0], [each.occurrence.where for each in alike]
        stay = f"and {len(alike) - 1} more stay" if len(alike) > 1 else "stays"
        references = list(dict.fromkeys(each.occurrence.canonical for each in alike))
        yield Note(
            message=f"{places[0]}: {_named(first.occurrence)} {stay}: {first.reason}",
            level=logging.WARNING,
            hint=first.hint,
            fields={"event": "left", "references": references, "places": places},
        )
    on_purpose = Counter(each.reason for each in left if not each.fails)
    if on_purpose:
        reasons = [f"{reason} ({number})" for reason, number in on_purpose.most_common(_TOLD)]
        others = ["and others"] if len(on_purpose) > _TOLD else []
        names = counted(on_purpose.total(), "name")
        yield Note(message=f"{names} left as meant: {'; '.join([*reasons, *others])}. JSON lists them")


def _named(occurrence: Occurrence) -> str:
    """As it is written; the reference where other characters stand for it, as in base64, which may hold a secret."""
    return occurrence.raw if len(occurrence.raw) < 2 * len(occurrence.canonical) + 20 else occurrence.familiar


def _alike(left: Iterable[Left]) -> Iterator[list[Left]]:
    """Places that stay for one reason of the catalog, the lock or the target; each other one alone."""
    groups: dict[object, list[Left]] = {}
    for each in left:
        groups.setdefault((each.reason, each.hint) if each.shared else id(each), []).append(each)
    yield from groups.values()


def changed_note(places: int, files: int, stay: int, verb: str, does: str = "") -> Note:
    """The sum; `stay` are the places that stay, `does` the command that would do it, where it was only looked at."""
    none = f"nothing {verb}" if stay else "nothing to change"
    told = f"{counted(places, 'place')} in {counted(files, 'file')} {verb}" if places else none
    rest = f"; {stay} {'stays' if stay == 1 else 'stay'}" if stay else ""
    fields = {"event": "files", "places": places, "files": files, "stay": stay}
    return Note(message=told + rest, hint=does if places else "", fields=fields)
