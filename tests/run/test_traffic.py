"""What a run moved and saved, as it is told at the end."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.engines.events import BytesMoved, Event, Finished, Mounted, Sized, Started
from seeder.errors import UnreachableError
from seeder.model.copy import Copy
from seeder.run.traffic import Traffic
from tests.copies import copy

ONE, TWO = copy("nginx:1"), copy("redis:7")


def ended(one: Copy, *, well: bool = True) -> Event:
    return Finished(one, one.copied(one.pin.descriptor.digest) if well else one.failed(UnreachableError("gone")))


def heard(*events: Event) -> Traffic:
    traffic = Traffic()
    hear = traffic.heard(lambda _: None)
    for event in events:
        hear(event)
    return traffic


def told(traffic: Traffic) -> tuple[int, int, int]:
    return traffic.moved, traffic.mounted, traffic.saved


def test_what_images_share_is_saved() -> None:
    first = (Started(ONE), Sized(ONE, 100), BytesMoved(ONE, 100), ended(ONE))
    second = (Started(TWO), Sized(TWO, 100), Mounted(TWO, 60), BytesMoved(TWO, 10), ended(TWO))
    assert told(heard(*first, *second)) == (110, 60, 90)


def test_what_a_failed_image_lacks_is_not_saved() -> None:
    assert told(heard(Started(ONE), Sized(ONE, 100), BytesMoved(ONE, 30), ended(ONE, well=False))) == (30, 0, 0)


def test_an_image_that_is_tried_again_is_counted_once() -> None:
    first = (Started(ONE), Sized(ONE, 100), BytesMoved(ONE, 30), ended(ONE, well=False))
    second = (Started(ONE), Sized(ONE, 100), BytesMoved(ONE, 70), ended(ONE))
    assert told(heard(*first, *second)) == (100, 0, 0)


def test_an_engine_that_tells_no_bytes() -> None:
    assert heard(Started(ONE), ended(ONE)).is_silent
    assert not heard(Started(ONE), ended(replace(ONE, present=True))).is_silent
    assert not heard(Started(ONE), Sized(ONE, 1), ended(ONE), Started(TWO), ended(TWO)).is_silent
