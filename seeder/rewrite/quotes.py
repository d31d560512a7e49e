"""Names at an IPv6 address (`[fd00::1]:5000`) begin as a list does in YAML, and as a pattern in a shell."""

from __future__ import annotations

from collections.abc import Iterable

from seeder.model.occurrence import Context, Occurrence
from seeder.rewrite.change import PlannedFile

HINT = "write the name in quotes, or give the target a host name"
_REASON = "the target's name begins with `[`, and would have to stand in quotes here"
_BEFORE = (b'"', b"'", b"/")  # as in docker://
_NEVER_QUOTED = frozenset({Context.DOCKERFILE_FROM, Context.DOCKERFILE_COPY_FROM})


def unquoted(files: Iterable[PlannedFile]) -> dict[Occurrence, str]:
    """Names that stand bare where the new one cannot, and why: an edit is of the name alone, and brings no quotes."""
    return {
        change.occurrence: _REASON
        for file in files
        for change in file.changes
        if change.occurrence.context not in _NEVER_QUOTED
        for part, text in zip(change.occurrence.parts, change.texts, strict=True)
        if text.startswith("[") and file.old[part.span.start - 1 : part.span.start] not in _BEFORE
    }
