"""`sync CATALOG REF…`: some of a catalog's images now, and the others as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.sandbox import Sandbox
from tests.run.desk import Desk


@pytest.fixture(autouse=True)
def three(desk: Desk) -> None:
    for name in ("nginx:1.27", "redis:7", "alpine:3.20"):
        desk.hub.put_image(name)
    desk.catalog("nginx:1.27", "redis:7", "alpine:3.20")


def pinned(desk: Desk) -> list[str]:
    return [pin.reference.familiar() for pin in desk.lock]


def test_what_is_named_is_pinned_copied_and_verified_and_nothing_else(desk: Desk, target: Sandbox) -> None:
    outcomes = desk.outcomes("sync", "redis:7")
    assert {name: each["outcome"] for name, each in outcomes.items()} == {"redis:7": "copied"}
    assert pinned(desk) == ["redis:7"]
    assert target.tags("nginx") == []
    assert list(desk.outcomes("sync", "nginx:1.27", "alpine:3.20")) == ["alpine:3.20", "nginx:1.27"]
    assert pinned(desk) == ["alpine:3.20", "nginx:1.27", "redis:7"]
    desk.asked()
    desk.run("sync")
    assert desk.asked() == 0


def test_the_pins_of_the_others_stay_as_they_are(desk: Desk) -> None:
    desk.run("sync")
    before = desk.lock.by_reference()
    desk.hub.put_image("redis:7", note="rebuilt")
    desk.hub.put_image("nginx:1.27", note="rebuilt")
    desk.run("sync", "--update", "redis:7")
    moved = [name.familiar() for name, pin in desk.lock.by_reference().items() if pin != before[name]]
    assert moved == ["redis:7"]


def test_a_frozen_run_needs_the_pins_of_what_is_named_alone(desk: Desk) -> None:
    desk.run("sync", "redis:7")
    lock = desk.lock_path.read_bytes()
    desk.run("sync", "--frozen", "redis:7")
    desk.run("sync", "--frozen", "nginx:1.27", code=2)
    assert "has no pin for nginx:1.27" in desk.err
    assert desk.lock_path.read_bytes() == lock


def test_an_image_by_tag_and_digest_leaves_its_tag_to_the_one_by_tag(desk: Desk, target: Sandbox) -> None:
    old, new = desk.hub.put_image("nginx:1.27"), desk.hub.put_image("nginx:1.27", note="rebuilt")
    desk.catalog("nginx:1.27", f"nginx:1.27@{old.digest}", "redis:7")
    assert len(desk.outcomes("sync", f"nginx:1.27@{old.digest}")) == 2
    plain = target.manifest("nginx:1.27")
    assert plain is not None
    assert plain.descriptor.digest == new.digest


def test_files_and_the_stored_lock_are_of_runs_for_all(desk: Desk, target: Sandbox, tmp_path: Path) -> None:
    page = tmp_path / "labs" / "pod.yaml"
    page.parent.mkdir()
    page.write_text("kind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: nginx:1.27}]}\n")
    where = {"event": {"registry": desk.address, "insecure": True, "reached_by": ["kubelet"], "store_lock": True}}
    desk.catalog("redis:7", workshops=[{"path": "labs"}], rewrite={"mode": "in-place"}, targets=where)
    before = page.read_bytes()
    document = desk.document("sync", "nginx:1.27")
    assert (document["rewrite"], document["lock"]) == (None, None)
    assert page.read_bytes() == before
    desk.run("sync")
    assert page.read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["ngnix:1.27"],
            "asked for docker.io/library/ngnix:1.27, which this catalog does not have\nhint: it has nginx",
        ),
        (["nginx"], "hint: it has nginx:1.27"),
        (["no reference"], "no image reference"),
        (["redis:7", "--rewrite", "in-place"], "references go without"),
        (["redis:7", "--store-lock"], "references go without"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(desk: Desk, arguments: list[str], says: str) -> None:
    desk.run("sync", *arguments, code=2)
    assert says in desk.err
    assert desk.asked() == 0
    assert not desk.lock_path.exists()
