"""What became of each image, for a log: the good for who asks, and what several have in common once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from seeder.errors import DeniedError, QuotaError
from seeder.model.outcome import Deferred, Failed, Missed, Told
from seeder.model.placed import Placed
from seeder.numbers import counted
from seeder.report.looking import more
from seeder.report.note import Note
from seeder.report.outcomes import Places, outcome_document, placed

# So many are told one by one, each with its place in the files; a quota's figures speak of all.
_FEW = {"failed": 3, "quota": 1}


def outcome_notes(outcomes: Iterable[Told], places: Places) -> Iterator[Note]:
    """One an image. Of several that one source's quota puts off, or that fail with the same words, who does not ask for
    all gets one for all.
    """
    ordered = sorted(outcomes, key=lambda outcome: str(outcome.reference))
    groups = _alike(ordered)
    grouped = {outcome.reference for group in groups for outcome in group}
    for outcome in ordered:
        note = _note(outcome, places.get(outcome.reference, ()))
        yield replace(note, level=logging.DEBUG) if outcome.reference in grouped else note
    for group in groups:
        yield _note_of_all(group, places.get(group[0].reference, ()))


def _alike(outcomes: Iterable[Told]) -> list[list[Missed]]:
    """Those that wait for the window of one source, and those that fail for the same reason, as a dead target gives."""
    groups: dict[tuple[str, ...], list[Missed]] = defaultdict(list)
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            groups["failed", *_reason(outcome)].append(outcome)
        # What no window is enough for has a code and a reason of its own.
        elif isinstance(outcome, Deferred) and outcome.error.code == QuotaError.code:
            groups["quota", outcome.reference.registry].append(outcome)
    return [group for (kind, *_), group in groups.items() if len(group) > _FEW[kind]]


def _reason(outcome: Failed) -> tuple[str, ...]:
    """What those have in common that fail alike: the words, or the target that lets nobody in, which says so of each
    name that it is asked for.
    """
    error = outcome.error
    target = outcome.of.destination.registry if isinstance(outcome.of, Placed) else ""
    if isinstance(error, DeniedError) and error.where == target:
        return error.code, target, error.hint
    return error.code, str(error), error.hint


def _note_of_all(group: Sequence[Missed], places: Sequence[str]) -> Note:
    first, error = group[0], group[0].error
    references = [str(outcome.reference) for outcome in group]
    fields = {"code": error.code, "cause": str(error), "references": references}
    if isinstance(first, Failed):
        return Note(
            message=f"{_at(places)}{first.reference.familiar()} and {counted(len(group) - 1, 'more image')}: {error}",
            level=max(map(_level, group)),
            hint=error.hint,
            fields={"event": "failed", **fields},
        )
    source = first.reference.registry
    return Note(
        message=f"{source}: {counted(len(group), 'image')} put off; {first.reference.familiar()}: {error.message}",
        level=logging.WARNING,
        hint=error.hint,
        fields={"event": "deferred", "registry": source, **fields},
    )


def _note(outcome: Told, places: Sequence[str]) -> Note:
    fields = {"event": "outcome", **placed([outcome_document(outcome)], {outcome.reference: places})[0]}
    if not isinstance(outcome, Missed):
        message = f"{outcome.reference.familiar()}: {outcome.result.value}"
        return Note(message=message, level=logging.DEBUG, fields=fields)
    del fields["error"]
    error = outcome.error
    return Note(
        message=f"{_at(places)}{outcome.reference.familiar()}{more(places)}: {error}",
        level=_level(outcome),
        hint=error.hint,
        fields={**fields, "code": error.code, "cause": str(error)},
    )


def _at(places: Sequence[str]) -> str:
    return f"{places[0]}: " if places else ""


def _level(outcome: Missed) -> int:
    return logging.ERROR if isinstance(outcome, Failed) and outcome.required else logging.WARNING
