"""What the source is asked for where store or target have some of an image already: each manifest is a pull."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seeder.model.descriptor import Manifest
from seeder.sandbox import AMD64, ARM64, Action, Sandbox
from tests.engines.bench import RISCV
from tests.run.desk import Desk, forget

PLATFORMS = (AMD64, ARM64, RISCV)
BOTH = ["linux/amd64", "linux/arm64"]
# What is wanted of an index, and how many manifests that are: each image has an attestation.
SHAPES = {
    "one": ({"platforms": BOTH[:1]}, 2),
    "trimmed": ({"platforms": BOTH, "index": "filtered"}, 5),
    "whole": ({"platforms": None}, 7),
}


@pytest.fixture(params=[None, 100], ids=["unlimited", "quota"])
def desk(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    """Without a quota manifests are read before there is a plan."""
    desk.hub.set_quota(request.param)
    desk.hub.put_index("nginx:1.27", platforms=PLATFORMS, attestations=True)
    return desk


@pytest.fixture(params=SHAPES)
def manifests(request: pytest.FixtureRequest, desk: Desk) -> int:
    """How many manifests the catalog wants."""
    keys, count = SHAPES[request.param]
    desk.catalog("nginx:1.27", **keys)
    return count


@pytest.fixture(params=[True, False], ids=["", "no-lock"])
def keeps_lock(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def pulls(desk: Desk, *options: str) -> int:
    """Of a run, each for another manifest."""
    desk.hub.reset()
    desk.run("sync", *options)
    counted = desk.hub.counters.by_selector(Action.MANIFEST_GET)
    assert set(counted.values()) <= {1}
    return counted.total()


def lose(desk: Desk, home: Path, *, lock: bool) -> None:
    forget(home)
    if lock:
        desk.lock_path.unlink(missing_ok=True)


def index_of(registry: Sandbox, name: str) -> Manifest:
    found = registry.manifest(name)
    assert found is not None
    return found


@pytest.mark.parametrize("update", [(), ("--update",)], ids=["", "update"])
@pytest.mark.parametrize("keeps_store", [True, False], ids=["", "no-store"])
def test_nothing_changed(
    desk: Desk, manifests: int, home: Path, keeps_lock: bool, keeps_store: bool, update: tuple[str, ...]
) -> None:
    assert pulls(desk, *update) == manifests
    if not keeps_store:
        forget(home)
    if not keeps_lock:
        desk.lock_path.unlink()
    assert pulls(desk, *update) == 0


@pytest.mark.parametrize("is_rebuilt", [False, True], ids=["", "rebuilt"])
def test_of_an_index_that_moved_what_is_new_is_read(
    desk: Desk, target: Sandbox, manifests: int, home: Path, keeps_lock: bool, is_rebuilt: bool
) -> None:
    """The index, and the first platform's image where that was built anew; all others stand at the target."""
    desk.run("sync")
    lose(desk, home, lock=not keeps_lock)
    document = json.loads(index_of(desk.hub, "nginx:1.27").raw)
    if is_rebuilt:
        image = desk.hub.put_image("nginx:amd64", note="rebuilt")
        document["manifests"][0] |= {"digest": str(image.digest), "size": image.size}
    document["annotations"] = {"note": "moved"}
    moved = desk.hub.put_manifest("nginx:1.27", document["mediaType"], json.dumps(document).encode())
    assert pulls(desk, "--update") == (2 if is_rebuilt else 1)
    assert f"1.27-{moved.digest.short}" in target.tags("nginx")
    desk.run("verify", "--deep")


@pytest.mark.parametrize("platforms", [PLATFORMS, (AMD64,)], ids=["all", "first"])
def test_what_stands_under_a_tag_of_others_is_not_read(
    desk: Desk, target: Sandbox, manifests: int, keeps_lock: bool, platforms: tuple[object, ...]
) -> None:
    """The whole index with all below it, or another one that names its first image."""
    target.put_index("nginx:mirrored", platforms=platforms, attestations=True)  # type: ignore[arg-type]
    has_all = index_of(target, "nginx:mirrored") == index_of(desk.hub, "nginx:1.27")
    assert has_all is (len(platforms) > 1)
    if keeps_lock:
        desk.run("pin")
    there = manifests if has_all else min(2, manifests - 1)
    assert pulls(desk) == manifests - there
    desk.run("verify", "--deep")


def test_of_a_new_repository_no_child_is_looked_for(desk: Desk, target: Sandbox, manifests: int) -> None:
    """An index may have dozens of them: to ask for the first and the tag is enough."""
    assert pulls(desk, "--update") == manifests
    assert target.counters.manifest_gets.total() == 0
    looked_for = set(target.counters.by_selector(Action.MANIFEST_HEAD))
    assert {str(child.digest) for child in index_of(desk.hub, "nginx:1.27").children()[1:]}.isdisjoint(looked_for)
