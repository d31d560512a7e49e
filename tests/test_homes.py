"""Where a target has a blob already: told by manifests that are read one after the other, as far as need be."""

from __future__ import annotations

import json
from collections.abc import Iterable

from seeder.homes import Homes, Root
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_SCHEMA1, OCI_INDEX, OCI_MANIFEST
from seeder.model.reference import ImageReference

A, B, C = (ImageReference("reg.test", name) for name in "abc")


def blob(name: str) -> Digest:
    return Digest.of(name.encode())


def described(digest: Digest, kind: str) -> dict[str, object]:
    return {"mediaType": kind, "digest": str(digest), "size": 1}


def image(config: str, *layers: str, kind: str = OCI_MANIFEST) -> Manifest:
    document = {
        "config": described(blob(config), "application/vnd.oci.image.config.v1+json"),
        "layers": [described(blob(layer), "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers],
    }
    return Manifest.of(kind, json.dumps(document).encode())


def index(*children: Manifest) -> Manifest:
    document = {"manifests": [described(child.descriptor.digest, OCI_MANIFEST) for child in children]}
    return Manifest.of(OCI_INDEX, json.dumps(document).encode())


class Shelves:
    """Manifests that can be read, and which of them were."""

    def __init__(self, *manifests: Manifest) -> None:
        self._held = {manifest.descriptor.digest: manifest for manifest in manifests}
        self.read: list[Digest] = []

    def get(self, digest: Digest) -> Manifest | None:
        self.read.append(digest)
        return self._held.get(digest)

    def homes(self, *stands: tuple[ImageReference, Manifest], earlier: Iterable[Root] = ()) -> Homes:
        homes = Homes(self.get, earlier)
        for place, root in stands:
            homes.stands(place, root.descriptor.digest)
        return homes


def test_the_first_that_has_it_and_no_more_is_read() -> None:
    one, two, three = image("1", "base"), image("2", "base", "own"), image("3", "base")
    shelves = Shelves(one, two, three)
    homes = shelves.homes((A, one), (B, two), (B, three))
    assert shelves.read == []
    assert homes.of(blob("base"), C) == A
    assert shelves.read == [one.descriptor.digest]
    assert homes.of(blob("own"), C) == B
    assert homes.of(blob("base"), C) == A
    assert shelves.read == [one.descriptor.digest, two.descriptor.digest]


def test_what_nobody_has_is_looked_for_once() -> None:
    one = image("1", "base")
    shelves = Shelves(one)
    homes = shelves.homes((A, one))
    assert homes.of(blob("new"), C) is None
    assert homes.of(blob("new too"), C) is None
    assert shelves.read == [one.descriptor.digest]


def test_the_repository_itself_goes_before_all_others() -> None:
    one, two = image("1", "base"), image("2", "base")
    homes = Shelves(one, two).homes((A, one), (B, two))
    assert homes.of(blob("base"), B) == B
    assert homes.of(blob("base"), C) == A


def test_all_that_an_index_names_stands() -> None:
    child, other = image("c1", "layer"), image("c2", "unread")
    nested = index(child)
    top = index(nested, other)
    homes = Shelves(child, nested, top).homes((A, top))
    assert homes.of(blob("layer"), B) == A
    assert homes.of(blob("c1"), B) == A
    assert homes.of(blob("unread"), B) is None  # the store has lost it


def test_another_registry_is_no_home() -> None:
    one = image("1", "base")
    homes = Shelves(one).homes((A, one))
    assert homes.of(blob("base"), ImageReference("other.test", "a")) is None


def test_what_stood_earlier_comes_last() -> None:
    one, two = image("1", "base"), image("2", "base", "own")
    homes = Shelves(one, two).homes((A, one), earlier=[(B, two.descriptor.digest)])
    assert homes.of(blob("base"), C) == A
    assert homes.of(blob("own"), C) == B


def test_what_is_told_later_counts_from_then_on() -> None:
    one = image("1", "base")
    homes = Shelves(one).homes()
    assert homes.of(blob("base"), C) is None
    homes.stands(A, one.descriptor.digest)
    assert homes.of(blob("base"), C) == A


def test_what_cannot_be_read_is_left_to_whoever_copies_it() -> None:
    torn = Manifest.of(OCI_MANIFEST, b"{")
    old, one = image("1", "base", kind=DOCKER_SCHEMA1), image("2", "base")
    homes = Shelves(torn, old, one).homes((A, torn), (A, old), (B, one))
    assert homes.of(blob("base"), C) == B


def test_without_anything_to_read_nothing_is_known() -> None:
    homes = Homes()
    homes.stands(A, blob("root"))
    assert homes.of(blob("base"), A) is None
