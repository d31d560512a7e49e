"""Which references a catalog wants to have seeded, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seeder.model.catalog import Catalog
from seeder.model.occurrence import Occurrence
from seeder.model.reference import ImageReference

Places = Mapping[ImageReference, tuple[str, ...]]


def wanted(
    catalog: Catalog, name: str, occurrences: Iterable[Occurrence] = ()
) -> dict[ImageReference, tuple[str, ...]]:
    """The references of `images` and of the trees, sorted, with the `file:line` of each place.

    `name` is the catalog's file. Of the trees count those that are pulled, whose variables are known, whose registry
    is rehosted and that no `ignore` rule covers; what `images` names is wanted as it stands there.
    """
    found: dict[ImageReference, list[str]] = {}
    for entry in catalog.images:
        found.setdefault(entry.reference.or_latest(), []).append(f"{name}:{entry.line}" if entry.line else name)
    for occurrence in occurrences:
        if is_wanted(catalog, occurrence) and occurrence.reference is not None:
            found.setdefault(occurrence.reference.or_latest(), []).append(occurrence.where)
    return {reference: tuple(dict.fromkeys(found[reference])) for reference in sorted(found, key=str)}


def is_wanted(catalog: Catalog, occurrence: Occurrence) -> bool:
    """Whether an occurrence's reference is one to seed."""
    reference = occurrence.reference
    return (
        reference is not None
        and occurrence.pulled
        and catalog.rehosts(reference)
        and catalog.ignored(reference) is None
    )
