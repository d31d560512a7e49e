"""What `sync` and `verify` did, for machines and for people."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from seeder.errors import QuotaError
from seeder.model.outcome import Copied, Deferred, Failed, Missed, Present, Result, Skipped, Told
from seeder.model.quota import Quota
from seeder.numbers import counted, human
from seeder.report.exit_code import decide
from seeder.report.looking import look_fields, look_notes, more
from seeder.report.note import Note
from seeder.report.outcomes import (
    Places,
    of_outcomes,
    outcome_document,
    outcome_fields,
    placed,
    summary,
)
from seeder.report.quotas import first, quota_document
from seeder.report.rewriting import rewrite_notes, rewriting_document
from seeder.report.stopping import stopped_code, stopped_fields, stopped_note, until_stopped

if TYPE_CHECKING:
    from seeder.run.sync import Synced
    from seeder.run.traffic import Traffic
    from seeder.run.verify import Verified


def sync_code(done: Synced) -> int:
    stored = [done.stored] if done.stored else []
    rewritten = [done.rewritten.exit_code] if done.rewritten else []
    return decide([of_outcomes(done.outcomes), of_outcomes(stored), *rewritten, *stopped_code(done.stopped)])


def sync_fields(done: Synced) -> dict[str, Any]:
    """The fields of `seeder.sync/1`."""
    return {
        **outcome_fields(done.outcomes, done.quotas, done.pulls, done.target.name, done.looked.places),
        **_bytes_fields(done.traffic),
        **look_fields(done.looked),
        "rewrite": rewriting_document(done.rewritten) if done.rewritten else None,
        "lock": outcome_document(done.stored) if done.stored else None,
        **stopped_fields(done.stopped),
    }


def sync_notes(done: Synced, code: int) -> Iterator[Note]:
    yield from outcome_notes(until_stopped(done.outcomes, done.stopped), done.looked.places)
    if done.stopped:
        yield total(done.outcomes, done.quotas, done.traffic, pulls=done.pulls, exit=code)
        yield stopped_note(done.stopped)
        return
    yield from look_notes(done.looked)
    if done.rewritten:
        yield from rewrite_notes(done.rewritten)
    if done.stored:
        yield _stored_note(done.stored)
    yield total(done.outcomes, done.quotas, done.traffic, pulls=done.pulls, exit=code)


def verify_fields(done: Verified) -> dict[str, Any]:
    """The fields of `seeder.verify/1`."""
    return {**outcome_fields(done.outcomes, {}, 0, done.target.name, {}), **stopped_fields(done.stopped)}


def verify_code(done: Verified) -> int:
    return decide([of_outcomes(done.outcomes), *stopped_code(done.stopped)])


def verify_notes(done: Verified, code: int) -> Iterator[Note]:
    yield from outcome_notes(until_stopped(done.outcomes, done.stopped), {})
    yield total(done.outcomes, {}, exit=code)
    if done.stopped:
        yield stopped_note(done.stopped, hint="")


def outcome_notes(outcomes: Iterable[Told], places: Places) -> Iterator[Note]:
    """What became of each image, the good only for who asks; of several that one source's quota puts off, once why."""
    ordered = sorted(outcomes, key=lambda outcome: str(outcome.reference))
    late = _put_off_together(ordered)
    in_sum = {outcome.reference for ones in late for outcome in ones}
    for outcome in ordered:
        note = _outcome_note(outcome, places.get(outcome.reference, ()))
        yield replace(note, level=logging.DEBUG) if outcome.reference in in_sum else note
    yield from map(_late_note, late)


def _put_off_together(outcomes: Iterable[Told]) -> list[list[Deferred]]:
    """Those that wait for the window of one source. What no window is enough for has each its own reason."""
    late: dict[str, list[Deferred]] = defaultdict(list)
    for outcome in outcomes:
        if isinstance(outcome, Deferred) and outcome.error.code == QuotaError.code:
            late[outcome.reference.registry].append(outcome)
    return [ones for ones in late.values() if len(ones) > 1]


def _late_note(outcomes: Sequence[Deferred]) -> Note:
    first, error = outcomes[0], outcomes[0].error
    source = first.reference.registry
    return Note(
        message=f"{source}: {counted(len(outcomes), 'image')} put off; {first.reference.familiar()}: {error.message}",
        level=logging.WARNING,
        hint=error.hint,
        fields={
            "event": "deferred",
            "registry": source,
            "code": error.code,
            "cause": str(error),
            "references": [str(outcome.reference) for outcome in outcomes],
        },
    )


def _outcome_note(outcome: Told, places: Sequence[str]) -> Note:
    fields = {"event": "outcome", **placed([outcome_document(outcome)], {outcome.reference: places})[0]}
    if not isinstance(outcome, Missed):
        message = f"{outcome.reference.familiar()}: {outcome.result.value}"
        return Note(message=message, level=logging.DEBUG, fields=fields)
    del fields["error"]
    error = outcome.error
    return Note(
        message=f"{places[0] + ': ' if places else ''}{outcome.reference.familiar()}{more(places)}: {error}",
        level=logging.ERROR if isinstance(outcome, Failed) and outcome.required else logging.WARNING,
        hint=error.hint,
        fields={**fields, "code": error.code, "cause": str(error)},
    )


def _stored_note(stored: Told) -> Note:
    """What became of the lock at the target."""
    where = str(stored.reference)
    fields = {"event": "lock", "reference": where, "outcome": stored.result.value}
    match stored:
        case Copied():
            return Note(message=f"the lock is stored as {where}", fields=fields)
        case Present():
            return Note(message=f"the lock stands already as {where}", fields=fields)
        case Skipped(reason=reason):
            return Note(message=f"the lock was not stored as {where}: {reason}", fields=fields)
        case Deferred(error=error) | Failed(error=error):
            message = f"the lock was not stored as {where}: {error}"
            return Note(message=message, level=logging.ERROR, hint=error.hint, fields=fields)


def _bytes_fields(traffic: Traffic | None) -> dict[str, Any]:
    """What went to the target, and what did not have to; null where the engine tells no bytes."""
    if traffic is None or traffic.is_silent:
        return {"bytes": {"moved": None, "mounted": None, "saved": None}}
    return {"bytes": {"moved": traffic.moved, "mounted": traffic.mounted, "saved": traffic.saved}}


def total(
    outcomes: Sequence[Told],
    quotas: Mapping[str, Quota],
    traffic: Traffic | None = None,
    **more: Any,  # noqa: ANN401 - any JSON
) -> Note:
    """The sum, in one sentence; `more` is what a machine wants to know beside the counts."""
    counts = {result.value: sum(outcome.result is result for outcome in outcomes) for result in Result}
    quota = quota_document(first(quotas))
    return Note(
        message=summary(outcomes, first(quotas)) + _told(traffic),
        fields={"event": "summary", **counts, **_bytes_fields(traffic), "quota": quota, **more},
    )


def _told(traffic: Traffic | None) -> str:
    """What moved, and what did not have to."""
    if traffic is None or traffic.is_silent or not (traffic.moved or traffic.saved):
        return ""
    there = max(0, traffic.saved - traffic.mounted)
    mounted = f", {human(traffic.mounted)} mounted" if traffic.mounted else ""
    return f"; {human(traffic.moved)} moved{mounted}" + (f", {human(there)} shared or there already" if there else "")
