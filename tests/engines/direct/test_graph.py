"""Whatever names whatever, and in whatever order things come: every manifest is put once, after all that it names."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from seeder.engines.direct.graph import Graph, Node
from seeder.model.descriptor import Manifest
from seeder.model.media_type import OCI_INDEX


def manifest(number: int) -> Manifest:
    raw = str(number).encode()
    return Manifest.of(OCI_INDEX, raw)


class Walk:
    """An image's way through its graph as `job` goes it, one task at a time, the next by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.manifests = [manifest(number) for number in range(8)]
        self.named = {n: chance.sample(range(n), chance.randint(0, n)) for n in range(7)} | {7: list(range(7))}
        self.graph = Graph()
        self.tasks: list[Callable[[], None]] = []
        self.put: list[int] = []
        self.enter(Node(self.manifests[7]))
        while self.tasks:
            self.tasks.pop(chance.randrange(len(self.tasks)))()

    def enter(self, node: Node) -> None:
        children = self.named[int(node.manifest.raw)]
        node.missing = len(children)
        if not children:
            self.complete(node)
            return
        node.leader = self.manifests[children[0]].descriptor.digest
        self.tasks += [lambda child=child: self.read(node, self.manifests[child]) for child in children]

    def read(self, index: Node, child: Manifest) -> None:
        node = self.graph.child(index, child)
        if node.index is index:
            self.enter(node)
        elif node.stands:
            self.stood(node)
        elif self.graph.released(node):
            self.complete(node)

    def complete(self, node: Node) -> None:
        if not self.graph.is_held(node):
            self.tasks.append(lambda: self.stands(node))

    def stands(self, node: Node) -> None:
        self.put.append(int(node.manifest.raw))
        self.stood(node)

    def stood(self, node: Node) -> None:
        for complete in self.graph.stood(node):
            self.complete(complete)


@pytest.mark.parametrize("seed", range(100))
def test_every_manifest_is_put_once_after_what_it_names(seed: int) -> None:
    walk = Walk(random.Random(seed))
    assert sorted(walk.put) == list(range(8))
    assert all(walk.put.index(child) < walk.put.index(n) for n, children in walk.named.items() for child in children)
