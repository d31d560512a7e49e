"""What is told beside a result, on stderr: lines for people, an object a line for machines (`cli.logs` writes both)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

log = logging.getLogger("seeder")


class Note(Struct, frozen=True, kw_only=True):
    """A sentence, how grave it is, what to try, and what a machine wants to know of it."""

    message: str
    level: int = logging.INFO
    hint: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def tell(notes: Iterable[Note]) -> None:
    for note in notes:
        told = {"hint": note.hint, **note.fields}
        log.log(
            note.level, "%s", note.message, extra={key: value for key, value in told.items() if value not in ("", None)}
        )
