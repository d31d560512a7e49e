"""Which digest of a pin stands at a target, and what becomes of a lock that two runs write."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.pin import Lock, Pin, PlatformPin
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


def lock(**digests: str) -> Lock:
    """A lock that has names pinned to what stands for their digests."""
    pins = [
        Pin(
            reference=ImageReference.parse(f"{name}:1"),
            descriptor=Descriptor(media_type=OCI_MANIFEST, digest=Digest.of(text.encode()), size=1),
        )
        for name, text in digests.items()
    ]
    return Lock.of({pin.reference: pin for pin in pins})


@pytest.mark.parametrize(
    ("ours", "found", "expected"),
    [
        (lock(a="1", b="2"), lock(a="1"), lock(a="1", b="2")),
        (lock(a="1", b="2"), lock(a="1", c="3"), lock(a="1", b="2", c="3")),
        (lock(a="1"), lock(a="2"), lock(a="2")),
        (lock(a="2"), lock(a="1"), lock(a="2")),
        (lock(), lock(a="1"), lock()),
        (lock(), lock(a="2"), lock(a="2")),
        (lock(a="1"), lock(), lock()),
        (lock(a="2"), lock(), lock()),
        (lock(a="2"), lock(a="2"), lock(a="2")),
    ],
)
def test_what_others_did_since_the_lock_was_read_stays(ours: Lock, found: Lock, expected: Lock) -> None:
    assert ours.onto(found, lock(a="1")) == expected


def test_a_pin_that_two_moved_remembers_what_the_other_said() -> None:
    (merged,) = lock(a="3").onto(lock(a="2"), lock(a="1"))
    assert (merged.descriptor.digest, merged.earlier) == (Digest.of(b"3"), (Digest.of(b"2"),))


def test_what_was_learned_of_a_pin_is_no_move() -> None:
    (known,) = lock(a="1")
    filled = replace(known, platforms=CHILDREN)
    assert Lock((filled,)).onto(lock(a="1"), lock(a="1")) == Lock((filled,))
    assert Lock((filled,)).onto(lock(a="2"), lock(a="1")) == lock(a="2")
