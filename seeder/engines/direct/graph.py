"""The manifests of one image, and what each waits for: its blobs and children before itself."""

from __future__ import annotations

import threading
from collections.abc import Collection

from msgspec import Struct, field

from seeder.manifests import sized
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import is_foreign_layer
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform


class Node(Struct, eq=False):
    """A manifest and what has to stand at the target before it may: `missing` counts blobs and children.

    `index` is the one that had it read, None for the root; `waiting` are all those that it has still to stand for.
    The `leader` is put before all other children; those that are ready sooner are `held`. It is None once it stands.
    """

    manifest: Manifest
    index: Node | None = None
    depth: int = 0
    missing: int = 0
    waiting: list[Node] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    leader: Digest | None = None
    held: list[Node] = field(default_factory=list)
    stands: bool = False

    @property
    def digest(self) -> Digest:
        return self.manifest.descriptor.digest

    def release(self) -> None:
        """Lets go of all below it, once it stands: they would hold each other in memory until the run ends."""
        for child in self.children:
            child.release()
        self.children.clear()


class Graph:
    """The nodes of one image: one a manifest, however many indexes name it. Thread-safe."""

    def __init__(self) -> None:
        self._nodes: dict[Digest, Node] = {}
        self._lock = threading.Lock()

    def child(self, index: Node, manifest: Manifest) -> Node:
        """The node of a child that an index had read; another index may have been sooner."""
        with self._lock:
            node = self._nodes.setdefault(manifest.descriptor.digest, Node(manifest, index, index.depth + 1))
            node.waiting.append(index)
            index.children.append(node)
            return node

    def arrived(self, node: Node) -> bool:
        """One thing less that a manifest waits for; whether that was the last."""
        with self._lock:
            node.missing -= 1
            return node.missing == 0

    def is_held(self, node: Node) -> bool:
        """Whether a complete child has to wait for its index's leader; it is kept until then.

        None waits that another index waits for: the leader may be such an index, or wait for one.
        """
        index = node.index
        with self._lock:
            if index is None or index.leader in {None, node.digest} or len(node.waiting) > 1:
                return False
            index.held.append(node)
            return True

    def released(self, node: Node) -> bool:
        """Whether a child was held until now, when another index named it."""
        index = node.index
        with self._lock:
            if index is None or node not in index.held:
                return False
            index.held.remove(node)
            return True

    def stood(self, node: Node) -> list[Node]:
        """What is complete, since this one stands at the target: indexes, and children that were held for it."""
        complete: list[Node] = []
        with self._lock:
            node.stands = True
            while node.waiting:
                index = node.waiting.pop()
                index.missing -= 1
                if index.missing == 0:
                    complete.append(index)
                if index.leader == node.digest:
                    complete += index.held
                    index.leader, index.held = None, []
        return complete


def blobs_of(manifest: Manifest) -> list[Descriptor]:
    """Config and layers that stand in a registry, each once, the config first."""
    blobs = (blob for blob in manifest.blobs() if not is_foreign_layer(blob.media_type))
    return list({blob.digest: blob for blob in blobs}.values())


def children_of(manifest: Manifest) -> list[Descriptor]:
    """The manifests of an index, each once."""
    return list({child.digest: child for child in manifest.children()}.values())


def platforms_below(index: Node, wanted: Collection[Platform]) -> dict[Platform, PlatformPin]:
    """The platforms of an index, the wanted ones if some are named, with the sizes of those children that were read."""
    read = {child.digest: child.manifest for child in index.children}
    return {
        child.platform: sized(read[child.digest])
        for child in reversed(index.manifest.children())
        if child.platform is not None
        and child.digest in read
        and not child.is_attestation
        and not child.is_index
        and (not wanted or any(platform.accepts(child.platform) for platform in wanted))
    }
