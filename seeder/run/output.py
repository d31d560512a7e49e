"""Copies of whole workshops, rewritten: one folder a workshop, put there only once it is complete."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from seeder import files, folders
from seeder.errors import FileError, UsageError
from seeder.rewrite.change import Left
from seeder.run.planned import PlannedTree
from seeder.run.project import Project


def check(folder: Path, project: Project) -> None:
    """Raises UsageError where the folder holds something already, or stands in a tree that is to be copied."""
    if files.exists(folder) and not files.is_empty(folder):
        raise UsageError(
            f"--output-dir: {folder} is {'not empty' if files.is_folder(folder) else 'no folder'}",
            hint="name a new folder, or empty this one: seeder does not mix old and new",
        )
    for tree in project.trees():
        if files.led_to(folder).is_relative_to(tree.resolve()):
            raise UsageError(
                f"--output-dir: {folder} stands inside the workshop {tree}", hint="name a folder outside the workshops"
            )


def write(folder: Path, planned: Sequence[PlannedTree]) -> tuple[tuple[Path, ...], tuple[Left, ...]]:
    """Copies each tree with its changed files; returns those, and what stays because its tree could not be copied."""
    written: list[Path] = []
    faults: list[Left] = []
    for tree, name in zip(planned, _names(planned), strict=True):
        try:
            written += _copied(tree, folder / name)
        except FileError as error:
            changes = [change for file in tree.files for change in file.changes]
            faults += [
                Left(occurrence=each.occurrence, reason=str(error), hint=error.hint, shared=True) for each in changes
            ]
            if not changes:
                raise
    return tuple(written), tuple(faults)


def _names(planned: Sequence[PlannedTree]) -> list[str]:
    """A folder's name for each tree: its own, and with the folders above it where two have the same."""
    paths = [tree.tree.path.resolve() for tree in planned]
    depth = 1
    while len({path.parts[-depth:] for path in paths}) < len(paths):
        depth += 1
    return ["-".join(part.strip("/") for part in path.parts[-depth:]).lstrip("-") for path in paths]


def _copied(tree: PlannedTree, destination: Path) -> list[Path]:
    partial = destination.with_name(f".{destination.name}.{secrets.token_hex(6)}.partial")
    try:
        folders.copy(tree.tree.path, partial, {file.name: file.new for file in tree.files})
        files.rename(partial, destination)
    except BaseException:  # a signal too must leave nothing half-done behind
        folders.discard(partial)
        raise
    return [destination / file.name for file in tree.files]
