"""What comes to a target where others stand: what these have is mounted, and no source is asked for it."""

from __future__ import annotations

import shutil

import pytest

from seeder.sandbox import Layer
from tests.fixtures.distribution import Distribution, StartRegistry
from tests.run.desk import Desk

BASE = [Layer(name=f"base {n}", size=20_000) for n in range(3)]
STANDING = [f"a/i{n}:1" for n in range(10)]
OWN = 2  # blobs that no other image has: its config, and a layer


def put(desk: Desk, *references: str, note: str = "") -> None:
    for reference in references:
        desk.hub.put_image(reference, layers=[*BASE, Layer(name=f"own {reference} {note}")], note=note)


@pytest.fixture(params=[None, 100], ids=["unlimited", "quota"])
def registry(request: pytest.FixtureRequest, desk: Desk, start_registry: StartRegistry) -> Distribution:
    """A real registry to which ten images were copied that share three layers; with a quota nothing goes ahead."""
    desk.hub.set_quota(request.param)
    registry = start_registry()
    desk.address = registry.address
    put(desk, *STANDING)
    desk.catalog(*STANDING)
    desk.run("sync")
    desk.asked()
    return registry


def blobs_read(desk: Desk) -> int:
    return desk.hub.counters.blob_gets.total()


def lose(registry: Distribution, *names: str) -> None:
    """Takes files of repositories, or of blobs, away behind the registry's back."""
    for name in names:
        shutil.rmtree(registry.storage / "docker/registry/v2" / name)


def repositories(number: int) -> list[str]:
    return [f"repositories/a/i{n}" for n in range(number)]


def test_a_new_image_takes_from_others_what_they_have(desk: Desk, registry: Distribution) -> None:
    put(desk, "b/new:1")
    desk.catalog(*STANDING, "b/new:1")
    told = desk.document("sync")["bytes"]
    assert blobs_read(desk) == OWN
    assert told["mounted"] == told["saved"] > sum(layer.size for layer in BASE)
    assert desk.outcomes("verify", "--deep")["b/new:1"]["outcome"] == "present"


def test_what_moved_keeps_what_its_own_repository_has(desk: Desk, registry: Distribution) -> None:
    put(desk, STANDING[3], note="later")
    told = desk.document("sync", "--update")["bytes"]
    assert blobs_read(desk) == OWN
    assert told["mounted"] == 0
    assert told["saved"] > sum(layer.size for layer in BASE)


def test_images_that_are_not_asked_for_are_homes_as_well(desk: Desk, registry: Distribution) -> None:
    put(desk, "b/new:1")
    desk.catalog(*STANDING, "b/new:1")
    desk.document("sync", "b/new:1")
    assert blobs_read(desk) == OWN


def test_where_a_repository_is_gone_its_blobs_come_from_the_source(desk: Desk, registry: Distribution) -> None:
    put(desk, "b/new:1")
    desk.catalog("b/new:1")  # nobody looks at the others: they were found whole today
    lose(registry, *repositories(10))
    told = desk.document("sync")["bytes"]
    assert blobs_read(desk) == OWN + len(BASE)
    assert told["mounted"] == 0
    assert desk.outcomes("verify", "--deep")["b/new:1"]["outcome"] == "present"


def test_a_target_that_lost_everything_is_filled_anew(desk: Desk, registry: Distribution) -> None:
    lose(registry, "repositories", "blobs")
    assert {each["outcome"] for each in desk.document("sync")["outcomes"]} == {"copied"}
    assert blobs_read(desk) == len(STANDING) * OWN + len(BASE)
    assert desk.document("verify", "--deep")["exit"] == 0


def test_a_plan_says_what_will_not_move(desk: Desk, registry: Distribution) -> None:
    put(desk, "b/new:1", "b/other:1")
    desk.catalog(*STANDING, "b/new:1", "b/other:1")
    desk.run("sync")
    lose(registry, "repositories/b")
    told = desk.document("plan")
    assert told["bytes"]["exact"]
    assert sum(copy["saved"] for copy in told["copies"]) == told["bytes"]["saved"]
    moved = desk.document("sync")["bytes"]["moved"]
    assert told["bytes"]["at_least"] - told["bytes"]["saved"] == moved
    assert moved < BASE[0].size


def test_a_plan_promises_nothing_of_a_target_that_lost_everything(desk: Desk, registry: Distribution) -> None:
    put(desk, STANDING[3], note="later")
    desk.run("sync", "--update")
    lose(registry, "repositories", "blobs")
    told = desk.document("plan")["bytes"]
    assert told["at_least"] - told["saved"] == desk.document("sync")["bytes"]["moved"]


def test_nothing_is_read_of_the_store_where_nothing_moves(
    desk: Desk, registry: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr("seeder.store.ManifestStore.get", lambda _, digest: read.append(digest))
    desk.run("sync")
    assert read == []
