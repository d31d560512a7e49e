"""From names at a catalog's targets back to what they were made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from seeder import targets
from seeder.discover import Inverse
from seeder.model.catalog import Catalog
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference


def of(catalog: Catalog, lock: Lock) -> Inverse:
    """What a name at any target of the catalog was made from: an `as:` name, else by the layout.

    A digest alone stands for the pin that has it, if one has.
    """
    renamed = _renamed(catalog)
    by_digest = {
        (pin.reference.name, str(digest)): pin.reference
        for pin in lock
        for digest in (pin.descriptor.digest, *pin.served.values(), *(each.digest for each in pin.platforms.values()))
        if pin.reference.digest is None
    }

    def original(reference: ImageReference) -> ImageReference | None:
        given = renamed.get(reference.name, {})
        if (found := _given(given, reference, by_digest)) is not None:
            return found
        found = next(filter(None, (targets.original(reference, target) for target in catalog.targets)), None)
        if found is None or found.tag is not None:
            return found
        # What it was pinned to before, perhaps; of several nobody knows which.
        only = next(iter(given.values())) if len(given) == 1 else found
        return by_digest.get((found.name, str(found.digest)), only)

    return original


def _given(
    by_tag: Mapping[str | None, ImageReference],
    reference: ImageReference,
    by_digest: Mapping[tuple[str, str], ImageReference],
) -> ImageReference | None:
    """Which of the images that `as:` put into one repository has this tag there, or was pinned to this digest."""
    if reference.tag is not None:
        return by_tag.get(reference.tag) or by_tag.get(targets.unsuffixed(reference.tag))
    same = (each for each in by_tag.values() if by_digest.get((each.name, str(reference.digest))) == each)
    return next(same, None)


def _renamed(catalog: Catalog) -> dict[str, dict[str | None, ImageReference]]:
    """What `as:` gives names to, by the repository and the tag that it has at every target."""
    found: defaultdict[str, dict[str | None, ImageReference]] = defaultdict(dict)
    for entry in catalog.images:
        if not entry.destination:
            continue
        path, _, tag = entry.destination.partition(":")
        original = entry.reference.or_latest()
        for target in catalog.targets:
            repository = f"{target.prefix}/{path}" if target.prefix else path
            for host in {target.registry, target.push} - {""}:
                found[f"{host}/{repository}"][tag or original.tag] = original
    return found
