"""Where the lock itself stands at a registry."""

from __future__ import annotations

import pytest

from seeder.errors import UsageError
from seeder.model.catalog import TargetSettings
from seeder.model.digest import Digest
from seeder.targets import locks

LOCK = Digest.of(b"lock")
EVENT = TargetSettings(name="event", registry="reg.example.com", push="localhost:5001", prefix="team/a")


def test_it_stands_below_the_prefix_under_the_newest_tag_and_one_of_its_own() -> None:
    place = locks.destination("class", EVENT, LOCK)
    assert (place.registry, place.written) == ("localhost:5001", "reg.example.com")
    assert place.repository == "team/a/seeder/locks/class"
    assert place.tags == ("latest", f"seeder-{LOCK.short}")


def test_without_another_address_it_is_pushed_to_the_registry() -> None:
    assert locks.destination("class", TargetSettings(name="t", registry="r.io"), LOCK).registry == "r.io"


@pytest.mark.parametrize(
    ("catalog", "part"),
    [("Docker 101", "docker-101"), ("a__b", "a-b"), ("-x-", "x"), ("Über", "ber"), ("c.2026/spring", "c-2026-spring")],
)
def test_a_catalogs_name_becomes_a_part_of_a_path(catalog: str, part: str) -> None:
    assert locks.destination(catalog, EVENT, LOCK).repository == f"team/a/seeder/locks/{part}"


@pytest.mark.parametrize("catalog", ["", "---", "工作坊", "x" * 300])
def test_a_name_that_gives_none_says_what_to_write(catalog: str) -> None:
    with pytest.raises(UsageError) as caught:
        locks.destination(catalog, EVENT, LOCK)
    assert caught.value.code == "no-name"
    assert "metadata: {name: …}" in caught.value.hint
