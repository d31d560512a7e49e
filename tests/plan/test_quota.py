"""What a quota puts off, what no window of it ever allows, and what is paid for once."""

from __future__ import annotations

import pytest

from seeder.errors import QuotaError
from seeder.model.pin import PlatformPin
from seeder.model.quota import Quota
from tests.plan.test_plan import AMD64, CHILD, INDEX, pin, planned, want


@pytest.mark.parametrize(
    ("limit", "code", "remedy"),
    [(2, "quota", "run again when the window has moved on"), (1, "quota-too-small", "a full window is not enough")],
)
def test_only_what_takes_more_than_a_full_window_leaves_can_never_be_copied(limit: int, code: str, remedy: str) -> None:
    """The index and one platform are two pulls."""
    (outcome,) = planned(want(INDEX, AMD64), quota=Quota(limit=limit, remaining=1, source="2f0c-an-account")).settled
    error = outcome.error
    assert isinstance(error, QuotaError)
    assert (error.code, error.message) == (code, f"takes 2 pulls, and 1 is left for it: 1 of {limit}")
    assert remedy in error.hint


def test_what_other_images_take_is_told() -> None:
    wanted = [want(pin(f"a/i{n}:1", f"i{n}", index=True), AMD64) for n in range(2)]
    (outcome,) = planned(*wanted, quota=Quota(limit=9, remaining=3, source="2f0c-an-account")).settled
    assert outcome.error is not None
    assert outcome.error.message == "takes 2 pulls, and 1 is left for it: 3 of 9, 2 go to other images"


def test_bytes_of_one_image_under_two_names_are_counted_once() -> None:
    sized = {"platforms": {AMD64: PlatformPin(digest=CHILD, size=10)}}
    twins = [want(pin(name, "same", **sized), as_="tools/x:1") for name in ("a:1", "b:1")]
    assert [copy.size for copy in planned(*twins).copies] == [10, 0]
