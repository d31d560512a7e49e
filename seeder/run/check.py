"""`catalog check`: whether a catalog can be used, and what a user may not have meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from seeder import targets
from seeder.errors import UsageError
from seeder.run.project import Project


class Check(Struct, frozen=True, kw_only=True):
    """A catalog that is valid: its trees, and notes for its author (each a sentence)."""

    project: Project
    trees: tuple[Path, ...]
    notes: tuple[str, ...]


def check(project: Project) -> Check:
    """Looks at what parsing cannot see. Raises UsageError for a tree that is not there."""
    return Check(project=project, trees=project.trees(), notes=tuple(dict.fromkeys(_notes(project))))


def _notes(project: Project) -> Iterator[str]:
    catalog = project.catalog
    if not (catalog.workshops or catalog.images):
        yield "names nothing to seed: give it workshops or images"
    bare = [entry for entry in catalog.images if entry.platforms is None]
    if catalog.platforms is None and (bare or catalog.workshops):
        yield "names no platforms: all that an index holds is copied, which costs a pull for each"
    if catalog.wants_any_referrers and len(catalog.platforms or ()) == 1:
        yield "asks for referrers and for one platform: what signs a whole index stays behind, as the index does"
    if not catalog.targets:
        yield "names no target: scan, pin and plan work; sync, verify and rewrite need one"
    for target in catalog.targets:
        try:
            targets.check(target, where=str(project.path))
        except UsageError as error:
            yield f"{error.message}: {error.hint}"
    if not project.lock.pins:
        yield "has no lock yet: `seeder pin` writes it"
