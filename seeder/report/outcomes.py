"""Outcomes of sync and verify: as JSON, as a table, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Deferred, Failed, Missed, Present, Result, Skipped, Standing, Told
from seeder.model.pin import Pin
from seeder.model.placed import Destination, Placed
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.numbers import counted
from seeder.report.exit_code import DEFERRED, DONE, FAILED, USAGE, decide
from seeder.report.note import Note
from seeder.report.output import emit, error_document
from seeder.report.quotas import quota_fields
from seeder.report.table import abbreviated, table
from seeder.settings import LogFormat, Settings

Places = Mapping[ImageReference, Sequence[str]]


def of_outcome(outcome: Told) -> int:
    """What one outcome alone would end with; an image that is not required never fails a run."""
    if not outcome.required:
        return DONE
    match outcome:
        case Failed(error=error):
            return USAGE if error.exit_code == USAGE else FAILED
        case Deferred():
            return DEFERRED
        case Copied() | Present() | Skipped():
            return DONE


def of_outcomes(outcomes: Iterable[Told]) -> int:
    return decide(map(of_outcome, outcomes))


def outcome_document(outcome: Told) -> dict[str, Any]:
    """`digest` is what stands at the target, else what is pinned; `referrers` what was brought beside it. Keys without
    a value are left out.
    """
    digest, destination, referrers = _known(outcome if isinstance(outcome, Standing) else outcome.of)
    document = {
        "reference": str(outcome.reference),
        "digest": str(digest) if digest else None,
        "target": place(destination) if destination else None,
        "outcome": outcome.result.value,
        "required": None if outcome.required else False,
        "reason": outcome.reason if isinstance(outcome, Skipped) else None,
        "referrers": list(map(str, referrers)) or None,
        "error": error_document(outcome.error) if isinstance(outcome, Missed) else None,
    }
    return {key: value for key, value in document.items() if value is not None}


def _known(of: ImageReference | Pin | Placed) -> tuple[Digest | None, Destination | None, tuple[Digest, ...]]:
    """The digest, place and referrers of an image, as far as it came."""
    match of:
        case ImageReference():
            return None, None, ()
        case Pin():
            return of.descriptor.digest, None, of.referrers
        case Standing():
            return of.root, of.destination, of.pin.referrers
        case Placed():
            return of.pin.descriptor.digest, of.destination, of.pin.referrers


def outcome_documents(outcomes: Iterable[Told]) -> list[dict[str, Any]]:
    return [outcome_document(outcome) for outcome in sorted(outcomes, key=lambda outcome: str(outcome.reference))]


def placed(documents: Iterable[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """Outcomes with the `file:line` of each place that names the reference."""
    told = {str(reference): list(where) for reference, where in places.items()}
    return [{**document, "places": told.get(document["reference"], [])} for document in documents]


def outcome_fields(
    outcomes: Iterable[Told], quotas: Mapping[str, Quota], pulls: int, target: str | None, places: Places
) -> dict[str, Any]:
    """`pulls` are the manifest GETs of this run."""
    return {
        "target": target,
        "outcomes": placed(outcome_documents(outcomes), places),
        **quota_fields(quotas),
        "pulls": pulls,
    }


def place(destination: Destination) -> str:
    """The name that an image has at a target, as it is written into files; in a folder as skopeo takes it."""
    tag = f":{destination.tags[0]}" if destination.tags else ""
    return f"{destination.written}{destination.joint}{destination.repository}{tag}"


def summary(outcomes: Sequence[Told], quota: Quota | None = None, pulls: int = 0) -> str:
    """`12 images: 10 copied, 1 present, 1 failed; 20 pulls spent, 64 of 100 left`."""
    counts = Counter(outcome.result for outcome in outcomes)
    parts = ", ".join(f"{counts[result]} {result.value}" for result in Result if counts[result])
    images = counted(len(outcomes), "image")
    told = f"; {_of_quota(quota, pulls)}" if quota else ""
    return f"{images}: {parts}{told}" if parts else f"{images}{told}"


def _of_quota(quota: Quota, pulls: int) -> str:
    if not pulls:
        return f"{quota.remaining} of {quota.limit} pulls left"
    return f"{counted(pulls, 'pull')} spent, {quota.remaining} of {quota.limit} left"


def outcome_table(outcomes: Iterable[Told]) -> str:
    rows = [
        (abbreviated(outcome.reference.familiar()), outcome.result.value, where_or_why(outcome))
        for outcome in sorted(outcomes, key=lambda outcome: str(outcome.reference))
    ]
    return table(("IMAGE", "OUTCOME", "WHERE OR WHY"), rows)


def where_or_why(outcome: Told) -> str:
    """Where an image is, or why it is not, in a word or two: a failure is told in full beside the table."""
    match outcome:
        case Copied() | Present():
            return where(outcome.destination)
        case Deferred() | Failed():
            return outcome.error.code + ("" if outcome.required else "; it is not required")
        case Skipped():
            return outcome.reason


def where(destination: Destination) -> str:
    """The name at a target, empty where the catalog names none."""
    return place(destination) if destination.written else ""


def emit_outcomes(
    result: Mapping[str, Any],
    settings: Settings,
    *,
    fmt: str,
    report_file: Path | None,
    outcomes: Sequence[Told],
    notes: Iterable[Note],
) -> None:
    """As `emit`; of no outcomes there is no table, nor where the log is JSON, since each is a line of the log then."""
    is_told = settings.log_format is LogFormat.JSON or not outcomes
    emit(
        result, fmt=fmt, report_file=report_file, table=lambda: "" if is_told else outcome_table(outcomes), notes=notes
    )
