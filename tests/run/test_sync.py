"""`sync` from catalog to target, with either engine; what it asks of the source is counted there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seeder.cli.app import main
from seeder.errors import FileError
from seeder.model.digest import Digest
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference
from seeder.run import sync
from seeder.run.project import Project
from seeder.sandbox import ARM64, Action, Layer, Sandbox
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import PASSWORD, USER, StartRegistry
from tests.fixtures.logins import write_auth_file
from tests.run.desk import Desk, forget


@pytest.fixture(params=["direct", pytest.param("skopeo", marks=pytest.mark.skopeo)], autouse=True)
def engine(request: pytest.FixtureRequest, desk: Desk) -> str:
    """Each test runs with either engine."""
    if request.param == "skopeo":
        request.getfixturevalue("skopeo")
    desk.engine = request.param
    return desk.engine


def test_the_first_run_copies_and_the_second_asks_nothing_of_the_source(desk: Desk, target: Sandbox) -> None:
    index = desk.hub.put_index("nginx:1.27", attestations=True)
    redis = desk.hub.put_image("redis:7", docker=True)
    desk.catalog("nginx:1.27", "redis:7")
    first = desk.document("sync")
    assert {each["outcome"] for each in first["outcomes"]} == {"copied"}
    assert first["pulls"] == desk.hub.counters.manifest_gets.total() == 3
    assert sorted(target.tags("redis")) == ["7", f"7-{redis.digest.short}"]
    before = desk.lock_path.read_bytes()
    desk.asked()
    second = desk.document("sync")
    assert {each["outcome"] for each in second["outcomes"]} == {"present"}
    assert desk.asked() == 0
    assert desk.lock_path.read_bytes() == before
    assert desk.lock.by_reference()[ImageReference.parse("nginx:1.27")].descriptor.digest == index.digest


def test_the_lock_learns_platforms_and_sizes(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27", platforms=(ARM64,))
    desk.catalog("nginx:1.27", platforms=["linux/arm64"])
    desk.run("sync")
    ((platform, child),) = desk.lock.pins[0].platforms.items()
    assert str(platform) == "linux/arm64"
    assert child.size > 0


def test_update_asks_by_head_alone_and_moves_what_moved(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1.27", "redis:7")
    desk.run("sync")
    moved = desk.hub.put_image("nginx:1.27", note="rebuilt")
    desk.hub.reset()
    outcomes = desk.outcomes("sync", "--update")
    assert outcomes["nginx:1.27"]["outcome"] == "copied"
    assert outcomes["redis:7"]["outcome"] == "present"
    assert dict(desk.hub.counters.manifest_gets) == {"library/nginx": 1}
    stands = target.manifest("nginx:1.27")
    assert stands is not None
    assert stands.descriptor.digest == moved.digest
    assert len(target.tags("nginx")) == 3


def test_an_update_asks_an_empty_target_once_an_image(desk: Desk, target: Sandbox) -> None:
    for name in ("nginx:1.27", "redis:7"):
        desk.hub.put_image(name)
    desk.catalog("nginx:1.27", "redis:7")
    desk.run("plan", "--update")
    assert target.counters.manifest_heads.total() == 2
    desk.run("sync", "--update")
    target.reset()
    desk.run("sync", "--update")
    assert target.counters.manifest_heads.total() == 2


def test_an_update_finds_what_stands_there_by_digest(desk: Desk, home: Path) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    desk.lock_path.unlink()
    forget(home)
    desk.hub.reset()
    assert desk.outcomes("sync", "--update")["nginx:1.27"]["outcome"] == "present"
    assert desk.hub.pulls == 0


def test_a_frozen_run_in_a_new_pod_asks_nothing_although_the_lock_never_saw_the_index(desk: Desk, home: Path) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("pin")
    forget(home)
    desk.run("sync", "--frozen")
    assert desk.lock.pins[0].platforms == {}
    desk.asked()
    forget(home)
    assert desk.outcomes("sync", "--frozen")["nginx:1.27"]["outcome"] == "present"
    assert desk.asked() == 0


def test_another_platform_than_the_one_that_stands_there_is_copied(desk: Desk, home: Path, target: Sandbox) -> None:
    index = desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("pin")
    desk.run("sync", "--frozen")
    forget(home)
    desk.catalog("nginx:1.27", platforms=["linux/arm64"])
    outcome = desk.outcomes("sync", "--update")["nginx:1.27"]
    whole = desk.hub.manifest("nginx:1.27")
    assert whole is not None
    child = whole.for_platform(ARM64)
    assert child is not None
    assert (outcome["outcome"], outcome["digest"]) == ("copied", str(child.digest))
    stands = target.manifest(f"nginx:1.27-{index.digest.short}")
    assert stands is not None
    assert stands.descriptor.digest == child.digest


def test_a_lock_that_misses_a_pin_stops_a_frozen_run(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync", "--frozen", code=2)
    assert f"{desk.lock_path}: has no pin for nginx:1.27 ({desk.path}:" in desk.err
    assert f"hint: run `seeder pin {desk.path}` and commit the lock" in desk.err
    assert not desk.lock_path.exists()
    assert desk.asked() == 0


def test_what_is_not_required_never_fails_a_run(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27", {"reference": "gone:1", "required": False})
    outcomes = desk.outcomes("sync")
    assert outcomes["gone:1"]["outcome"] == "failed"
    assert outcomes["nginx:1.27"]["outcome"] == "copied"
    assert desk.outcomes("sync", "--frozen")["gone:1"]["error"]["code"] == "pin-missing"


def test_one_missing_repository_leaves_the_others_be_and_is_told_with_its_place(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    (desk.folder / "w").mkdir()
    (desk.folder / "w/pod.yaml").write_text("kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: gone:1\n")
    desk.catalog("nginx:1.27", workshops=[{"path": "w"}])
    outcomes = desk.outcomes("sync", code=1)
    assert outcomes["nginx:1.27"]["outcome"] == "copied"
    assert outcomes["gone:1"]["error"]["code"] == "missing"
    assert f"error: {desk.folder}/w/pod.yaml:5: gone:1: " in desk.err
    assert [pin.reference.repository for pin in desk.lock] == ["library/nginx"]


def test_without_a_target_sync_and_verify_say_which_key_to_add_and_plan_works(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27", targets=None)
    for command in ("sync", "verify"):
        desk.run(command, code=2)
        assert "targets: {event: {registry:" in desk.err
    plan = desk.document("plan")
    assert plan["pulls"] == {"at_least": 1, "assumed": 1, "exact": True}
    assert plan["copies"][0]["target"] is None
    assert desk.hub.counters.manifest_gets.total() == 0


def test_a_tag_that_stands_there_with_other_content_is_a_conflict(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1.27")
    other = target.put_image("nginx:1.27", note="somebody else's")
    desk.catalog("nginx:1.27")
    error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "tag-conflict"
    assert str(other.digest) in error["message"]
    assert desk.hub.counters.manifest_gets.total() == 0
    desk.run("sync", "--update")
    assert len(target.tags("nginx")) == 2


def test_a_pin_that_moved_in_the_lock_moves_the_tag_also_when_frozen(desk: Desk, home: Path, target: Sandbox) -> None:
    """CI updates the lock, a job in the cluster copies by it; the job's first run never wrote the lock either."""
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("pin")
    desk.run("sync", "--frozen")
    desk.hub.put_index("nginx:1.27", note="rebuilt")
    desk.run("pin", "--update")
    forget(home)
    outcome = desk.outcomes("sync", "--frozen")["nginx:1.27"]
    stands = target.manifest("nginx:1.27")
    assert stands is not None
    assert (outcome["outcome"], outcome["digest"]) == ("copied", str(stands.descriptor.digest))
    desk.run("verify")


