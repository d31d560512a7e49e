"""What the lock learns from a copy: the platforms and sizes of an image, read at the target, where it is free."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from seeder.errors import SeederError
from seeder.manifests import ManifestReader, sized
from seeder.model.catalog import Catalog
from seeder.model.copy import Outcome
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.pin import Pin
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
        return found | {o.reference: self._served(found[o.reference], o) for o in stands if o.pin is not None}

    def _served(self, pin: Pin, outcome: Outcome) -> Pin:
        """Where an index is to be trimmed, the lock says what stands there, also if nothing had to be taken out."""
        if outcome.destination is None or (not pin.served and not self.catalog.trims(pin.reference)):
            return pin
        trims = self.catalog.trims(pin.reference) and pin.descriptor.is_index
        return pin.serving(outcome.destination.target, outcome.root if trims else None)

    def _is_known(self, outcome: Outcome) -> bool:
        if outcome.pin is None or outcome.root is None or outcome.destination is None:
            return True
        if outcome.pin.descriptor.is_index and self.catalog.trims(outcome.pin.reference):
            return not outcome.pin.lacks(self.catalog.platforms_for(outcome.pin.reference))
        if outcome.root != outcome.pin.descriptor.digest:
            return any(child.digest == outcome.root for child in outcome.pin.platforms.values())
        return bool(outcome.pin.platforms)

    def _filled(self, outcome: Outcome) -> Pin:
        pin, root, destination = outcome.pin, outcome.root, outcome.destination
        assert pin is not None  # noqa: S101 - see _is_known
        assert root is not None  # noqa: S101
        assert destination is not None  # noqa: S101
        place = destination.place
        wanted = self.catalog.platforms_for(pin.reference)
        reader = ManifestReader(self.session.client, self.session.store)
        stands = reader.read(place.at(root))
        if root != pin.descriptor.digest and not stands.descriptor.is_index:
            return self._with_child(pin, stands)
        sizer = Sizer(reader, self.session.client, lambda _: wanted)
        filled = sizer.fill(replace(pin, reference=place, descriptor=stands.descriptor))
        whole = stands.descriptor if root == pin.descriptor.digest else pin.descriptor
        return replace(filled, reference=pin.reference, descriptor=whole)

    def _with_child(self, pin: Pin, manifest: Manifest) -> Pin:
        root = manifest.descriptor.digest
        platform = self._named(pin, root) or self.catalog.platforms_for(pin.reference)[0]
        known = {**pin.platforms, platform: sized(manifest)}
        return replace(pin, platforms=dict(sorted(known.items())))

    def _named(self, pin: Pin, root: Digest) -> Platform | None:
        """The platform that the index gives the child, where the index is in the store."""
        index = self.session.store.get(pin.descriptor.digest)
        children = index.children() if index is not None else ()
        return next((child.platform for child in children if child.digest == root), None)
