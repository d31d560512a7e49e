"""`pin`, `plan` and `verify` as they are typed."""

from __future__ import annotations

import pytest

from seeder.cli.app import main
from seeder.sandbox import Sandbox
from tests.run.desk import Desk


def test_pin_writes_the_lock_and_spends_nothing(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1.27")
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1.27", "redis:7")
    document = desk.document("pin")
    assert [(each["reference"], each["state"]) for each in document["pins"]] == [
        ("docker.io/library/nginx:1.27", "new"),
        ("docker.io/library/redis:7", "new"),
    ]
    assert document["pins"][0]["digest"] == str(nginx.digest)
    assert document["written"]
    assert desk.hub.counters.manifest_gets.total() == 0
    desk.asked()
    again = desk.document("pin")
    assert not again["written"]
    assert desk.asked() == 0


def test_pin_update_moves_all_or_what_is_named(desk: Desk) -> None:
    for name in ("a:1", "b:1"):
        desk.hub.put_image(name)
    desk.catalog("a:1", "b:1")
    desk.run("pin")
    for name in ("a:1", "b:1"):
        desk.hub.put_image(name, note="rebuilt")
    assert [p["state"] for p in desk.document("pin", "--update", "a:1")["pins"]] == ["moved", "kept"]
    assert [p["state"] for p in desk.document("pin", "--update")["pins"]] == ["kept", "moved"]


def test_pin_check_asks_and_writes_nothing(desk: Desk) -> None:
    desk.hub.put_image("a:1")
    desk.catalog("a:1")
    desk.run("pin", "--check", code=1)
    assert desk.err == "1 pin: 1 new, 0 moved; the lock would change\n"
    desk.run("pin")
    assert not desk.document("pin", "--check", "--update")["stale"]
    assert desk.err == "1 pin: 0 new, 0 moved; the lock would stay as it is\n"
    desk.hub.put_image("a:1", note="rebuilt")
    desk.run("pin", "--check")
    document = desk.document("pin", "--check", "--update", code=1)
    assert (document["stale"], document["written"]) == (True, False)
    assert [each["state"] for each in document["pins"]] == ["moved"]
    assert [each["state"] for each in desk.document("pin", "--update")["pins"]] == ["moved"]


def test_pin_check_sees_what_pin_would_write_in_other_bytes(desk: Desk) -> None:
    desk.hub.put_image("a/app:1")
    desk.catalog("a/app:1")
    desk.run("pin")
    desk.lock_path.write_bytes(b"# by hand\n" + desk.lock_path.read_bytes())
    assert desk.document("pin", "--check", code=1)["stale"]
    assert desk.document("pin")["written"]
    assert not desk.document("pin", "--check")["stale"]


def test_pin_check_sees_a_pin_that_nothing_wants_any_more(desk: Desk) -> None:
    desk.hub.put_image("a:1")
    desk.hub.put_image("b:1")
    desk.catalog("a:1", "b:1")
    desk.run("pin")
    desk.catalog("a:1")
    desk.run("pin", "--check", code=1)


def test_pin_read_manifests_says_its_price_first(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    document = desk.document("pin", "--read-manifests")
    assert desk.err.startswith("reading manifests takes 2 pulls")
    assert list(document["pins"][0]["platforms"]) == ["linux/amd64"]
    assert desk.hub.counters.manifest_gets.total() == document["pulls"] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--update", "not a reference"), "no image reference"),
        (("--update", "redis:7"), "which this catalog does not have\nhint: `seeder plan` lists"),
        (("--update", "nginx"), "nginx:latest, which this catalog does not have\nhint: it has nginx:1.27\n"),
        (("--update", "ngnix:1.27"), "hint: it has nginx:1.27\n"),
        (("redis:7",), "references go with --update"),
        (("--frozen", "--update"), "--frozen excludes"),
        (("--frozen", "--check"), "--check excludes"),
        (("--check", "--read-manifests"), "--check excludes"),
        (("--frozen",), "has no pin for nginx:1.27 ("),
    ],
)
def test_pin_refuses(desk: Desk, arguments: tuple[str, ...], says: str) -> None:
    desk.catalog("nginx:1.27")
    desk.run("pin", *arguments, code=2)
    assert says in desk.err


