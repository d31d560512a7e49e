"""What a catalog wants to have seeded: the references of its images and trees, and what stays where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from seeder.model.catalog import Catalog
from seeder.model.occurrence import Occurrence, Unread
from seeder.model.outcome import Skipped
from seeder.model.reference import ImageReference
from seeder.run.project import Project

if TYPE_CHECKING:
    from seeder.run.tree import Tree

# References that are wanted, with the `file:line` of each place.
Places = Mapping[ImageReference, tuple[str, ...]]


class Looked(Struct, frozen=True, kw_only=True):
    """`skipped` are those that stay, and why."""

    places: Places
    skipped: tuple[Skipped, ...] = ()
    unresolved: tuple[Occurrence, ...] = ()
    unread: tuple[Unread, ...] = ()


def look(project: Project, variables: Mapping[str, str] | None = None) -> Looked:
    """Discovers the catalog's trees; `variables` go before the catalog's own. Raises UsageError, DocumentError."""
    found: tuple[Tree, ...] = ()
    if project.catalog.workshops:
        from seeder.run import trees  # noqa: PLC0415 - a catalog without trees pays for no finder

        found = trees.look(project, variables)
    occurrences = [occurrence for tree in found for occurrence in tree.occurrences if occurrence.pulled]
    places = wanted(project.catalog, str(project.path), occurrences)
    return Looked(
        places=places,
        skipped=tuple(_skipped(project, occurrences, places)),
        unresolved=tuple(
            occurrence for occurrence in occurrences if occurrence.unresolved and occurrence.reference is None
        ),
        unread=tuple(unread for tree in found for unread in tree.unread),
    )


def wanted(catalog: Catalog, name: str, occurrences: Iterable[Occurrence] = ()) -> Places:
    """The references of `images` and of the trees, sorted.

    `name` is the catalog's file. Of the trees count those that are pulled, whose variables are known, whose registry
    is rehosted and that no `ignore` rule covers; what `images` names is wanted as it stands there.
    """
    found: dict[ImageReference, list[str]] = {}
    for entry in catalog.images:
        found.setdefault(entry.reference.or_latest(), []).append(f"{name}:{entry.line}" if entry.line else name)
    for occurrence in occurrences:
        reference = occurrence.reference
        if reference and occurrence.pulled and catalog.rehosts(reference) and not catalog.ignored(reference):
            found.setdefault(reference.or_latest(), []).append(occurrence.where)
    return {reference: tuple(dict.fromkeys(found[reference])) for reference in sorted(found, key=str)}


def _skipped(project: Project, occurrences: Iterable[Occurrence], places: Places) -> list[Skipped]:
    references = {o.reference.or_latest() for o in occurrences if o.reference is not None} - places.keys()
    return [
        Skipped(of=reference, required=False, reason=_why(project, reference))
        for reference in sorted(references, key=str)
    ]


def _why(project: Project, reference: ImageReference) -> str:
    rule = project.catalog.ignored(reference)
    if rule is not None:
        return f"ignored: {rule.reason}"
    return f"{reference.registry} is not in the catalog's registries"
