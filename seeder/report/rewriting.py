"""What rewriting and restoring did, for machines and for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seeder.model.edit import Edit
from seeder.model.occurrence import Unread
from seeder.report.table import abbreviated, table
from seeder.rewrite import Change, Left

_MANY = 10


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
        "unread": [{"root": each.root, "file": each.file, "reason": each.reason} for each in unread],
    }


def change_table(changes: Iterable[Change]) -> str:
    rows = [
        (f"{each['root']}/{each['file']}:{each['line']}", abbreviated(each["old"]), abbreviated(each["new"]))
        for change in changes
        for each in change_documents(change)
    ]
    return table(("PLACE", "WAS", "IS"), rows)


def left_lines(left: Sequence[Left]) -> str:
    """What stays, a line each with what to do; what stays on purpose only by its number."""
    lines = []
    for each in left:
        if each.fails:
            place = f"{each.occurrence.root}/{each.occurrence.place}"
            lines.append(f"{place}: {each.occurrence.raw} stays: {each.reason}")
            lines += [f"  hint: {each.hint}"] if each.hint else []
    on_purpose = sum(not each.fails for each in left)
    if on_purpose:
        lines.append(
            f"{on_purpose} more left as meant (other registries, platform variables, …); --format json lists them"
        )
    return "".join(f"{line}\n" for line in lines)


def unread_lines(unread: Sequence[Unread]) -> str:
    """Files that may hold references and were not understood, a line each."""
    lines = [f"{each.root}/{each.file}: not read: {each.reason}\n" for each in unread[:_MANY]]
    more = len(unread) - _MANY
    return "".join(lines) + (f"{more} more files were not read; `seeder scan` lists them\n" if more > 0 else "")


def rewritten_line(changes: Sequence[Change], left: Iterable[Left], *, looked: bool) -> str:
    """`3 places in 2 files rewritten; 1 stays`."""
    files = {(change.occurrence.root, change.occurrence.file) for change in changes}
    failing = sum(each.fails for each in left)
    counts = changed_line(len(changes), len(files), "would be rewritten" if looked else "rewritten")
    return counts + (f"; {failing} {'stays' if failing == 1 else 'stay'}" if failing else "") + "\n"


def changed_line(places: int, files: int, verb: str) -> str:
    if not places:
        return "nothing to change"
    return f"{_count(places, 'place')} in {_count(files, 'file')} {verb}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


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
