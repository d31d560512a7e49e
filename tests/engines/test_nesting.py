"""Indexes that name indexes, in the order in which a target takes them."""

from __future__ import annotations

import json

import pytest

from seeder.engines import nesting
from seeder.errors import RegistryError
from seeder.model.descriptor import Manifest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.reference import ImageReference


def image(name: str) -> Manifest:
    return Manifest.of(OCI_MANIFEST, json.dumps({"annotations": {"name": name}}).encode())


def index(*below: Manifest, said: str = "") -> Manifest:
    """An index; `said` is the media type that it gives all that it names, whatever they are."""
    entries = [
        {
            "mediaType": said or each.descriptor.media_type,
            "digest": str(each.descriptor.digest),
            "size": each.descriptor.size,
        }
        for each in below
    ]
    return Manifest.of(OCI_INDEX, json.dumps({"manifests": entries}).encode())


def ordered(root: Manifest, *others: Manifest) -> list[Manifest | None]:
    """What is put: indexes, and None for each image. Reading what is not among those given raises KeyError."""
    held = {each.descriptor.digest: each for each in (root, *others)}
    source = ImageReference.parse("nginx").at(root.descriptor.digest)
    found = nesting.ordered(source, lambda reference: held[reference.digest])  # type: ignore[index]
    assert [digest for digest, each in found.items() if each and each.descriptor.digest != digest] == []
    return list(found.values())


def test_children_come_before_what_names_them_and_each_comes_once() -> None:
    one, two = image("one"), image("two")
    inner = index(one, two)
    middle = index(inner, two)
    root = index(one, middle, inner)
    assert ordered(root, middle, inner) == [None, None, inner, middle, root]


def test_an_image_that_is_said_to_be_an_index_is_an_image() -> None:
    one = image("one")
    root = index(one, said=OCI_INDEX)
    assert ordered(root, one) == [None, root]


def deep(depth: int) -> list[Manifest]:
    """So many indexes above an image, the outermost first."""
    found = [image("one")]
    for _ in range(depth):
        found.insert(0, index(found[0]))
    return found


def test_four_deep_and_no_deeper() -> None:
    assert len(ordered(*deep(4))) == 5
    with pytest.raises(RegistryError, match="more than 4 deep") as caught:
        ordered(*deep(5))
    assert caught.value.code == "nesting"


def test_what_is_nested() -> None:
    inner = index(image("one"))
    assert [nesting.is_nested(each) for each in (image("one"), inner, index(inner))] == [False, False, True]
