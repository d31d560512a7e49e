"""Which digest is to stand at a target, as far as lock, store and target tell it; the source is not asked."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from seeder import selection
from seeder.manifests import check_sizes, configured
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.plan import Known, Wanted
from seeder.registry.client import Client
from seeder.store import ManifestStore


class Roots(Struct, frozen=True):
    """Thread-safe."""

    client: Client
    store: ManifestStore

    def find(self, want: Wanted) -> Known:
        """Raises what the target answers, MissingError where the image has no such platform, RegistryError where that
        is too large.
        """
        if want.trims:
            return _of(self._trimmed(want))
        index = self._index(want)
        root: Digest | None = want.pin.descriptor.digest
        if want.is_child_wanted:
            root = self._child(want, index) or self._child_by_tag(want)
        return Known(root=root, children=_size(index))

    def known(self, want: Wanted) -> Known:
        """What lock and store alone tell."""
        index = self.store.get(want.pin.descriptor.digest) if want.pin.descriptor.is_index else None
        if want.trims:
            return _of(self._made(want, index))
        root = self._child(want, index) if want.is_child_wanted else want.pin.descriptor.digest
        return Known(root=root, children=_size(index))

    def held(self, want: Wanted, root: Digest | None) -> int:
        """How many of the manifests that a copy takes are in the store."""
        top = self.store.get(root or want.pin.descriptor.digest)
        return 0 if top is None else 1 + sum(self.store.get(child.digest) is not None for child in top.children())

    def _index(self, want: Wanted) -> Manifest | None:
        """The index, if it is in the store, or at the target while the lock does not say which child is wanted."""
        if not want.pin.descriptor.is_index:
            return None
        index = self.store.get(want.pin.descriptor.digest)
        if index is not None or (want.is_child_wanted and self._child(want, None) is not None):
            return index
        return self._at_target(want, want.pin.descriptor.digest)

    def _trimmed(self, want: Wanted) -> Manifest | None:
        """The trimmed index: made from the whole one where that is at hand, else as the lock or its tag names it, else
        made from the whole one where that is at the target.
        """
        made = self._made(want, self.store.get(want.pin.descriptor.digest))
        if made is not None:
            return made
        for digest in _candidates(want):
            found = self.store.get(digest) or self._at_target(want, digest)
            if found is not None and selection.is_trimmed(found, want.platforms):
                return found
        stands = self.client.find_manifest(replace(want.destination.place, tag=want.destination.tags[-1]))
        if stands is not None and stands.is_index and stands.digest != want.pin.descriptor.digest:
            found = self._at_target(want, stands.digest)
            if found is not None and selection.is_trimmed(found, want.platforms):
                return found
        return self._made(want, self._at_target(want, want.pin.descriptor.digest))

    def _made(self, want: Wanted, index: Manifest | None) -> Manifest | None:
        if index is None:
            return None
        made = selection.trimmed(want.pin.reference, index, want.platforms)
        if self.store.get(made.descriptor.digest) is None:
            self.store.put(made)
        return made

    def _at_target(self, want: Wanted, digest: Digest) -> Manifest | None:
        place = want.destination.place.at(digest)
        if self.client.find_manifest(place) is None:
            return None
        found = self.client.get_manifest(place, mirrors=False)
        self.store.put(found)
        return found

    def _child(self, want: Wanted, index: Manifest | None) -> Digest | None:
        """The wanted child as lock or index tell it; raises MissingError where the index has none, RegistryError where
        it is too large.
        """
        platform = want.platforms[0]
        told = want.pin.child(platform)
        if told is not None or index is None:
            return told.digest if told is not None else None
        child = selection.child(want.pin.reference, index, platform)
        check_sizes(self.client, want.pin.reference, [child])
        return child.digest

    def _child_by_tag(self, want: Wanted) -> Digest | None:
        """What stands under the tag that names the index's digest, if it is for the wanted platform.

        It is how a run without a store and with a lock that never saw the index (`pin`, then a pod) finds that all is
        there.
        """
        place = want.destination.place
        stands = self.client.find_manifest(replace(place, tag=want.destination.tags[-1]))
        if stands is None or stands.is_index:
            return None
        manifest = self.client.get_manifest(place.at(stands.digest), mirrors=False)
        platform = configured(self.client, place, manifest)
        return stands.digest if platform is not None and want.platforms[0].accepts(platform) else None


def _candidates(want: Wanted) -> Iterator[Digest]:
    """What the lock says was made of the index: for this target first. It is the same for all of the same platforms."""
    served = want.pin.served
    own = served.get(want.destination.target)
    yield from dict.fromkeys(digest for digest in (own, *served.values()) if digest is not None)


def _of(trimmed: Manifest | None) -> Known:
    return Known(root=trimmed.descriptor.digest if trimmed is not None else None, children=_size(trimmed))


def _size(index: Manifest | None) -> int | None:
    return len(index.children()) if index is not None else None
