"""What the lock learns from a copy: the platforms and sizes of an image, read at the target, where it is free."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import DocumentError, FileError, SeederError
from seeder.manifests import sized
from seeder.model.catalog import Catalog
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.outcome import Standing
from seeder.model.pin import Lock, Pin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.platforms import Sizer
from seeder.run.project import Project
from seeder.run.session import Session
from seeder.threads import each

log = logging.getLogger(__name__)

WORKERS = 8


def learn(session: Session, project: Project, lock: Lock, images: Sequence[Standing], *, write: bool) -> Lock:
    """The lock with what is known of platforms now; it is written where it may be."""
    better = Lock.of(lock.by_reference() | Filler(session, project.catalog).fill(images))
    if write and better != lock:
        try:
            project.save(better, lock)
        except (FileError, DocumentError) as error:  # the pins themselves stand in the file already
            log.warning("the lock could not learn platforms and sizes: %s", error)
    pins = better.by_reference()
    for image in images:
        _warn_of_platforms(pins[image.reference], project.catalog.platforms_for(image.reference))
    return better


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
        reader = self.session.reader
        stands = reader.read(place.at(root))
        if root != pin.descriptor.digest and not (stands.descriptor.is_index and self._named(pin, root) is None):
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


def _warn_of_platforms(pin: Pin, wanted: Sequence[Platform]) -> None:
    """An image that is no index is copied as it is; whether the class can run it is another question."""
    missing = pin.lacks(wanted)
    if pin.platforms and missing and not pin.descriptor.is_index:
        log.warning(
            "%s is for %s alone, and %s is asked for",
            pin.reference.familiar(),
            ", ".join(map(str, pin.platforms)),
            ", ".join(map(str, missing)),
        )
