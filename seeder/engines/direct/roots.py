"""The manifest that is to stand at the target under the tags: from the store, else from where it can be had."""

from __future__ import annotations

from msgspec import Struct

from seeder import selection
from seeder.engines.direct.ledger import Promise
from seeder.engines.direct.tools import Tools
from seeder.errors import MissingError, SeederError
from seeder.model.copy import Copy
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


class Root(Struct, frozen=True):
    """`platform` is set where one child stands in for its index."""

    manifest: Manifest
    platform: Platform | None = None


class Roots(Struct, frozen=True):
    """For one image, into the repository `place` of the target."""

    tools: Tools
    copy: Copy
    place: ImageReference

    def standing(self) -> Manifest:
        """What stands at the target by the digest that the plan knows: from the store, else from there."""
        digest = self.copy.root or self._pinned
        return self.tools.reading.known(digest) or self.tools.client.get_manifest(self.place.at(digest), mirrors=False)

    def set_aside(self, promise: Promise) -> None:
        """The pulls that the image is expected to take. Raises QuotaError."""
        self.tools.ledger.extend(promise, 0 if self._known() is not None else max(1, self.copy.pulls.assumed))

    def read(self, promise: Promise) -> Root:
        """Raises QuotaError, MissingError where the image has no such platform, and what the source answers."""
        copy = self.copy
        root = self._known() or self._read(promise)
        if copy.trims:
            made = selection.trimmed(copy.pin.reference, root, copy.platforms)
            self.tools.reading.store.put(made)
            return Root(made)
        if root.descriptor.digest == self._pinned and root.descriptor.is_index and len(copy.platforms) == 1:
            child = selection.child(copy.pin.reference, root, copy.platforms[0])
            return Root(self.tools.reading.read(copy.pin.reference.at(child.digest), promise), child.platform)
        return Root(root)

    @property
    def _pinned(self) -> Digest:
        return self.copy.pin.descriptor.digest

    def _known(self) -> Manifest | None:
        """The root as the store has it; of a trimmed one the whole index does as well."""
        known = self.tools.reading.known
        digests = (self.copy.root, self._pinned) if self.copy.trims else (self.copy.root or self._pinned,)
        return next((found for digest in digests if digest and (found := known(digest))), None)

    def _read(self, promise: Promise) -> Manifest:
        copy, read = self.copy, self.tools.reading.read
        try:
            return read(copy.source, promise, self.place if copy.repair else None)
        except MissingError:
            # A folder that was filled with the trimmed index alone has only that, and the lock says which it is.
            for digest in copy.pin.served.values() if copy.trims else ():
                found = self._tried(digest, promise)
                if found is not None and selection.is_trimmed(found, copy.platforms):
                    return found
            raise

    def _tried(self, digest: Digest, promise: Promise) -> Manifest | None:
        try:
            return self.tools.reading.read(self.copy.pin.reference.at(digest), promise)
        except SeederError:
            return None
