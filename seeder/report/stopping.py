"""What is told of a run that was stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from seeder.errors import StoppedError
from seeder.model.outcome import Missed, Told
from seeder.report.note import Note
from seeder.report.output import GOES_ON, stopped_document


def stopped_fields(stopped: StoppedError | None) -> dict[str, Any]:
    """`error`, in the document of a run that was stopped."""
    return {"error": stopped_document(stopped)} if stopped else {}


def stopped_code(stopped: StoppedError | None) -> list[int]:
    return [stopped.exit_code] if stopped else []


def stopped_note(stopped: StoppedError, hint: str = GOES_ON) -> Note:
    return Note(message=stopped.word, level=logging.ERROR, hint=hint, fields={"code": stopped.word})


def until_stopped(outcomes: Iterable[Told], stopped: StoppedError | None) -> list[Told]:
    """Who told a run to stop is not told of each image that it did not come to."""
    word = stopped.word if stopped else None
    return [outcome for outcome in outcomes if not (isinstance(outcome, Missed) and outcome.error.code == word)]
