"""What is to become of an occurrence: other text, or the same, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from seeder.errors import FileChangedError
from seeder.model.edit import Edit, EditedFile
from seeder.model.occurrence import Occurrence
from seeder.syntax.text import File


class Change(Struct, frozen=True, kw_only=True):
    """An occurrence that names, or is to name, the target: `texts` are the new texts of its parts, in their order."""

    occurrence: Occurrence
    texts: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """False where the text stands there already."""
        return any(part.text != text for part, text in zip(self.occurrence.parts, self.texts, strict=True))


class Left(Struct, frozen=True, kw_only=True):
    """An occurrence that stays as it is, and why; `hint` is what the author can do.

    `fails` is true for what should have been rewritten, false for what the catalog or the place itself leaves out.
    `counts` is whether that alone makes the run end with 1: not for an image that is not required, and not inside
    `sync`, where what became of the copy decides. `shared` is whether the reason is one of the catalog, the lock, the
    target or the command: then one remedy is for all places that have it.
    """

    occurrence: Occurrence
    reason: str
    hint: str = ""
    fails: bool = True
    counts: bool = True
    shared: bool = False

    @property
    def ends_badly(self) -> bool:
        return self.fails and self.counts


class PlannedFile(EditedFile, frozen=True, kw_only=True):
    """A file with the changes that its edits carry out; `name` is its path in the tree, out of whose `root` nothing is
    written.
    """

    root: Path
    name: str
    changes: tuple[Change, ...]


def edits_of(changes: Iterable[Change], file: File) -> tuple[Edit, ...]:
    """The edits of one file's changes, in the order of the file, a span once.

    Raises FileChangedError where the file no longer holds what was found, or its encoding lacks the new text.
    """
    found: dict[tuple[int, int], Edit] = {}
    for change in changes:
        for part, text in zip(change.occurrence.parts, change.texts, strict=True):
            if part.text == text:
                continue
            edit = Edit(
                root=change.occurrence.root,
                file=change.occurrence.file,
                span=part.span,
                old=_encoded(part.text, file, change.occurrence),
                new=_encoded(text, file, change.occurrence),
                line=part.line,
                column=part.column,
            )
            found[part.span.start, part.span.end] = edit
    return tuple(found[key] for key in sorted(found))


def _encoded(text: str, file: File, occurrence: Occurrence) -> bytes:
    try:
        return text.encode(file.encoding)
    except UnicodeEncodeError as error:
        raise FileChangedError(
            f"{text!r} cannot be written in the file's encoding, {file.encoding}",
            where=occurrence.where,
            hint="run the command again if the file was converted meanwhile",
        ) from error
