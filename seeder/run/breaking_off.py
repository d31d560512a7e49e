"""What is told of a run that was stopped: what became of each image until then, and what is left for the next one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seeder.errors import DeferredError, StoppedError
from seeder.model.catalog import Catalog, TargetKind, TargetSettings
from seeder.model.outcome import Copied, Deferred, Missed, Outcome
from seeder.model.reference import ImageReference
from seeder.run.diary import Diary

# What engines say of an image that they were told to stop.
_ENDED = "stopped"


def outcomes(
    references: Iterable[ImageReference], diary: Diary, catalog: Catalog, target: TargetSettings, stopped: StoppedError
) -> tuple[Outcome, ...]:
    """One for each reference: as the diary has it, put off where the run did not get so far."""
    error = DeferredError(f"the run was {stopped.word} before it was done", hint="run it again", code=stopped.word)

    def ended(reference: ImageReference) -> Outcome:
        match diary.get(reference):
            case None:
                return Deferred(of=reference, error=error, required=catalog.requires(reference))
            case outcome if _is_final(outcome, diary, catalog, target):
                return outcome
            case outcome:
                of = outcome.of if isinstance(outcome, Missed) else outcome
                return Deferred(of=of, error=error, required=outcome.required, pulls=outcome.pulls)

    return tuple(map(ended, references))


def _is_final(outcome: Outcome, diary: Diary, catalog: Catalog, target: TargetSettings) -> bool:
    """An engine that was told to stop may call that a failure. A tar becomes one at the end of a run only, and an image
    is not done before what is to stand beside it is.
    """
    if isinstance(outcome, Missed):
        return outcome.error.code != _ENDED
    if isinstance(outcome, Copied) and _is_tar(target):
        return False
    return diary.has_beside or not catalog.wants_referrers(outcome.reference)


def _is_tar(target: TargetSettings) -> bool:
    if target.kind is not TargetKind.OCI_LAYOUT:
        return False
    from seeder.layout import is_tar  # noqa: PLC0415 - only who copies to a folder pays

    return is_tar(Path(target.path))
