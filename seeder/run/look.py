"""What a catalog wants to have seeded: the references of its images and trees, and what stays where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct

from seeder.errors import UsageError
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


def narrowed(project: Project, looked: Looked, references: Iterable[ImageReference]) -> tuple[Project, Looked]:
    """Both, as if the catalog named these references alone. Raises UsageError for one that it does not name.

    A tag that stands with a digest steps back for the tag alone, wherever the catalog names that: so both come.
    """
    chosen = known(looked.places, references)
    tags = {(each.name, each.tag) for each in chosen if each.tag and each.digest}
    chosen |= {reference for reference in looked.places if (reference.name, reference.tag) in tags}
    places = {reference: where for reference, where in looked.places.items() if reference in chosen}
    return project.narrowed(chosen), Looked(places=places)


def known(
    places: Places, references: Iterable[ImageReference], asking: str = "asked for "
) -> frozenset[ImageReference]:
    """The references as they are wanted. Raises UsageError for one that is not; `asking` begins what is said then."""
    asked = frozenset(reference.or_latest() for reference in references)
    unknown = sorted(asked - places.keys(), key=str)
    if unknown:
        near = _near(unknown[0], places)
        raise UsageError(
            f"{asking}{unknown[0]}, which this catalog does not have",
            hint=f"it has {near}" if near else "`seeder plan` lists what it has; write the reference as there",
        )
    return asked


def _near(reference: ImageReference, places: Places) -> str:
    """What the catalog has of that repository, else the name that looks most like it."""
    same = sorted(each.familiar() for each in places if each.name == reference.name)
    return ", ".join(same or get_close_matches(reference.familiar(), [each.familiar() for each in places], 1))


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
