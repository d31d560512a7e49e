"""Which digest of a pin stands at a target."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

INDEX, AMD64, ARM64, TRIMMED = (Digest.of(text) for text in (b"index", b"amd64", b"arm64", b"trimmed"))
CHILDREN = {
    Platform("linux", "amd64"): PlatformPin(digest=AMD64, size=1),
    Platform("linux", "arm64", "v8"): PlatformPin(digest=ARM64, size=1),
}


def pin(media_type: str, platforms: Mapping[Platform, PlatformPin], served: Mapping[str, Digest] | None = None) -> Pin:
    descriptor = Descriptor(media_type=media_type, digest=INDEX, size=10)
    return Pin(
        reference=ImageReference.parse("nginx:1.27"), descriptor=descriptor, platforms=platforms, served=served or {}
    )


@pytest.mark.parametrize(
    ("found", "platforms", "expected"),
    [
        (pin(OCI_INDEX, CHILDREN), [], INDEX),
        (pin(OCI_INDEX, CHILDREN), ["linux/amd64"], AMD64),
        (pin(OCI_INDEX, CHILDREN), ["linux/arm64"], ARM64),
        (pin(OCI_INDEX, CHILDREN), ["linux/amd64", "linux/arm64"], INDEX),
        (pin(OCI_INDEX, {}), ["linux/amd64"], None),
        (pin(OCI_INDEX, CHILDREN), ["linux/s390x"], None),
        (pin(OCI_MANIFEST, {}), ["linux/amd64"], INDEX),
        (pin(OCI_INDEX, CHILDREN, {"event": TRIMMED}), ["linux/amd64"], TRIMMED),
        (pin(OCI_INDEX, CHILDREN, {"other": TRIMMED}), ["linux/amd64"], AMD64),
    ],
)
def test_root(found: Pin, platforms: list[str], expected: Digest | None) -> None:
    assert found.root("event", [Platform.parse(text) for text in platforms]) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pin(OCI_INDEX, CHILDREN), None),
        (pin(OCI_INDEX, CHILDREN, {"other": TRIMMED}), None),
        (pin(OCI_INDEX, CHILDREN, {"event": TRIMMED}), TRIMMED),
        (pin(OCI_INDEX, CHILDREN, {"event": TRIMMED}).serving("event", None), None),
        (pin(OCI_INDEX, CHILDREN).serving("event", TRIMMED), TRIMMED),
        (pin(OCI_MANIFEST, {}), INDEX),
    ],
)
def test_the_root_of_what_is_to_be_trimmed_is_what_was_served(found: Pin, expected: Digest | None) -> None:
    platforms = [Platform.parse("linux/amd64"), Platform.parse("linux/arm64")]
    assert found.root("event", platforms, trims=True) == expected
