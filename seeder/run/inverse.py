"""From names at a catalog's targets back to what they were made from."""

from __future__ import annotations

from seeder import targets
from seeder.discover import Inverse
from seeder.model.catalog import Catalog
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference


def of(catalog: Catalog, lock: Lock) -> Inverse:
    """What a name at any target of the catalog was made from: an `as:` name, else by the layout.

    A digest alone stands for the pin that has it, if one has.
    """
    named = _given_names(catalog)
    by_digest = {
        (pin.reference.name, str(digest)): pin.reference
        for pin in lock
        for digest in (pin.descriptor.digest, *pin.served.values(), *(each.digest for each in pin.platforms.values()))
        if pin.reference.digest is None
    }

    def original(reference: ImageReference) -> ImageReference | None:
        given = named.get((reference.name, reference.tag)) or named.get((reference.name, None))
        if given is not None:
            return given
        found = next(filter(None, (targets.original(reference, target) for target in catalog.targets)), None)
        if found is None or found.tag is not None:
            return found
        return by_digest.get((found.name, str(found.digest)), found)

    return original


def _given_names(catalog: Catalog) -> dict[tuple[str, str | None], ImageReference]:
    """References by the repository and tag that `as:` gives them, at every target."""
    found = {}
    for entry in catalog.images:
        if not entry.destination:
            continue
        path, _, tag = entry.destination.partition(":")
        for target in catalog.targets:
            repository = f"{target.prefix}/{path}" if target.prefix else path
            for host in {target.registry, target.push} - {""}:
                found[f"{host}/{repository}", tag or entry.reference.or_latest().tag] = entry.reference.or_latest()
                found.setdefault((f"{host}/{repository}", None), entry.reference.or_latest())
    return found
