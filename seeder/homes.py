"""Which repository of a target has a blob already, as the manifests of what stands there tell it (pure)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from seeder.errors import RegistryError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference

Read = Callable[[Digest], Manifest | None]
# A repository, and the digest of an image's manifest or index in it.
Root = tuple[ImageReference, Digest]


class Homes:
    """Thread-safe. Of what stands at a target nothing is read before somebody asks for a blob, and then no more than up
    to the first image that has it.

    `read` gives a manifest where that takes no request. `earlier` stood there not long ago, and come last.
    """

    def __init__(self, read: Read = lambda _: None, earlier: Iterable[Root] = ()) -> None:
        self._read = read
        self._earlier = iter(earlier)
        self._told: deque[Root] = deque()
        self._roots: dict[ImageReference, list[Digest]] = {}
        self._own: dict[ImageReference, frozenset[Digest]] = {}
        self._found: dict[Digest, ImageReference] = {}
        self._lock = threading.Lock()

    def stands(self, place: ImageReference, root: Digest) -> None:
        """An image stands in a repository, or did when somebody looked last."""
        roots = self._roots.setdefault(place, [])  # no lock: a reader may hold it for long
        if root not in roots:
            roots.append(root)
            self._told.append((place, root))

    def knows(self, place: ImageReference) -> bool:
        """Whether any image was said to stand in a repository."""
        return place in self._roots

    def of(self, blob: Digest, place: ImageReference) -> ImageReference | None:
        """A repository of the same registry, the place itself before all others; None where none is known."""
        with self._lock:
            if blob in self._in(place):
                return place
            while blob not in self._found and (root := self._next()) is not None:
                self._enter(*root)
            home = self._found.get(blob)
        return home if home is not None and home.registry == place.registry else None

    def _in(self, place: ImageReference) -> frozenset[Digest]:
        """The blobs of what stood in a repository when it was asked for the first time."""
        if place not in self._roots:
            return frozenset()
        if place not in self._own:
            self._own[place] = frozenset(blob.digest for root in self._roots[place] for blob in self.blobs(root))
        return self._own[place]

    def _next(self) -> Root | None:
        return self._told.popleft() if self._told else next(self._earlier, None)

    def _enter(self, place: ImageReference, root: Digest) -> None:
        for blob in self.blobs(root):
            self._found.setdefault(blob.digest, place)

    def blobs(self, digest: Digest) -> Iterator[Descriptor]:
        """Those of a manifest and of all below it, as far as they can be read."""
        manifest = self._read(digest)
        if manifest is None:
            return
        with suppress(RegistryError):  # whoever copies it says so
            yield from manifest.blobs()
            for child in manifest.children():
                yield from self.blobs(child.digest)