def test_a_reference_with_tag_and_digest_is_a_pin_of_its_own(desk: Desk, target: Sandbox) -> None:
    old = desk.hub.put_image("nginx:1.27")
    new = desk.hub.put_image("nginx:1.27", note="rebuilt")
    desk.catalog("nginx:1.27", f"nginx:1.27@{old.digest}", f"redis@{desk.hub.put_image('redis:7').digest}")
    desk.run("sync")
    assert set(target.tags("nginx")) == {"1.27", f"1.27-{new.digest.short}", f"1.27-{old.digest.short}"}
    plain = target.manifest("nginx:1.27")
    assert plain is not None
    assert plain.descriptor.digest == new.digest
    assert target.tags("redis")[0].startswith("seeder-")
    desk.asked()
    desk.run("sync")
    assert desk.asked() == 0
    desk.run("verify")


def test_one_index_with_two_wishes_for_platforms(desk: Desk) -> None:
    index = desk.hub.put_index("nginx:1.27")
    desk.catalog({"reference": f"nginx:1.27@{index.digest}", "platforms": ["linux/amd64", "linux/arm64"]}, "nginx:1.27")
    outcomes = desk.outcomes("sync")
    assert {each["digest"] for each in outcomes.values()} == {str(index.digest)}
    assert {each["outcome"] for each in desk.outcomes("sync").values()} == {"present"}


