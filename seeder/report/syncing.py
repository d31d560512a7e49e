"""What `sync` and `verify` did, for machines and for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seeder.model.outcome import Copied, Deferred, Failed, Present, Result, Skipped, Told
from seeder.model.quota import Quota
from seeder.numbers import counted, human
from seeder.report.exit_code import decide
from seeder.report.looking import look_fields, look_notes
from seeder.report.note import Note
from seeder.report.outcome_notes import outcome_notes
from seeder.report.outcomes import (
    Places,
    of_outcomes,
    outcome_document,
    outcome_fields,
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
    return {
        **outcome_fields(done.outcomes, {}, 0, done.target.name, {}),
        "unpinned": list(map(str, done.unpinned)),
        **stopped_fields(done.stopped),
    }


def verify_code(done: Verified) -> int:
    return decide([of_outcomes(done.outcomes), *stopped_code(done.stopped)])


def verify_notes(done: Verified, code: int) -> Iterator[Note]:
    yield from outcome_notes(until_stopped(done.outcomes, done.stopped), {})
    if done.unpinned:
        yield _unpinned_note(done.unpinned)
    yield total(done.outcomes, {}, exit=code)
    if done.stopped:
        yield stopped_note(done.stopped, hint="")


def _unpinned_note(unpinned: Places) -> Note:
    """What the class will pull and nobody looked for."""
    first, places = next(iter(unpinned.items()))
    rest = f" and {counted(len(unpinned) - 1, 'more image')}" if len(unpinned) > 1 else ""
    return Note(
        message=f"{places[0]}: {first.familiar()}{rest}: not checked, since the lock has no pin",
        level=logging.WARNING,
        hint="run `seeder sync`: it pins and copies what is missing",
        fields={"event": "unpinned", "references": list(map(str, unpinned))},
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
    """The sum, in one sentence; `more` is what a machine wants to know beside the counts, `pulls` among it."""
    counts = {result.value: sum(outcome.result is result for outcome in outcomes) for result in Result}
    quota = quota_document(first(quotas))
    return Note(
        message=summary(outcomes, first(quotas), more.get("pulls", 0)) + _told(traffic),
        fields={"event": "summary", **counts, **_bytes_fields(traffic), "quota": quota, **more},
    )


def _told(traffic: Traffic | None) -> str:
    """What moved, and what did not have to."""
    if traffic is None or traffic.is_silent or not (traffic.moved or traffic.saved):
        return ""
    there = max(0, traffic.saved - traffic.mounted)
    mounted = f", {human(traffic.mounted)} mounted" if traffic.mounted else ""
    return f"; {human(traffic.moved)} moved{mounted}" + (f", {human(there)} shared or there already" if there else "")
