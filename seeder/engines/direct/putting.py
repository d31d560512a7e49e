"""Manifests put at the target, and whatever it says that it misses below them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from seeder.engines.direct.graph import Node, blobs_of
from seeder.engines.direct.shelf import Wish
from seeder.engines.direct.tools import Tools
from seeder.errors import RegistryError, SeederError
from seeder.model.descriptor import Descriptor
from seeder.model.reference import ImageReference
from seeder.registry.answers import is_incomplete

WishFor = Callable[[Descriptor, Callable[[SeederError | None], None]], Wish]


class Putter(Struct, frozen=True):
    """For one image, into one repository: `place`. `wish_for` makes the wish for one of its blobs."""

    tools: Tools
    place: ImageReference
    wish_for: WishFor

    def put_child(self, node: Node) -> None:
        """Puts a manifest by its digest. Raises what the target answers in the end."""
        self._put(self.place.at(node.digest), node)

    def put_root(self, node: Node, tags: list[str]) -> None:
        """Puts the root under each tag in turn; by its digest where there is none."""
        for tag in tags:
            self._put(replace(self.place, tag=tag), node)
        if not tags:
            self.put_child(node)

    def _put(self, reference: ImageReference, node: Node) -> None:
        """What the target misses below the manifest is uploaded once more, whatever it said before."""
        policy = self.tools.client.policy
        for attempt in itertools.count(1):
            try:
                self.tools.client.put_manifest(reference, node.manifest)
            except RegistryError as error:
                if not is_incomplete(error) or attempt == policy.attempts:
                    raise
                self._mend(node)
                if attempt > 1:  # at once the first time, then a registry may need some time to see its own blobs
                    policy.rest(attempt, error)
            else:
                return

    def _mend(self, node: Node) -> None:
        for blob in blobs_of(node.manifest):
            self.tools.shelf.again(self.wish_for(blob, _nothing))
        for child in node.children:
            self.put_child(child)


def _nothing(_error: SeederError | None) -> None:
    """For wishes that are fulfilled in the caller's own thread."""
