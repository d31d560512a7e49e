"""Files that may hold references and were not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seeder.model.occurrence import Unread
from seeder.report.note import Note

_MANY = 10  # told one by one


def unread_documents(unread: Iterable[Unread]) -> list[dict[str, str]]:
    return [{"root": one.root, "file": one.file, "reason": one.reason} for one in unread]


def unread_notes(unread: Sequence[Unread]) -> Iterator[Note]:
    """The first few, and how many more there are."""
    for one in unread[:_MANY]:
        yield Note(message=f"{one.path}: not read: {one.reason}", fields={"event": "unread", "file": one.path})
    if len(unread) > _MANY:
        yield Note(message=f"{len(unread) - _MANY} more files were not read; `seeder scan` lists them")
