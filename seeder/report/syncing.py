"""What `sync` did, for machines and for people."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seeder.model.copy import Outcome, Result
from seeder.model.occurrence import Occurrence, Unread
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.model.variables import EDUCATES
from seeder.report.note import Note
from seeder.report.outcomes import (
    first,
    outcome_document,
    outcome_documents,
    place,
    quota_document,
    quota_fields,
    summary,
)
from seeder.report.output import emit
from seeder.report.sizes import counted, human
from seeder.report.table import abbreviated, table
from seeder.report.unread import unread_documents, unread_notes
from seeder.settings import LogFormat, Settings

Places = Mapping[ImageReference, Sequence[str]]
Bytes = tuple[int | None, int | None]  # moved and saved; None where the engine does not tell
_FAILING = (Result.FAILED, Result.DEFERRED)


def outcome_fields(
    outcomes: Iterable[Outcome], quotas: Mapping[str, Quota], pulls: int, target: str | None, places: Places
) -> dict[str, Any]:
    """`pulls` are the manifest GETs of this run."""
    return {
        "target": target,
        "outcomes": placed(outcome_documents(outcomes), places),
        **quota_fields(quotas),
        "pulls": pulls,
    }


def placed(documents: Iterable[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """Outcomes with the `file:line` of each place that names the reference."""
    told = {str(reference): list(where) for reference, where in places.items()}
    return [{**document, "places": told.get(document["reference"], [])} for document in documents]


def look_fields(unresolved: Iterable[Occurrence], unread: Iterable[Unread]) -> dict[str, Any]:
    """What discovery could not settle: references whose variables are unknown, files that were not understood."""
    return {
        "unresolved": [
            {"file": o.path, "line": o.line, "reference": o.canonical, "variables": list(o.unresolved)}
            for o in unresolved
        ],
        "unread": unread_documents(unread),
    }


def outcome_table(outcomes: Iterable[Outcome]) -> str:
    rows = [
        (abbreviated(outcome.reference.familiar()), outcome.result.value, _told(outcome))
        for outcome in sorted(outcomes, key=lambda outcome: str(outcome.reference))
    ]
    return table(("IMAGE", "OUTCOME", "WHERE OR WHY"), rows)


def emit_outcomes(
    result: Mapping[str, Any], settings: Settings, *, fmt: str, report_file: Path | None, outcomes: Iterable[Outcome]
) -> None:
    """As `emit`; where the log is JSON there is no table, since each outcome is a line of the log."""
    is_told = settings.log_format is LogFormat.JSON
    emit(result, fmt=fmt, report_file=report_file, table=lambda: "" if is_told else outcome_table(outcomes))


def _told(outcome: Outcome) -> str:
    if outcome.error is not None:
        return str(outcome.error)
    if outcome.reason:
        return outcome.reason
    return place(outcome.destination) if outcome.destination and outcome.destination.written else ""


def notes(
    outcomes: Sequence[Outcome],
    places: Places,
    unresolved: Sequence[Occurrence] = (),
    unread: Sequence[Unread] = (),
) -> Iterator[Note]:
    """What became of each image, the good only for who asks; then what was not understood."""
    for outcome in sorted(outcomes, key=lambda outcome: str(outcome.reference)):
        yield _outcome_note(outcome, places.get(outcome.reference, ()))
    yield from _open(unresolved)
    yield from unread_notes(unread)


def _outcome_note(outcome: Outcome, places: Sequence[str]) -> Note:
    fields = {"event": "outcome", **placed([outcome_document(outcome)], {outcome.reference: places})[0]}
    error = outcome.error
    if error is None or outcome.result not in _FAILING:
        message = f"{outcome.reference.familiar()}: {outcome.result.value}"
        return Note(message=message, level=logging.DEBUG, fields=fields)
    del fields["error"]
    return Note(
        message=f"{places[0] + ': ' if places else ''}{outcome.reference.familiar()}{_more(places)}: {error}",
        level=logging.ERROR if outcome.result is Result.FAILED and outcome.required else logging.WARNING,
        hint=error.hint,
        fields={**fields, "code": error.code, "cause": str(error)},
    )


def stored_note(stored: Outcome) -> Note:
    """What became of the lock at the target."""
    where, error = str(stored.reference), stored.error
    told = {
        Result.COPIED: f"the lock is stored as {where}",
        Result.PRESENT: f"the lock stands already as {where}",
    }.get(stored.result, f"the lock was not stored as {where}: {error or stored.reason}")
    return Note(
        message=told,
        level=logging.ERROR if error else logging.INFO,
        hint=error.hint if error else "",
        fields={"event": "lock", "reference": where, "outcome": stored.result.value},
    )


def _more(places: Sequence[str]) -> str:
    others = len(places) - 1
    return f" (and in {counted(others, 'more place')})" if others > 0 else ""


def _open(unresolved: Sequence[Occurrence]) -> Iterator[Note]:
    """Variables that have no value and could have one, once each; what the platform fills in, in one sentence."""
    theirs = sum(EDUCATES.issuperset(one.unresolved) for one in unresolved)
    mine: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for one in unresolved:
        if not EDUCATES.issuperset(one.unresolved):
            mine[one.unresolved].append(one)
    for names, ones in mine.items():
        places = [one.where for one in ones]
        yield Note(
            message=f"{places[0]}: {ones[0].canonical}{_more(places)} stays: give {', '.join(names)} a value (--set)",
            fields={"event": "unresolved", "variables": list(names), "places": places},
        )
    if theirs:
        told = f"{counted(theirs, 'name')} left to variables of Educates, such as $(image_repository)"
        yield Note(message=told)


def bytes_fields(moved: int | None, saved: int | None) -> dict[str, Any]:
    """What went to the target, and what did not have to; null where the engine tells no bytes."""
    return {"bytes": {"moved": moved, "saved": saved}}


def total(outcomes: Sequence[Outcome], quotas: Mapping[str, Quota], traffic: Bytes = (None, None), **more: Any) -> Note:  # noqa: ANN401 - any JSON
    """The sum, in one sentence; `more` is what a machine wants to know beside the counts."""
    moved, saved = traffic
    shared = f", {human(saved)} shared or there already" if saved else ""
    told = f"; {human(moved or 0)} moved{shared}" if moved or saved else ""
    counts = {result.value: sum(outcome.result is result for outcome in outcomes) for result in Result}
    quota = quota_document(first(quotas))
    return Note(
        message=summary(outcomes, first(quotas)) + told,
        fields={"event": "summary", **counts, **bytes_fields(moved, saved), "quota": quota, **more},
    )