def test_names_at_the_target(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog(
        {"reference": "nginx:1.27", "as": "tools/web:one"},
        targets={"event": {"registry": "reg.example.com", "push": desk.address, "prefix": "team", "insecure": True}},
    )
    outcome = desk.outcomes("sync")["nginx:1.27"]
    assert outcome["target"] == "reg.example.com/team/tools/web:one"
    assert "one" in target.tags("team/tools/web")


def test_a_name_that_meets_another_images_is_a_conflict_and_the_rest_is_done(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.hub.put_image(f"{name}:1")
    desk.catalog({"reference": "a:1", "as": "library/b:1"}, "b:1", "c:1")
    outcomes = desk.outcomes("sync", code=1)
    assert {name: each["outcome"] for name, each in outcomes.items()} == {
        "a:1": "failed",
        "b:1": "failed",
        "c:1": "copied",
    }
    assert outcomes["a:1"]["error"]["code"] == "tag-conflict"


def test_a_quota_is_kept_and_the_next_run_goes_on(desk: Desk) -> None:
    names = [f"a/i{n}:1" for n in range(6)]
    for name in names:
        desk.hub.put_image(name)
    desk.catalog(*names)
    desk.hub.set_quota(5)  # of which one is kept for the nodes
    document = desk.document("sync", code=4)
    results = [each["outcome"] for each in document["outcomes"]]
    assert sorted(results) == ["copied"] * 4 + ["deferred"] * 2
    assert (document["quota"]["remaining"], document["pulls"]) == (1, 4)
    assert desk.hub.pulls == 4
    desk.hub.set_quota(5)
    assert sorted(each["outcome"] for each in desk.outcomes("sync").values()) == ["copied"] * 2 + ["present"] * 4
    assert desk.hub.pulls == 2


def test_all_platforms_that_do_not_fit_stop_before_the_first_get(desk: Desk) -> None:
    for name in ("a:1", "b:1"):
        desk.hub.put_index(name, attestations=True)
    desk.catalog("a:1", "b:1", platforms=None)
    desk.hub.set_quota(6)
    outcomes = desk.outcomes("sync", code=4)
    assert {each["outcome"] for each in outcomes.values()} == {"deferred"}
    assert "one platform takes 4" in outcomes["a:1"]["error"]["message"]
    assert "platforms: [linux/amd64]" in outcomes["a:1"]["error"]["hint"]
    assert desk.hub.counters.manifest_gets.total() == 0
    desk.run("plan", code=4)


def test_what_the_target_lost_is_copied_again(desk: Desk, target: Sandbox) -> None:
    nginx = desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    manifest = target.manifest("nginx:1.27")
    assert manifest is not None
    lost = manifest.blobs()[-1].digest
    target.remove_blob("nginx", lost)
    assert str(lost) in desk.outcomes("verify", code=1)["nginx:1.27"]["error"]["message"]
    assert desk.outcomes("sync")["nginx:1.27"]["outcome"] == "copied"
    assert target.has_blob("nginx", lost)
    assert desk.outcomes("verify", "--deep")["nginx:1.27"]["digest"] == str(nginx.digest)


@pytest.mark.parametrize("lost", ["blob", "child"])
def test_what_lost_its_tag_and_something_below_it_is_copied_again(desk: Desk, target: Sandbox, lost: str) -> None:
    """It stands there by its digest, so that only the tag seems to be missing."""
    if lost == "blob":
        desk.hub.put_image("nginx:1.27")
    else:
        desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27", platforms=None)
    desk.run("sync")
    root = target.manifest("nginx:1.27")
    assert root is not None
    target.remove_manifest("nginx:1.27")
    if lost == "blob":
        target.remove_blob("nginx", root.blobs()[-1].digest)
    else:
        target.remove_manifest(f"nginx@{root.children()[-1].digest}")
    assert desk.outcomes("sync")["nginx:1.27"]["outcome"] == "copied"
    desk.run("verify", "--deep")


def test_a_wrong_password_fails_each_image_with_the_place_to_look(desk: Desk, home: Path) -> None:
    desk.hub.put_image("nginx:1.27")
    with Sandbox(token_auth=False, basic=("u", "p")) as guarded:
        desk.address = guarded.address
        desk.catalog("nginx:1.27")
        write_auth_file(home / ".docker/config.json", {guarded.address: ("u", "wrong")})
        error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "denied"
    assert guarded.address in error["message"]
    assert desk.hub.counters.manifest_gets.total() == 0


def test_a_target_that_is_down_fails_all_and_costs_no_pull(desk: Desk, closed_port: str, no_pauses: None) -> None:
    names = [f"a/i{n}:1" for n in range(20)]
    for name in names:
        desk.hub.put_image(name)
    desk.address = closed_port
    desk.catalog(*names)
    outcomes = desk.outcomes("sync", code=1)
    assert {each["error"]["code"] for each in outcomes.values()} == {"unreachable"}
    assert len(outcomes) == 20
    assert desk.hub.counters.manifest_gets.total() == 0
    assert len(desk.lock.pins) == 20


def test_an_image_that_lacks_the_platform(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27", platforms=(ARM64,))
    desk.catalog("nginx:1.27")
    error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "platform-missing"
    assert "linux/arm64" in error["message"]


def test_nowhere_to_write_the_lock_is_said_before_anything_is_copied(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync", "--lock", str(desk.folder / "nowhere/c.lock.yaml"), code=1)
    assert "nowhere/c.lock.yaml: cannot write" in desk.err
    assert desk.hub.counters.manifest_gets.total() == 0


def test_without_skopeo_what_is_there_is_still_present(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1.27", "redis:7")
    monkeypatch.setenv("PATH", str(home))
    outcomes = desk.outcomes("sync", "--engine", "skopeo", code=1)
    assert outcomes["nginx:1.27"]["outcome"] == "present"
    assert outcomes["redis:7"]["error"]["code"] == "engine-missing"
    assert "hint: install skopeo" in desk.err


def test_events_are_lines_of_json_where_the_log_is(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    assert main(["--log-format", "json", "sync", "--engine", desk.engine, str(desk.path)]) == 0
    shown = desk.capsys.readouterr()
    lines = [json.loads(line) for line in shown.err.splitlines()]
    events = [(line["event"], line.get("outcome")) for line in lines if "event" in line]
    sizes = [("sized", None)] if desk.engine == "direct" else []  # skopeo tells none
    assert events == [("started", None), *sizes, ("finished", "copied"), ("summary", None)]
    assert shown.out == ""


def test_what_moved_and_what_sharing_saved_is_told(desk: Desk) -> None:
    shared = Layer(name="shared", size=50_000)
    for n in range(3):
        desk.hub.put_image(f"a/i{n}:1", layers=[shared, Layer(name=f"own{n}", size=1000)])
    desk.catalog(*(f"a/i{n}:1" for n in range(3)))
    moved = desk.document("sync")["bytes"]
    if desk.engine == "direct":
        assert moved["moved"] == desk.hub.counters.bytes_out
        assert moved["saved"] == moved["mounted"] > 100_000
    else:
        assert moved == {"moved": None, "mounted": None, "saved": None}  # skopeo tells none
    assert desk.document("sync")["bytes"] == {"moved": 0, "mounted": 0, "saved": 0}


@pytest.mark.parametrize("docker", [False, True])
def test_a_real_registry_takes_whole_indexes(desk: Desk, start_registry: StartRegistry, docker: bool) -> None:
    registry = start_registry()
    desk.address = registry.address
    shared = Layer(name="shared", size=5000)
    index = desk.hub.put_index("nginx:1.27", layers=[shared], docker=docker, attestations=not docker)
    desk.hub.put_image("app/one:1", layers=[shared, Layer(name="own")], docker=docker)
    desk.catalog("nginx:1.27", "app/one:1", platforms=None)
    outcomes = desk.outcomes("sync")
    assert outcomes["nginx:1.27"]["digest"] == str(index.digest)
    assert desk.outcomes("verify", "--deep")["nginx:1.27"]["outcome"] == "present"
    desk.asked()
    desk.run("sync")
    assert desk.asked() == 0


def test_a_real_registry_with_a_password(desk: Desk, start_registry: StartRegistry, home: Path) -> None:
    registry = start_registry(basic=True)
    desk.address = registry.address
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    write_auth_file(home / ".docker/config.json", {registry.address: (USER, PASSWORD)})
    desk.run("sync")
    assert PASSWORD not in desk.out + desk.err + desk.lock_path.read_text()


def test_a_real_registry_behind_a_private_authority(
    desk: Desk, start_registry: StartRegistry, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = start_registry(authority=authority)
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27", targets={"event": {"registry": registry.address}})
    error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "certificate"
    assert "SSL_CERT_FILE" in error["hint"]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert desk.outcomes("sync")["nginx:1.27"]["outcome"] == "copied"


def test_a_target_without_tls_says_which_key_to_set(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27", targets={"event": {"registry": desk.address}})
    error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "no-tls"
    assert "`insecure: true`" in error["hint"]


def test_a_blocked_registry_fails_its_own_images_alone(desk: Desk, home: Path) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.hub.put_image("quay.io/a/b:1")
    conf = desk.hub.registries_conf()
    (home / "registries.conf").write_text(conf + desk.hub.registries_conf("quay.io"))
    desk.catalog("nginx:1.27", "quay.io/a/b:1", registries=["*"])
    desk.run("pin")
    (home / "registries.conf").write_text(f'{conf}[[registry]]\nlocation = "quay.io"\nblocked = true\n')
    outcomes = desk.outcomes("sync", "--frozen", code=1)
    assert outcomes["nginx:1.27"]["outcome"] == "copied"
    assert outcomes["quay.io/a/b:1"]["error"]["code"] == "blocked"


def test_an_image_of_another_platform_than_asked_for_is_told(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27", platform=ARM64)
    desk.catalog("nginx:1.27")
    desk.run("sync")
    assert "nginx:1.27 is for linux/arm64 alone, and linux/amd64 is asked for" in desk.err


def test_files_are_rewritten_to_what_was_verified_and_back(desk: Desk, target: Sandbox) -> None:
    nginx = desk.hub.put_image("nginx:1.27")
    (desk.folder / "w").mkdir()
    page = desk.folder / "w/pod.yaml"
    text = "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: nginx:1.27  # web\n    - image: gone:1\n"
    page.write_text(text)
    desk.catalog(workshops=[{"path": "w"}])
    document = desk.document("sync", "--rewrite", "in-place", code=1)
    written = f"{target.address}/library/nginx:1.27@{nginx.digest}"
    assert page.read_text() == text.replace("nginx:1.27", written)
    assert [edit["new"] for edit in document["rewrite"]["edits"]] == [written]
    moved = desk.hub.put_image("nginx:1.27", note="rebuilt")
    desk.run("sync", "--update", "--rewrite", "in-place", code=1)
    assert f"nginx:1.27@{moved.digest}" in page.read_text()
    assert Digest.parse(str(moved.digest)) in {pin.descriptor.digest for pin in desk.lock}
    desk.run("restore")
    assert page.read_text() == text


def test_a_child_of_an_index_that_stands_there_already_costs_nothing(desk: Desk, home: Path) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27", platforms=None)
    desk.run("pin")
    desk.run("sync", "--frozen")
    desk.asked()
    forget(home)
    desk.catalog("nginx:1.27")
    outcome = desk.outcomes("sync", "--frozen")["nginx:1.27"]
    assert outcome["outcome"] == "copied"
    assert desk.asked() == 0


def test_a_name_that_does_not_fit_is_refused_with_the_remedy_and_the_rest_is_done(desk: Desk, home: Path) -> None:
    conf = desk.hub.registries_conf() + desk.hub.registries_conf("localhost")
    (home / "registries.conf").write_text(conf)
    desk.hub.put_image("nginx:1.27")
    desk.hub.put_image("localhost/own:1")
    desk.catalog("nginx:1.27", "localhost/own:1")
    outcomes = desk.outcomes("sync", code=2)
    assert outcomes["nginx:1.27"]["outcome"] == "copied"
    assert "`as:`" in outcomes["localhost/own:1"]["error"]["hint"]
    desk.catalog("nginx:1.27", {"reference": "localhost/own:1", "as": "own/tool"})
    assert desk.outcomes("sync")["localhost/own:1"]["target"] == f"{desk.address}/own/tool:1"


def test_what_stays_where_it_is_is_told_with_the_reason(desk: Desk) -> None:
    desk.hub.put_image("nginx:1.27")
    (desk.folder / "w").mkdir()
    names = ("nginx:1.27", "busybox:1", "ghcr.io/a/b:1")
    images = "".join(f"    - image: {name}\n" for name in names)
    (desk.folder / "w/pod.yaml").write_text(f"kind: Pod\napiVersion: v1\nspec:\n  containers:\n{images}")
    ignore = [{"reference": "docker.io/library/busybox:*", "reason": "built by the learner"}]
    desk.catalog(workshops=[{"path": "w/pod.yaml"}], ignore=ignore)
    outcomes = desk.outcomes("sync")
    assert outcomes["busybox:1"]["reason"] == "ignored: built by the learner"
    assert outcomes["ghcr.io/a/b:1"]["reason"] == "ghcr.io is not in the catalog's registries"
    assert outcomes["nginx:1.27"]["places"] == [f"{desk.folder}/w/pod.yaml:5"]


def test_a_lock_that_cannot_learn_is_no_failure(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("pin")
    save = Project.save

    def read_only(project: Project, lock: Lock, known: Lock | None = None) -> bool:
        if lock != project.lock:
            raise FileError("cannot write: Read-only file system", where=str(project.lock_path))
        return save(project, lock, known)

    monkeypatch.setattr(Project, "save", read_only)
    desk.run("sync")
    assert "the lock could not learn platforms and sizes" in desk.err


def test_a_pin_that_somebody_moved_while_images_were_copied_stays_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("nginx:1.27", "redis:7"):
        desk.hub.put_image(name)
    desk.catalog("nginx:1.27", "redis:7")
    desk.run("pin")
    learn, moved = sync.learn, desk.hub.put_image("redis:7", note="rebuilt")

    def late(*arguments: Any, **more: Any) -> Lock:
        assert main(["pin", str(desk.path), "--update", "redis:7"]) == 0
        return learn(*arguments, **more)

    monkeypatch.setattr(sync, "learn", late)
    desk.run("sync")
    nginx, redis = desk.lock
    assert (redis.descriptor.digest, bool(nginx.platforms)) == (moved.digest, True)
    monkeypatch.setattr(sync, "learn", learn)
    desk.run("sync", "--frozen")


def test_a_lock_that_broke_while_images_were_copied_is_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    learn = sync.learn

    def late(*arguments: Any, **more: Any) -> Lock:
        desk.lock_path.write_text("<<<<<<< ours\n")
        return learn(*arguments, **more)

    monkeypatch.setattr(sync, "learn", late)
    desk.run("sync")
    assert "the lock could not learn platforms and sizes" in desk.err
    assert desk.lock_path.read_text() == "<<<<<<< ours\n"


def test_whole_trees_go_to_a_folder_that_has_to_be_new(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1.27")
    (desk.folder / "w").mkdir()
    (desk.folder / "w/pod.yaml").write_text("kind: Pod\napiVersion: v1\nspec:\n  containers: [{image: 'nginx:1.27'}]\n")
    desk.catalog(workshops=[{"path": "w"}])
    out = desk.folder / "out"
    desk.run("sync", "--rewrite", "output-dir", "--output-dir", str(out))
    assert str(nginx.digest) in (out / "w/pod.yaml").read_text()
    desk.asked()
    desk.run("sync", "--rewrite", "output-dir", "--output-dir", str(out), code=2)
    assert "not empty" in desk.err
    assert desk.asked() == 0


def test_what_was_copied_and_what_was_checked_today_is_not_walked_again(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    target.reset()
    desk.run("sync")
    assert target.counters.blob_heads.total() == 0
    assert target.counters.manifest_gets.total() == 0
    assert target.counters.manifest_heads.total() == 1


def test_what_nobody_checked_yet_is_walked_once(desk: Desk, target: Sandbox, home: Path) -> None:
    desk.hub.put_image("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("sync")
    for path in (home / ".cache/seeder/checked").iterdir():
        path.unlink()
    target.reset()
    desk.run("sync")
    assert target.counters.blob_heads.total() == 3
    target.reset()
    desk.run("sync")
    assert target.counters.blob_heads.total() == 0


def test_what_is_read_at_a_target_on_the_source_s_host_is_no_pull(desk: Desk, home: Path) -> None:
    desk.hub.put_image("a/app:1")
    desk.catalog("a/app:1", targets={"event": {"registry": desk.hub.address, "prefix": "seeded", "insecure": True}})
    assert desk.document("sync")["pulls"] == 1
    forget(home)
    desk.asked()
    assert desk.document("sync", "--update")["pulls"] == 0
    assert desk.hub.counters.by_selector(Action.MANIFEST_GET).total() > 0
