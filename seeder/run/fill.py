"""What the lock learns from a copy: the platforms and sizes of an image, read at the target, where it is free."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import SeederError
from seeder.manifests import ManifestReader, sized
from seeder.model.catalog import Catalog
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.outcome import Standing
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.platforms import Sizer
from seeder.run.session import Session
from seeder.threads import each

WORKERS = 8


class Filler(Struct, frozen=True):
    """Thread-safe."""

    session: Session
    catalog: Catalog

    def fill(self, images: Iterable[Standing]) -> dict[ImageReference, Pin]:
        """The pins of what stands as they are known now, some of them by what the engine saw.

        What cannot be read stays as it was.
        """
        standing = {image.reference: image for image in images}
        todo = [image for image in standing.values() if not self._is_known(image)]
        filled: dict[ImageReference, Pin] = {}
        with closing(each(self._filled, todo, WORKERS)) as results:
            for image, pin in results:
                if not isinstance(pin, SeederError):
                    filled[image.reference] = pin
        return {name: self._served(filled.get(name, image.pin), image) for name, image in standing.items()}

    def _served(self, pin: Pin, image: Standing) -> Pin:
        """Where an index is to be trimmed, the lock says what stands there, also if nothing had to be taken out."""
        trims = self.catalog.trims(pin.reference)
        if not pin.served and not trims:
            return pin
        return pin.serving(image.destination.target, image.root if trims and pin.descriptor.is_index else None)

    def _is_known(self, image: Standing) -> bool:
        pin = image.pin
        if pin.descriptor.is_index and self.catalog.trims(pin.reference):
            return not pin.lacks(self.catalog.platforms_for(pin.reference))
        if image.root != pin.descriptor.digest:
            return any(child.digest == image.root for child in pin.platforms.values())
        return bool(pin.platforms)

    def _filled(self, image: Standing) -> Pin:
        pin, root, place = image.pin, image.root, image.destination.place
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
