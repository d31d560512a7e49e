"""A plan as JSON and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seeder.model.copy import Copy, Plan, Pulls
from seeder.model.outcome import Missed, Result, Told
from seeder.model.quota import Quota
from seeder.numbers import counted, human
from seeder.report.exit_code import decide
from seeder.report.looking import look_fields, look_notes
from seeder.report.note import Note
from seeder.report.outcome_notes import outcome_notes
from seeder.report.outcomes import of_outcomes, outcome_documents, placed, where, where_or_why
from seeder.report.quotas import quota_fields
from seeder.report.stopping import stopped_code, stopped_fields, stopped_note, until_stopped
from seeder.report.table import abbreviated, table

if TYPE_CHECKING:
    from seeder.run.plan import Planned


def pulls_document(pulls: Pulls) -> dict[str, Any]:
    return {"at_least": pulls.at_least, "assumed": pulls.assumed, "exact": pulls.exact}


def bytes_document(copies: Sequence[Copy]) -> dict[str, Any]:
    """Config and layers of what is to be copied; `exact` is false where some were never read.

    `saved` are those that are known not to move.
    """
    moved = [copy for copy in copies if not copy.present]
    return {
        "at_least": sum(copy.size or 0 for copy in moved),
        "exact": all(copy.size is not None for copy in moved),
        "saved": sum(copy.saved for copy in moved),
    }


def copy_document(copy: Copy) -> dict[str, Any]:
    return {
        "reference": str(copy.pin.reference),
        "digest": str(copy.root or copy.pin.descriptor.digest),
        "target": where(copy.destination) or None,
        "tags": list(copy.tags),
        "platforms": [str(platform) for platform in copy.platforms] or None,
        "source_requests": not copy.present,
        "pulls": pulls_document(copy.pulls),
        "bytes": copy.size,
        "saved": copy.saved,
    }


def plan_fields(found: Planned) -> dict[str, Any]:
    """The fields of `seeder.plan/1`; of a run that was stopped, what it found out of single images."""
    if found.stopped:
        return _until_stopped(found)
    plan, settled, places = found.plan, found.settled, found.looked.places
    images = {result.value: sum(outcome.result is result for outcome in settled) for result in Result}
    return {
        "target": found.target.name if found.target else None,
        "images": {"copy": len(plan.copies), **{k: n for k, n in images.items() if k != Result.COPIED.value}},
        "copies": placed(map(copy_document, plan.copies), places),
        "outcomes": placed(_settled_documents(plan, settled), places),
        **_cost_fields(plan.copies),
        "deferred": _cost_fields(plan.late),
        "requests": _requests(plan),
        **quota_fields(found.quotas),
        **look_fields(found.looked),
    }


def _until_stopped(found: Planned) -> dict[str, Any]:
    return {
        "target": found.target.name if found.target else None,
        "outcomes": placed(outcome_documents(found.settled), found.looked.places),
        **look_fields(found.looked),
        **stopped_fields(found.stopped),
    }


def plan_notes(found: Planned) -> Iterator[Note]:
    if found.stopped:
        yield from outcome_notes(until_stopped(found.settled, found.stopped), found.looked.places)
        yield stopped_note(found.stopped, hint="nothing was written")
        return
    yield from outcome_notes(found.settled, found.looked.places)
    yield from look_notes(found.looked)


def plan_code(found: Planned) -> int:
    return decide([of_outcomes(found.settled), *stopped_code(found.stopped)])


def _settled_documents(plan: Plan, settled: Sequence[Told]) -> Iterator[dict[str, Any]]:
    """As in `sync`; what is put off has the price of its turn."""
    late = {str(copy.pin.reference): copy for copy in plan.late}
    for document in outcome_documents(settled):
        copy = late.get(document["reference"])
        yield {**document, "pulls": pulls_document(copy.pulls), "bytes": copy.size} if copy else document


def _cost_fields(copies: Sequence[Copy]) -> dict[str, Any]:
    return {"pulls": pulls_document(Pulls.of(copies)), "bytes": bytes_document(copies)}


def _requests(plan: Plan) -> dict[str, Any]:
    """Requests for manifests at sources: a HEAD before each copy, and the GETs."""
    asked = sum(not copy.present for copy in plan.copies)
    return {"head": asked, **pulls_document(plan.pulls)}


def plan_text(found: Planned) -> str:
    plan, late = found.plan, {copy.pin.reference: copy for copy in found.plan.late}
    rows = [_copy_row(copy) for copy in plan.copies]
    rows += [
        _outcome_row(outcome, late.get(outcome.reference))
        for outcome in sorted(found.settled, key=lambda outcome: str(outcome.reference))
    ]
    failed = sum(outcome.result is Result.FAILED for outcome in found.settled)
    lines = [table(("IMAGE", "DOES", "PULLS", "BYTES", "TO OR WHY"), rows), _totals(plan.copies, "to copy")]
    if failed:
        lines.append(f"{counted(failed, 'image')} failed\n")
    if late:
        lines.append(_totals(plan.late, "put off"))
    short = {o.reference.registry for o in found.settled if isinstance(o, Missed) and o.error.code == "quota"}
    lines += [_quota_line(source, quota, is_short=source in short) for source, quota in sorted(found.quotas.items())]
    return "".join(lines)


def _quota_line(source: str, quota: Quota, *, is_short: bool) -> str:
    """What a source leaves, how much of it is to spend, and where that can be enough later, how to wait for it."""
    kept = f", {quota.remaining - quota.available} kept for the nodes" if quota.reserve else ""
    wait = f"; its window is {quota.window / 3600:g} h, see `sync --wait`" if is_short else ""
    return f"{source}: {quota.remaining} of {quota.limit} pulls left: {quota.available} to spend{kept}{wait}\n"


def _copy_row(copy: Copy) -> tuple[str, ...]:
    does = "tag" if copy.present else "copy"
    return (abbreviated(copy.pin.reference.familiar()), does, *_cost_cells(copy), where(copy.destination))


def _outcome_row(outcome: Told, late: Copy | None) -> tuple[str, ...]:
    return (
        abbreviated(outcome.reference.familiar()),
        outcome.result.value,
        *(_cost_cells(late) if late else ("0", "")),
        where_or_why(outcome),
    )


def _cost_cells(copy: Copy) -> tuple[str, str]:
    return pulls_text(copy.pulls), "?" if copy.size is None else human(copy.size)


def _totals(copies: Sequence[Copy], becomes: str) -> str:
    pulls = Pulls.of(copies)
    price = f"{pulls_text(pulls)} pull{'' if pulls.assumed == 1 else 's'}"
    return f"{counted(len(copies), 'image')} {becomes}, {price}, {_bytes_text(bytes_document(copies))}\n"


def _bytes_text(moved: Mapping[str, Any]) -> str:
    if not moved["at_least"] and not moved["exact"]:
        return "sizes not known yet"
    least = "" if moved["exact"] else "at least "
    saved = f", of which sharing saves {human(moved['saved'])}" if moved["saved"] else ""
    return f"{least}{human(moved['at_least'])}{saved}"


def pulls_text(pulls: Pulls) -> str:
    if pulls.exact:
        return str(pulls.assumed)
    return f"about {pulls.assumed}" + (f" (at least {pulls.at_least})" if pulls.at_least < pulls.assumed else "")
