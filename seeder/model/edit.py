"""Edits: bytes of a file that are to become other bytes, and the one function that carries them out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

from msgspec import Struct

from seeder.errors import FileChangedError
from seeder.model.occurrence import Span, path_of


class Edit(Struct, frozen=True, kw_only=True):
    """The bytes of `span` in a file of a root, what stands there now, and what is to stand there.

    `line` and `column`, from 1, are the place of `old`, for messages.
    """

    root: str
    file: str
    span: Span
    old: bytes
    new: bytes
    line: int = 0
    column: int = 0

    @property
    def place(self) -> str:
        """`path:line`, for messages."""
        return f"{path_of(self.root, self.file)}:{self.line}"


class EditedFile(Struct, frozen=True, kw_only=True):
    """A file before and after its edits; `shown` is its path for people."""

    path: Path
    shown: str
    old: bytes
    new: bytes
    edits: tuple[Edit, ...]


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Replaces each edit's span; every other byte stays as it was.

    Raises FileChangedError where the bytes are not those that the edit was made for, and ValueError where two edits
    claim the same bytes. Nothing is replaced unless all can be.
    """
    pieces: list[bytes] = []
    end = len(data)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        if edit.span.end > end and edit.span.end <= len(data):
            raise ValueError(f"{edit.place}: two edits of the same bytes")
        if data[edit.span.start : edit.span.end] != edit.old:
            raise FileChangedError(
                "changed between being read and being rewritten; it was left as it is",
                where=edit.place,
                hint="run the command again",
            )
        pieces += [data[edit.span.end : end], edit.new]
        end = edit.span.start
    pieces.append(data[:end])
    return b"".join(reversed(pieces))


def moved(spans: Iterable[Span], edits: Iterable[Edit]) -> dict[Span, Span]:
    """Where each span stands after the edits were spliced; an edited span becomes the span of its new text."""
    changes = sorted(edits, key=lambda edit: edit.span)
    ends = [edit.span.end for edit in changes]
    shifts = list(accumulate((len(edit.new) - len(edit.old) for edit in changes), initial=0))

    def shifted(offset: int) -> int:
        return offset + shifts[bisect_right(ends, offset)]

    return {span: Span(shifted(span.start), shifted(span.end)) for span in spans}
