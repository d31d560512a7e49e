"""One image ahead of its job: its manifests are read and its blobs brought while others are still being pinned.

A scout puts no manifest and no tag: nothing names what it brought until the job comes, which finds it there. Whatever
goes wrong the job meets again, and tells of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from seeder.engines.direct.crew import Urgency
from seeder.engines.direct.graph import blobs_of, children_of
from seeder.engines.direct.roots import Roots
from seeder.engines.direct.shelf import Wish, of_one_manifest
from seeder.engines.direct.tools import Tools
from seeder.engines.events import BytesMoved, Mounted
from seeder.errors import SeederError
from seeder.manifests import check_sizes
from seeder.model.copy import Copy
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.reference import ImageReference

_Count = Callable[[type[BytesMoved | Mounted], int], None]


class Scout:
    """For a copy that a plan will surely have, whatever its tags. What it read of the image is in its `roots`."""

    def __init__(self, copy: Copy, tools: Tools) -> None:
        self._copy = copy
        self._tools = tools
        self._is_wanted: Callable[[], bool] = lambda: True
        self._count: _Count | None = None
        self._uncounted: list[tuple[type[BytesMoved | Mounted], int]] = []
        self._lock = threading.Lock()
        self.roots = Roots(tools, copy)

    def start(self) -> None:
        """What it does are tasks of the crew."""
        self._add(self._begin)

    def is_wanted(self) -> bool:
        """Whether a job may come for it, or goes on with it."""
        return self._is_wanted()

    def drop(self) -> None:
        """No job comes for it."""
        self._is_wanted = lambda: False

    def follow(self, is_wanted: Callable[[], bool], count: _Count) -> None:
        """Goes on for a job, as long as that is wanted; `count` is told what moved so far, and moves yet."""
        self._is_wanted = is_wanted
        with self._lock:
            self._count, uncounted = count, self._uncounted
        for kind, size in uncounted:
            count(kind, size)

    def _begin(self) -> None:
        self._tools.shelf.check(self._place)
        root = self.roots.read()
        if root.stands:
            return
        children = children_of(root.manifest)
        check_sizes(self._tools.client, self._copy.pin.reference, children)
        self._want_blobs(root.manifest)
        unknown = [child for child in children if self._tools.reading.known(child.digest) is None]
        near = self.roots.near(children) if unknown else None
        for child in children:
            self._add(self._reader(self._copy.pin.reference.at(child.digest), near))

    def _reader(self, child: ImageReference, near: ImageReference | None) -> Callable[[], None]:
        """Indexes below indexes are left to the job: one may name itself."""
        return lambda: self._want_blobs(self._tools.reading.read(child, self.roots.promise, near))

    def _want_blobs(self, manifest: Manifest) -> None:
        for wish in of_one_manifest([self._wish_for(blob) for blob in blobs_of(manifest)]):
            self._tools.shelf.want(wish)

    def _add(self, step: Callable[[], None]) -> None:
        def guarded() -> None:
            if self.is_wanted():
                try:
                    step()
                except SeederError:
                    self.drop()

        self._tools.crew.add(Urgency.READ, guarded)

    def _wish_for(self, blob: Descriptor) -> Wish:
        source = self._copy.pin.reference
        return Wish(
            place=self._place,
            source=ImageReference(source.registry, source.repository),
            descriptor=blob,
            done=_nothing,
            is_wanted=self.is_wanted,
            on_bytes=lambda size: self._moved(BytesMoved, size),
            on_mount=lambda size: self._moved(Mounted, size),
        )

    def _moved(self, kind: type[BytesMoved | Mounted], size: int) -> None:
        with self._lock:
            count = self._count
            if count is None:
                self._uncounted.append((kind, size))
        if count is not None:
            count(kind, size)

    @property
    def _place(self) -> ImageReference:
        return self._copy.destination.place


def _nothing(_: SeederError | None) -> None:
    pass
