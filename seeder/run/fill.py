"""What the lock learns from a copy: the platforms and sizes of an image, read at the target, where it is free."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from seeder.errors import SeederError
from seeder.manifests import ManifestReader
from seeder.model.catalog import Catalog
from seeder.model.copy import Outcome
from seeder.model.digest import Digest
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.platforms import Sizer
from seeder.run.session import Session
from seeder.threads import each

WORKERS = 8


@dataclass(frozen=True, slots=True)
class Filler:
    """Thread-safe."""

    session: Session
    catalog: Catalog

    def fill(self, outcomes: Iterable[Outcome]) -> dict[ImageReference, Pin]:
        """The pins as they are known now, some of them by what the engine saw; what cannot be read stays as it was."""
        stands = list(outcomes)
        todo = [outcome for outcome in stands if not self._is_known(outcome)]
        found: dict[ImageReference, Pin] = {o.reference: o.pin for o in stands if o.pin is not None}
        with closing(each(self._filled, todo, WORKERS)) as results:
            for outcome, pin in results:
                if not isinstance(pin, SeederError):
                    found[outcome.reference] = pin
        return found

    def _is_known(self, outcome: Outcome) -> bool:
        if outcome.pin is None or outcome.root is None or outcome.destination is None:
            return True
        if outcome.root != outcome.pin.descriptor.digest:
            return any(child.digest == outcome.root for child in outcome.pin.platforms.values())
        return bool(outcome.pin.platforms)

    def _filled(self, outcome: Outcome) -> Pin:
        pin, root, destination = outcome.pin, outcome.root, outcome.destination
        assert pin is not None  # noqa: S101 - see _is_known
        assert root is not None  # noqa: S101
        assert destination is not None  # noqa: S101
        place = ImageReference(destination.registry, destination.repository)
        if root != pin.descriptor.digest:
            return self._with_child(pin, place, root)
        wanted = self.catalog.platforms_for(pin.reference)
        reader = ManifestReader(self.session.client, self.session.store)
        sizer = Sizer(reader, self.session.client, lambda _: wanted)
        return replace(sizer.fill(replace(pin, reference=place)), reference=pin.reference)

    def _with_child(self, pin: Pin, place: ImageReference, root: Digest) -> Pin:
        manifest = ManifestReader(self.session.client, self.session.store).read(place.at(root))
        size = sum(blob.size for blob in manifest.blobs())
        platform = self._named(pin, root) or self.catalog.platforms_for(pin.reference)[0]
        known = {**pin.platforms, platform: PlatformPin(digest=root, size=size)}
        return replace(pin, platforms=dict(sorted(known.items())))

    def _named(self, pin: Pin, root: Digest) -> Platform | None:
        """The platform that the index gives the child, where the index is in the store."""
        index = self.session.store.get(pin.descriptor.digest)
        children = index.children() if index is not None else ()
        return next((child.platform for child in children if child.digest == root), None)
