"""What `pin --read-manifests` adds to pins: the platforms of an image, and how large each is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from seeder import selection
from seeder.errors import SeederError
from seeder.manifests import ManifestReader, check_sizes, configured, sized
from seeder.model.copy import Pulls
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.threads import each

WORKERS = 8
# Children of an index that nobody has read: what Docker's official images mostly have.
ASSUMED_CHILDREN = 8

PlatformsFor = Callable[[ImageReference], Collection[Platform]]


def pulls(lock: Iterable[Pin], known: Callable[[Digest], Manifest | None], platforms_for: PlatformsFor) -> Pulls:
    """What reading all platforms would cost at sources: manifest GETs, after what `known` has."""
    return sum((_pulls(pin, known, platforms_for(pin.reference)) for pin in lock), Pulls())


def _pulls(pin: Pin, known: Callable[[Digest], Manifest | None], wanted: Collection[Platform]) -> Pulls:
    if _is_complete(pin, wanted):
        return Pulls()
    root = known(pin.descriptor.digest)
    if root is not None:
        unread = sum(known(child.digest) is None for child in _children(root, wanted))
        return Pulls(at_least=unread, assumed=unread)
    if not pin.descriptor.is_index:
        return Pulls(at_least=1, assumed=1)
    return Pulls(at_least=1 + len(wanted), assumed=1 + (len(wanted) or ASSUMED_CHILDREN), exact=bool(wanted))


def _is_complete(pin: Pin, wanted: Collection[Platform]) -> bool:
    """Without a wish for some, what was read is taken for all: it was read from the whole index."""
    return bool(pin.platforms) and not pin.lacks(wanted)


def _children(root: Manifest, wanted: Collection[Platform]) -> list[Descriptor]:
    """The children to read: each wanted platform's, else all that name a platform."""
    if wanted:
        found = (root.for_platform(platform) for platform in wanted)
        return list({child.digest: child for child in found if child is not None}.values())
    return [child for child in root.children() if child.platform is not None and not child.is_attestation]


class Sizer(Struct, frozen=True):
    """Reads manifests and configs of images; thread-safe."""

    reader: ManifestReader
    client: Client
    platforms_for: PlatformsFor

    def read(self, lock: Lock) -> tuple[Lock, Mapping[ImageReference, SeederError]]:
        """The lock with platforms filled in, and what could not be read; those pins stay as they were."""
        pins = lock.by_reference()
        failures: dict[ImageReference, SeederError] = {}
        todo = [pin for pin in lock if not _is_complete(pin, self.platforms_for(pin.reference))]
        for pin, result in each(self.fill, todo, WORKERS):
            if isinstance(result, SeederError):
                failures[pin.reference] = result
            else:
                pins[pin.reference] = result
        return Lock.of(pins), failures

    def fill(self, pin: Pin) -> Pin:
        """A pin with its platforms. Raises what the source answers; RegistryError where a platform is missing."""
        check_sizes(self.client, pin.reference, [pin.descriptor])
        root = self.reader.read(pin.reference.at(pin.descriptor.digest))
        if root.descriptor.is_index:
            platforms = self._of_index(pin.reference, root)
        else:
            platform = configured(self.client, pin.reference, root)
            platforms = {platform: sized(root)} if platform else {}
        return replace(pin, descriptor=root.descriptor, platforms=dict(sorted(platforms.items())))

    def _of_index(self, reference: ImageReference, root: Manifest) -> dict[Platform, PlatformPin]:
        wanted = self.platforms_for(reference)
        for platform in wanted:
            selection.child(reference, root, platform)
        children = _children(root, wanted)
        check_sizes(self.client, reference, children)
        found: dict[Platform, PlatformPin] = {}
        for child in children:
            manifest = self.reader.read(reference.at(child.digest))
            if child.platform is not None:
                found.setdefault(child.platform, sized(manifest))
        return found
