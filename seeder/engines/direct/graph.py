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

    The `leader` is put before all other children; those that are ready sooner are `held`. It is None once it stands.
    """

    manifest: Manifest
    parent: Node | None = None
    depth: int = 0
    missing: int = 0
    children: list[Node] = field(default_factory=list)
    leader: Digest | None = None
    held: list[Node] = field(default_factory=list)

    @property
    def digest(self) -> Digest:
        return self.manifest.descriptor.digest

    def child(self, manifest: Manifest) -> Node:
        """A new node below this one."""
        entered = Node(manifest, self, self.depth + 1)
        self.children.append(entered)
        return entered

    def release(self) -> None:
        """Lets go of all below it, once it stands: they would hold each other in memory until the run ends."""
        for child in self.children:
            child.release()
        self.children.clear()


class Graph:
    """Counts for the nodes of one image; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def arrived(self, node: Node) -> bool:
        """One thing less that a manifest waits for; whether that was the last."""
        with self._lock:
            node.missing -= 1
            return node.missing == 0

    def is_held(self, node: Node) -> bool:
        """Whether a complete child has to wait for its leader; it is kept until then."""
        parent = node.parent
        with self._lock:
            if parent is None or parent.leader in {None, node.digest}:
                return False
            parent.held.append(node)
            return True

    def stood(self, node: Node) -> list[Node]:
        """The children that need to wait no longer, since this one stands at the target."""
        parent = node.parent
        with self._lock:
            if parent is None or parent.leader != node.digest:
                return []
            parent.leader, released, parent.held = None, parent.held, []
            return released


def blobs_of(manifest: Manifest) -> list[Descriptor]:
    """Config and layers that stand in a registry, each once."""
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
