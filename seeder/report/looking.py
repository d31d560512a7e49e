"""What discovery could not settle: references whose variables are unknown, files that were not understood."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seeder.model.educates import is_authors, is_platforms, is_templates
from seeder.model.occurrence import Occurrence
from seeder.numbers import counted
from seeder.report.note import Note
from seeder.report.unread import unread_documents, unread_notes

if TYPE_CHECKING:
    from seeder.run.look import Looked


def look_fields(looked: Looked) -> dict[str, Any]:
    return {
        "unresolved": [
            {"file": one.path, "line": one.line, "reference": one.canonical, "variables": list(one.unresolved)}
            for one in looked.unresolved
        ],
        "unread": unread_documents(looked.unread),
    }


def look_notes(looked: Looked) -> Iterator[Note]:
    if not (looked.places or looked.skipped or looked.unresolved or looked.unread):
        yield Note(
            message="nothing to seed: the catalog lists no images, and its workshops name none",
            level=logging.WARNING,
            hint="look at the folders under `workshops:`; `seeder scan --all` shows what is found there",
        )
    yield from _open(looked.unresolved)
    yield from unread_notes(looked.unread)


def _open(unresolved: Sequence[Occurrence]) -> Iterator[Note]:
    """Variables that have no value and could have one, once each; what others fill in, by number."""
    mine: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for one in unresolved:
        if is_authors(one.unresolved):
            mine[one.unresolved].append(one)
    for names, ones in mine.items():
        places = [one.where for one in ones]
        yield Note(
            message=f"{places[0]}: {ones[0].canonical}{more(places)} stays: give {', '.join(names)} a value (--set)",
            fields={"event": "unresolved", "variables": list(names), "places": places},
        )
    if templates := [one.canonical for one in unresolved if is_templates(one.unresolved)]:
        yield Note(message=f"{counted(len(templates), 'name')} left to templates, such as {min(templates, key=len)}")
    if theirs := sum(is_platforms(one.unresolved) for one in unresolved):
        yield Note(message=f"{counted(theirs, 'name')} left to variables of Educates, such as $(image_repository)")


def more(places: Sequence[str]) -> str:
    """` (and in 2 more places)` behind the first of some places; empty where there is no other."""
    others = len(places) - 1
    return f" (and in {counted(others, 'more place')})" if others > 0 else ""
