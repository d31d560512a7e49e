"""What `sync` did, for machines and for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seeder.discover.known import PLATFORM
from seeder.model.copy import Outcome, Result
from seeder.model.occurrence import Occurrence, Unread
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.report.outcomes import outcome_documents, place, quota_document, summary
from seeder.report.sizes import human
from seeder.report.table import table

Places = Mapping[ImageReference, Sequence[str]]
# Unread files are told one by one up to this many.
_MANY = 10
_FAILING = (Result.FAILED, Result.DEFERRED)


def outcome_fields(
    outcomes: Iterable[Outcome], quotas: Mapping[str, Quota], pulls: int, target: str | None, places: Places
) -> dict[str, Any]:
    """`quota` is Docker Hub's, else the first source's that has one; `pulls` are the manifest GETs of this run."""
    return {
        "target": target,
        "outcomes": placed(outcome_documents(outcomes), places),
        "quota": quota_document(first(quotas)),
        "quotas": {source: quota_document(quota) for source, quota in sorted(quotas.items())},
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
            {"file": o.file, "line": o.line, "reference": o.canonical, "variables": list(o.unresolved)}
            for o in unresolved
        ],
        "unread": [{"root": u.root, "file": u.file, "reason": u.reason} for u in unread],
    }


def first(quotas: Mapping[str, Quota]) -> Quota | None:
    """Docker Hub's quota, else the first that there is."""
    return quotas.get("docker.io") or next((quotas[source] for source in sorted(quotas)), None)


def outcome_table(outcomes: Iterable[Outcome]) -> str:
    rows = [
        (outcome.reference.familiar(), outcome.result.value, _told(outcome))
        for outcome in sorted(outcomes, key=lambda outcome: str(outcome.reference))
    ]
    return table(("IMAGE", "OUTCOME", "WHERE OR WHY"), rows)


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
) -> str:
    """For stderr: what went wrong where and what to try, and what was not understood."""
    failing = sorted((o for o in outcomes if o.result in _FAILING), key=lambda outcome: str(outcome.reference))
    lines = [line for outcome in failing for line in _complaint(outcome, places.get(outcome.reference, ()))]
    lines += _open(unresolved)
    lines += [f"{u.root}/{u.file}: not read: {u.reason}" for u in unread[:_MANY]]
    if len(unread) > _MANY:
        lines.append(f"{len(unread) - _MANY} more files were not read; `seeder scan` lists them")
    return "".join(f"{line}\n" for line in _grouped(lines))


def _open(unresolved: Sequence[Occurrence]) -> list[str]:
    """What has no value and could have one, a line each; what the platform fills in by itself, in one line."""
    mine = [one for one in unresolved if not PLATFORM.issuperset(one.unresolved)]
    lines = [f"{o.place}: {o.canonical} stays: give {', '.join(o.unresolved)} a value (--set)" for o in mine]
    theirs = len(unresolved) - len(mine)
    if theirs:
        lines.append(
            f"{theirs} name{'' if theirs == 1 else 's'} left to variables of Educates, such as $(image_repository)"
        )
    return lines


def bytes_fields(moved: int | None, saved: int | None) -> dict[str, Any]:
    """What went to the target, and what did not have to; null where the engine tells no bytes."""
    return {"bytes": {"moved": moved, "saved": saved}}


def total(outcomes: Sequence[Outcome], quotas: Mapping[str, Quota], moved: int = 0, saved: int = 0) -> str:
    """The sum, in one line."""
    shared = f", {human(saved)} shared or there already" if saved else ""
    traffic = f"; {human(moved)} moved{shared}" if moved or saved else ""
    return f"{summary(outcomes, first(quotas))}{traffic}\n"


def _complaint(outcome: Outcome, places: Sequence[str]) -> list[str]:
    """`error: file:line: reference: what came back`, then what to try."""
    level = "error" if outcome.result is Result.FAILED and outcome.required else "warning"
    where = f"{places[0]}: " if places else ""
    more = f" (and in {len(places) - 1} more places)" if len(places) > 1 else ""
    said = f"{level}: {where}{outcome.reference.familiar()}{more}: {outcome.error}"
    return [said, f"hint: {outcome.error.hint}"] if outcome.error and outcome.error.hint else [said]


def _grouped(lines: Sequence[str]) -> list[str]:
    """The lines, a hint only where the next one is another."""
    hints = [index for index, line in enumerate(lines) if line.startswith("hint: ")]
    repeated = {at for at, after in itertools.pairwise(hints) if lines[at] == lines[after] and after == at + 2}
    return [line for index, line in enumerate(lines) if index not in repeated]
