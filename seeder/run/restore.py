"""`restore`: undoes what `rewrite` did to the files of a catalog's workshops."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from seeder import files
from seeder.errors import FileError
from seeder.model.edit import EditedFile, splice
from seeder.model.rewrites import RewrittenSpan
from seeder.restore import Undone, undo
from seeder.run import record
from seeder.run.project import Project


class Kept(Struct, frozen=True, kw_only=True):
    """A recorded span that was not put back, and why."""

    span: RewrittenSpan
    place: str
    reason: str
    hint: str = ""


class Restored(Struct, frozen=True, kw_only=True):
    """What was put back, what stood there as at first already, and what was kept; `missing` is a record that is not
    there."""

    files: tuple[EditedFile, ...] = ()
    settled: tuple[RewrittenSpan, ...] = ()
    kept: tuple[Kept, ...] = ()
    missing: Path | None = None

    @property
    def exit_code(self) -> int:
        return 1 if self.kept else 0


def restore(project: Project, *, write: bool = True) -> Restored:
    """Puts back each span whose text is still ours, and takes it out of the record; without `write` only looks.

    Raises DocumentError for a broken record, FileError where the record cannot be written.
    """
    if not files.exists(project.rewrites_path):
        return Restored(missing=project.rewrites_path)
    before = record.load(project.rewrites_path).by_file()
    found: list[EditedFile] = []
    settled: list[RewrittenSpan] = []
    kept: list[Kept] = []
    remaining = dict(before)
    trees_now = {tree.resolve() for tree in project.trees()} if remaining else set()
    try:
        for key, spans in before.items():
            path, shown = _path(project, *key)
            try:
                root = _root(project, key[0], trees_now)
                _check_there(project, path)
                file, undone = _restored(path, shown, spans, root=root if write else None)
            except FileError as error:
                kept += [_kept(project, span, shown, error.message, error.hint) for span in spans]
                continue
            if file.edits:
                found.append(file)
            settled += undone.settled
            kept += [_kept(project, span, shown, "its text was changed since") for span in undone.left]
            remaining[key] = undone.left
    finally:
        if write:
            record.save(project.rewrites_path, remaining)
    return Restored(files=tuple(found), settled=tuple(settled), kept=tuple(kept))


def _path(project: Project, workshop: str, file: str) -> tuple[Path, str]:
    """Where a recorded file stands, and how it is shown; a workshop may be one file."""
    tree = project.path.parent / workshop
    path = tree if files.is_file(tree) and tree.name == file else tree / file
    return path, os.path.normpath(tree / file if path != tree else tree)


def _root(project: Project, workshop: str, known: set[Path]) -> Path:
    """The folder of a recorded workshop; raises FileError for one that the catalog does not name."""
    tree = project.path.parent / workshop
    if not any(tree.resolve().is_relative_to(one) for one in known):
        raise FileError(
            "its workshop is not in the catalog, whose files alone are written",
            hint=f"add {workshop} to `workshops` again; {_moved(project)}",
        )
    return tree.parent if files.is_file(tree) else tree


def _check_there(project: Project, path: Path) -> None:
    if not files.exists(path):
        raise FileError("the file is no longer there", where=str(path), hint=_moved(project))


def _moved(project: Project) -> str:
    return (
        f"if it has moved, write its new path into {project.rewrites_path}; if it is gone for good, take it out there"
    )


def _restored(
    path: Path, shown: str, spans: tuple[RewrittenSpan, ...], *, root: Path | None
) -> tuple[EditedFile, Undone]:
    """Restores a file, inside `root`; None only looks."""
    old = files.read(path)
    undone = undo(old, spans)
    new = splice(old, undone.edits)
    if root is not None and undone.edits:
        files.replace(path, old, new, root=root)
    return EditedFile(path=path, shown=shown, old=old, new=new, edits=undone.edits), undone


def _kept(project: Project, span: RewrittenSpan, shown: str, reason: str, hint: str = "") -> Kept:
    by_hand = f"write {span.original} there by hand; if it is to stay, take the place out of {project.rewrites_path}"
    return Kept(
        span=span,
        place=f"{shown}:{span.line}",
        reason=reason,
        hint=hint or by_hand,
    )