def test_pin_tells_what_it_cannot_pin_and_keeps_the_rest(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27", "nginx:9", "gone:1")
    desk.run("pin", code=1)
    assert "c.yaml:4: cannot pin nginx:9" in desk.err.replace(str(desk.folder) + "/", "")
    assert len(desk.lock.pins) == 1


@pytest.mark.parametrize("command", ["pin", "plan", "sync"])
def test_a_catalog_that_wants_nothing_says_so(desk: Desk, command: str) -> None:
    (desk.folder / "lab").mkdir()
    desk.catalog(workshops=[{"path": "lab"}])
    desk.run(command)
    assert "warning: nothing to seed: the catalog lists no images, and its workshops name none\nhint: " in desk.err


def test_a_plan_asks_by_head_alone_and_writes_nothing(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1.27", "redis:7")
    plan = desk.document("plan")
    assert plan["pulls"] == {"at_least": 3, "assumed": 3, "exact": True}
    assert not desk.lock_path.exists()
    assert desk.hub.counters.manifest_gets.total() == 0
    desk.run("sync")
    assert desk.document("plan")["copies"] == []
    desk.run("plan")
    assert "0 images to copy, 0 pulls" in desk.out


def test_a_plan_is_exact_for_an_index_that_was_read_and_leaves_out_what_was_paid(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27", attestations=True)
    desk.catalog("nginx:1.27", platforms=None)
    assert desk.document("plan")["pulls"]["exact"] is False
    desk.run("pin", "--read-manifests")  # the index, and its two platforms: the store has three of the five
    assert desk.document("plan")["pulls"] == {"at_least": 2, "assumed": 2, "exact": True}


def test_plan_update_shows_what_would_move(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    desk.hub.put_image("nginx:1.27", note="rebuilt")
    before = desk.lock_path.read_bytes()
    assert desk.document("plan")["copies"] == []
    (copy,) = desk.document("plan", "--update")["copies"]
    assert copy["pulls"]["assumed"] == 1
    assert desk.lock_path.read_bytes() == before


def test_verify_asks_the_target_alone(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("verify", code=2)
    assert "run `seeder sync" in desk.err
    desk.run("sync")
    desk.asked()
    assert desk.outcomes("verify")["nginx:1.27"]["outcome"] == "present"
    assert desk.asked() == 0
    target.remove_manifest("nginx:1.27")
    assert desk.outcomes("verify", code=1)["nginx:1.27"]["error"]["code"] == "missing"
    target.put_image("nginx:1.27", note="somebody else's")
    assert desk.outcomes("verify", code=1)["nginx:1.27"]["error"]["code"] == "tag-conflict"


def test_verify_names_what_the_lock_has_no_pin_for(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    assert desk.document("verify")["unpinned"] == []
    desk.catalog("nginx:1.27", "redis:7", "alpine:3.20")
    assert desk.document("verify")["unpinned"] == ["docker.io/library/alpine:3.20", "docker.io/library/redis:7"]
    assert (
        "/c.yaml:5: alpine:3.20 and 1 more image: not checked, since the lock has no pin\nhint: run `seeder" in desk.err
    )


def test_verify_needs_no_workshops(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    desk.catalog("nginx:1.27", "redis:7", workshops=[{"path": "../elsewhere/*"}])
    assert desk.document("verify")["unpinned"] == ["docker.io/library/redis:7"]


def test_verify_of_what_was_never_copied(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1.27", "redis:7")
    desk.run("pin")
    outcomes = desk.outcomes("verify", code=1)
    assert {each["error"]["code"] for each in outcomes.values()} == {"missing"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--update", "--frozen"), "exclude each other"),
        (("--output-dir", "x"), "goes with --rewrite output-dir"),
        (("--rewrite", "output-dir"), "no folder is named"),
        (("--engine", "teleport"), "there is no engine 'teleport'"),
        (("--wait", "soon"), "write 90s, 30m, 6h or 1h30m"),
        (("--target", "evnt"), "the catalog has no target evnt"),
    ],
)
def test_sync_refuses_before_it_begins(desk: Desk, arguments: tuple[str, ...], says: str) -> None:
    desk.catalog("nginx:1.27")
    desk.run("sync", *arguments, code=2)
    assert says in desk.err
    assert desk.asked() == 0


def test_a_catalog_that_is_not_there(desk: Desk) -> None:
    assert main(["sync", str(desk.folder / "no.yaml")]) == 2
    assert "no.yaml" in desk.capsys.readouterr().err


def test_a_plan_without_a_target_knows_what_the_store_knows(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27", platforms=None)
    desk.run("pin", "--read-manifests")
    desk.lock_path.unlink()
    desk.catalog("nginx:1.27", platforms=["linux/riscv64"], targets=None)
    (outcome,) = desk.document("plan", code=1)["outcomes"]
    assert outcome["error"]["code"] == "platform-missing"


@pytest.mark.parametrize("platforms", [["linux/amd64"], None])
def test_what_the_store_has_is_no_pull_so_that_a_spent_quota_stops_nothing(
    desk: Desk, target: Sandbox, platforms: list[str] | None
) -> None:
    desk.hub.put_image("a:1")
    desk.hub.put_index("b:1", attestations=True)
    desk.catalog("a:1", "b:1", platforms=platforms)
    desk.run("sync")
    desk.hub.set_quota(0)
    desk.hub.reset()
    with Sandbox(token_auth=False) as empty:
        desk.address = empty.address
        desk.catalog("a:1", "b:1", platforms=platforms)
        assert desk.document("plan")["pulls"] == {"at_least": 0, "assumed": 0, "exact": True}
        assert {each["outcome"] for each in desk.outcomes("sync").values()} == {"copied"}
        assert desk.hub.counters.manifest_gets.total() == 0


def test_what_a_quota_puts_off_costs_in_its_turn_what_the_plan_says(desk: Desk, target: Sandbox) -> None:
    names = [f"i{n}:1" for n in range(6)]
    for name in names:
        desk.hub.put_index(name)
    desk.catalog(*names)
    desk.hub.set_quota(5)  # of which one is kept for the nodes
    document = desk.document("plan", code=4)
    assert desk.err.count("warning: ") == 1
    assert (document["pulls"]["assumed"], document["deferred"]["pulls"]["assumed"]) == (4, 8)
    assert [each["pulls"]["assumed"] for each in document["outcomes"]] == [2] * 4
    desk.run("sync", code=4)
    desk.hub.set_quota(100)
    assert desk.document("sync")["pulls"] == 8


def test_skopeo_reads_no_store_and_pays_again(desk: Desk, skopeo: str) -> None:
    desk.hub.put_image("a:1")
    desk.catalog("a:1")
    desk.run("sync")
    desk.hub.set_quota(0)
    desk.engine = "skopeo"
    with Sandbox(token_auth=False) as empty:
        desk.address = empty.address
        desk.catalog("a:1")
        assert desk.outcomes("sync", code=4)["a:1"]["outcome"] == "deferred"
