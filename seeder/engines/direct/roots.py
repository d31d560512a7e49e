"""The manifest that is to stand at the target under the tags: from the store, else from where it can be had."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from seeder import selection, targets
from seeder.engines.direct.ledger import Promise
from seeder.engines.direct.tools import Tools
from seeder.errors import MissingError, SeederError
from seeder.manifests import check_sizes
from seeder.model.copy import Copy
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


class Root(Struct, frozen=True):
    """`platform` is set where one child stands in for its index.

    `stands` says that it is at the target all the same, where it was not known when that was looked at.
    """

    manifest: Manifest
    platform: Platform | None = None
    stands: bool = False


class Roots:
    """For one image, whose scout and job share it: it is read once. Thread-safe. `promise` counts the pulls."""

    def __init__(self, tools: Tools, copy: Copy) -> None:
        self._tools = tools
        self._copy = copy
        self._place = copy.destination.place
        self._root: Root | None = None
        self._begun: dict[Digest, bool] = {}
        self._lock = threading.Lock()
        self.promise = Promise(copy.source)

    def standing(self) -> Manifest:
        """What stands at the target by the digest that the plan knows: from the store, else from there."""
        digest = self._copy.root or self._pinned
        known = self._tools.reading.known(digest)
        return known or self._tools.client.get_manifest(self._place.at(digest), mirrors=False)

    def set_aside(self) -> None:
        """The pulls that the image is expected to take. Raises QuotaError."""
        expected = 0 if self._known() is not None else max(1, self._copy.pulls.assumed)
        self._tools.ledger.extend(self.promise, expected)

    def read(self) -> Root:
        """Raises QuotaError, MissingError where the image has no such platform, and what the source answers."""
        with self._lock:
            if self._root is None:
                self._root = self._found()
            return self._root

    def near(self, children: Sequence[Descriptor]) -> ImageReference | None:
        """The repository at the target, where some children of an index may stand, each to be asked for there first.

        None where it seems new: this run saw no image in it, and has none under the tag, nor the first child, which is
        put before all others. It is looked for once.
        """
        first = children[0].digest
        with self._lock:
            if first not in self._begun:
                self._begun[first] = self._tools.homes.knows(self._place) or self._has_begun(first)
            return self._place if self._begun[first] else None

    def _has_begun(self, first: Digest) -> bool:
        plain = targets.plain_tag(self._copy.destination)
        return self._stands(self._place.at(first)) or (
            plain is not None and self._stands(replace(self._place, tag=plain))
        )

    def _found(self) -> Root:
        copy, reading = self._copy, self._tools.reading
        root = self._known() or self._read()
        if copy.trims:
            root = selection.trimmed(copy.pin.reference, root, copy.platforms)
            reading.store.put(root)
        elif root.descriptor.digest == self._pinned and root.descriptor.is_index and len(copy.platforms) == 1:
            child = selection.child(copy.pin.reference, root, copy.platforms[0])
            check_sizes(self._tools.client, copy.pin.reference, [child])
            stands = self._is_there(child.digest)
            source = copy.pin.reference.at(child.digest)
            manifest = reading.read(source, self.promise, self._place if stands else None)
            return Root(manifest, child.platform, stands)
        return Root(root, stands=self._is_there(root.descriptor.digest))

    def _is_there(self, root: Digest) -> bool:
        """Whether a root that was not known when the target was looked at stands there."""
        return self._copy.root is None and self._stands(self._place.at(root))

    def _stands(self, reference: ImageReference) -> bool:
        return self._tools.client.find_manifest(reference) is not None

    @property
    def _pinned(self) -> Digest:
        return self._copy.pin.descriptor.digest

    def _known(self) -> Manifest | None:
        """The root as the store has it; of a trimmed one the whole index does as well."""
        copy, known = self._copy, self._tools.reading.known
        digests = (copy.root, self._pinned) if copy.trims else (copy.root or self._pinned,)
        return next((found for digest in digests if digest and (found := known(digest))), None)

    def _read(self) -> Manifest:
        copy, read = self._copy, self._tools.reading.read
        try:
            return read(copy.source, self.promise, self._place if copy.repair else None)
        except MissingError:
            # A folder that was filled with the trimmed index alone has only that, and the lock says which it is.
            for digest in copy.pin.served.values() if copy.trims else ():
                found = self._tried(digest)
                if found is not None and selection.is_trimmed(found, copy.platforms):
                    return found
            raise

    def _tried(self, digest: Digest) -> Manifest | None:
        try:
            return self._tools.reading.read(self._copy.pin.reference.at(digest), self.promise)
        except SeederError:
            return None
