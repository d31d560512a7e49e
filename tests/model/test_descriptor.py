"""What a manifest names, read from its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from seeder.errors import RegistryError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, OCI_INDEX, OCI_MANIFEST
from seeder.model.platform import Platform


def entry(name: str, platform: str = "", **annotations: str) -> dict[str, Any]:
    said = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False)) if platform else None
    digest = str(Digest.of(name.encode()))
    return {"mediaType": "application/x", "digest": digest, "size": 7, "platform": said, "annotations": annotations}


def of(document: Mapping[str, Any] | str, media_type: str) -> Manifest:
    raw = (document if isinstance(document, str) else json.dumps(document)).encode()
    return Manifest.of(media_type, raw)


def digests(found: tuple[Descriptor, ...]) -> list[Digest]:
    return [each.digest for each in found]


CONFIG, ONE, TWO = (Digest.of(name) for name in (b"config", b"one", b"two"))


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_an_image_has_a_config_and_layers(media_type: str) -> None:
    image = of({"config": entry("config"), "layers": [entry("one"), entry("two")]}, media_type)
    assert (digests(image.blobs()), digests(image.layers())) == ([CONFIG, ONE, TWO], [ONE, TWO])
    assert image.children() == ()
    assert not image.descriptor.is_index


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_an_index_has_children(media_type: str) -> None:
    index = of({"manifests": [entry("one", "linux/arm64/v8"), entry("two")], "layers": [entry("x")]}, media_type)
    assert digests(index.children()) == [ONE, TWO]
    assert [child.platform for child in index.children()] == [Platform("linux", "arm64", "v8"), None]
    assert (index.blobs(), index.layers()) == ((), ())
    assert index.descriptor.is_index


def test_what_attests_a_child_says_so() -> None:
    about = {"vnd.docker.reference.type": "attestation-manifest"}
    index = of({"manifests": [entry("one", "linux/amd64"), entry("two", "unknown/unknown", **about)]}, OCI_INDEX)
    assert [child.is_attestation for child in index.children()] == [False, True]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("linux/arm/v7", TWO), ("linux/arm", ONE), ("linux/amd64", CONFIG), ("linux/s390x", None)],
)
def test_a_child_is_found_by_its_platform_the_same_before_one_that_will_do(wanted: str, meant: Digest | None) -> None:
    known = [entry("bare"), entry("one", "linux/arm/v6"), entry("two", "linux/arm/v7"), entry("config", "linux/amd64")]
    child = of({"manifests": known}, OCI_INDEX).for_platform(Platform.parse(wanted))
    assert (child.digest if child else None) == meant


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[]", "config"),
        ('{"config": 5}', "config"),
        ('{"layers": [{"mediaType": "a", "size": 1}]}', "layers"),
        ('{"layers": [{"mediaType": "a", "size": 1, "digest": "sha256:short"}]}', "layers"),
        ('{"layers": [{"mediaType": "a", "size": "many", "digest": "sha256:%s"}]}' % ("0" * 64), "layers"),
    ],
)
def test_what_is_malformed_is_told_with_its_key(text: str, key: str) -> None:
    with pytest.raises(RegistryError, match=rf"is malformed: {key}: "):
        of(text, OCI_MANIFEST).blobs()


def test_a_list_that_is_null_is_empty() -> None:
    """As Go's encoder writes it, in manifests without layers and in indexes of nothing."""
    assert of('{"config": null, "layers": null}', OCI_MANIFEST).blobs() == ()
    assert of('{"manifests": null}', OCI_INDEX).children() == ()


def test_schema_1_is_refused() -> None:
    with pytest.raises(RegistryError) as caught:
        of("{}", DOCKER_SCHEMA1_SIGNED).layers()
    assert caught.value.code == "schema1"
