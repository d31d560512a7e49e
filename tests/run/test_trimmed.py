"""`index: filtered`: the wanted platforms of an index alone, from plan to rewriting."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from seeder import selection
from seeder.cli.app import main
from seeder.layout import open_layout
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.sandbox import AMD64, ARM64, Sandbox
from tests.engines.bench import RISCV
from tests.fixtures.distribution import StartRegistry
from tests.run.desk import Desk, forget

MANY = (AMD64, ARM64, RISCV)
BOTH = ["linux/amd64", "linux/arm64"]
NGINX = ImageReference.parse("nginx:1.27")


def wanted(desk: Desk, name: str = "nginx:1.27") -> Manifest:
    """The trimmed index of what the hub has now."""
    whole = desk.hub.manifest(name)
    assert whole is not None
    return selection.trimmed(ImageReference.parse(name), whole, (AMD64, ARM64))


def stands(target: Sandbox, tag: str = "1.27", repository: str = "nginx") -> Digest:
    manifest = target.manifest(f"{repository}:{tag}")
    assert manifest is not None
    return manifest.descriptor.digest


@pytest.fixture
def filled(desk: Desk) -> Manifest:
    """A hub with three platforms and attestations, a catalog that wants two of them; the trimmed index."""
    desk.hub.put_index("nginx:1.27", platforms=MANY, attestations=True)
    desk.catalog("nginx:1.27", platforms=BOTH, index="filtered")
    return wanted(desk)


def test_only_what_is_wanted_is_copied_and_served(desk: Desk, target: Sandbox, filled: Manifest) -> None:
    whole = desk.hub.manifest("nginx:1.27")
    assert whole is not None
    assert desk.document("plan")["pulls"]["at_least"] == 3
    desk.hub.reset()
    document = desk.document("sync")
    digest = filled.descriptor.digest
    assert [(one["outcome"], one["digest"]) for one in document["outcomes"]] == [("copied", str(digest))]
    assert document["pulls"] == desk.hub.counters.manifest_gets.total() == 5  # the index, two images, two attestations
    names = {"1.27", f"1.27-{whole.descriptor.digest.short}", f"1.27-{digest.short}"}
    assert set(target.tags("nginx")) == names
    assert {stands(target, name) for name in names} == {digest}
    gone = whole.for_platform(RISCV)
    assert gone is not None
    assert target.manifest(f"nginx@{gone.digest}") is None
    pin = desk.lock.by_reference()[NGINX]
    assert (pin.descriptor.digest, pin.served) == (whole.descriptor.digest, {"event": digest})
    assert {str(platform) for platform in pin.platforms} == set(BOTH)


def test_a_second_run_asks_nothing_and_writes_nothing(desk: Desk, filled: Manifest, home: Path) -> None:
    desk.run("sync")
    before = desk.lock_path.read_bytes()
    for pod in (False, True):
        desk.asked()
        if pod:
            forget(home)
        assert desk.outcomes("sync")["nginx:1.27"]["outcome"] == "present"
        assert desk.asked() == 0
        assert desk.lock_path.read_bytes() == before
        desk.run("verify", "--deep")
        assert desk.asked() == 0
    assert desk.document("plan")["pulls"] == {"at_least": 0, "assumed": 0, "exact": True}


def test_a_lock_that_never_saw_the_index_finds_it_by_its_tag(desk: Desk, filled: Manifest, home: Path) -> None:
    desk.run("pin")
    desk.run("sync", "--frozen")
    assert desk.lock.pins[0].served == {}
    forget(home)
    desk.asked()
    assert desk.outcomes("sync", "--frozen")["nginx:1.27"]["outcome"] == "present"
    desk.run("verify")
    assert desk.asked() == 0


def test_what_stands_whole_under_other_tags_costs_no_pull(desk: Desk, target: Sandbox, filled: Manifest) -> None:
    target.put_index("nginx:mirrored", platforms=MANY, attestations=True)
    assert target.manifest("nginx:mirrored") == desk.hub.manifest("nginx:1.27")
    assert desk.outcomes("sync")["nginx:1.27"]["digest"] == str(filled.descriptor.digest)
    assert desk.hub.counters.manifest_gets.total() == 0
    assert stands(target) == filled.descriptor.digest
    desk.run("verify", "--deep")


def test_a_wiped_target_costs_no_pull(desk: Desk, filled: Manifest, home: Path) -> None:
    desk.run("sync")
    with Sandbox(token_auth=False) as empty:
        desk.address = empty.address
        desk.catalog("nginx:1.27", platforms=BOTH, index="filtered")
        desk.hub.reset()
        assert desk.outcomes("sync", "--frozen")["nginx:1.27"]["outcome"] == "copied"
        assert desk.hub.counters.manifest_gets.total() == 0
        assert stands(empty) == filled.descriptor.digest


def test_a_lost_child_is_copied_once_more(desk: Desk, target: Sandbox, filled: Manifest, home: Path) -> None:
    desk.run("sync")
    child = filled.children()[0].digest
    manifest = target.manifest(f"nginx@{child}")
    assert manifest is not None
    target.remove_manifest(f"nginx@{child}")
    forget(home)
    desk.run("verify", code=1)
    desk.outcomes("sync")
    assert target.manifest(f"nginx@{child}") == manifest


def test_an_update_moves_the_tag_and_what_is_served(desk: Desk, target: Sandbox, filled: Manifest, home: Path) -> None:
    desk.run("sync")
    desk.hub.put_index("nginx:1.27", platforms=MANY, note="rebuilt")
    again = wanted(desk).descriptor.digest
    assert again != filled.descriptor.digest
    assert desk.outcomes("sync", "--update")["nginx:1.27"]["digest"] == str(again)
    assert stands(target) == again
    assert desk.lock.pins[0].served == {"event": again}


def test_a_pin_that_moved_elsewhere_moves_the_tag_also_when_frozen(
    desk: Desk, target: Sandbox, filled: Manifest, home: Path
) -> None:
    desk.run("sync")
    desk.hub.put_index("nginx:1.27", platforms=MANY, note="rebuilt")
    desk.run("pin", "--update")
    forget(home)
    assert desk.outcomes("sync", "--frozen")["nginx:1.27"]["outcome"] == "copied"
    assert stands(target) == wanted(desk).descriptor.digest


def test_a_tag_of_others_is_a_conflict(desk: Desk, target: Sandbox, filled: Manifest) -> None:
    target.put_image("nginx:1.27", note="somebody else's")
    assert desk.outcomes("sync", code=1)["nginx:1.27"]["error"]["code"] == "tag-conflict"
    desk.run("sync", "--update")
    assert stands(target) == filled.descriptor.digest


@pytest.mark.parametrize(
    "keys",
    [{"platforms": BOTH}, {"platforms": [*BOTH, "linux/riscv64"], "index": "filtered"}, {"platforms": None}],
)
def test_from_trimmed_to_whole_and_back(desk: Desk, target: Sandbox, filled: Manifest, keys: dict[str, object]) -> None:
    desk.run("sync")
    whole = desk.lock.pins[0].descriptor.digest
    desk.catalog("nginx:1.27", **keys)
    assert desk.outcomes("sync")["nginx:1.27"]["digest"] == str(stands(target))
    pin = desk.lock.pins[0]
    if "index" not in keys or desk.hub.manifest("nginx:1.27").raw == target.manifest("nginx:1.27").raw:
        assert stands(target) == whole
    assert pin.served == ({"event": stands(target)} if "index" in keys else {})
    desk.catalog("nginx:1.27", platforms=BOTH, index="filtered")
    desk.run("sync")
    assert stands(target) == filled.descriptor.digest
    assert desk.lock.pins[0].served == {"event": filled.descriptor.digest}


def test_nothing_to_take_out_keeps_the_digest(desk: Desk, target: Sandbox) -> None:
    whole = desk.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64), docker=True)
    desk.catalog({"reference": "nginx:1.27", "index": "filtered", "platforms": BOTH})
    desk.run("sync")
    assert stands(target) == whole.digest
    assert len(target.tags("nginx")) == 2


def test_images_that_are_no_index_and_single_platforms_stay_as_they_are(desk: Desk, target: Sandbox) -> None:
    image = desk.hub.put_image("redis:7")
    desk.hub.put_index("nginx:1.27", platforms=MANY)
    desk.catalog("redis:7", {"reference": "nginx:1.27", "platforms": ["linux/amd64"]}, platforms=BOTH, index="filtered")
    desk.run("sync")
    assert stands(target, "7", "redis") == image.digest
    served = target.manifest("nginx:1.27")
    assert served is not None
    assert not served.descriptor.is_index
    assert {str(pin.reference): dict(pin.served) for pin in desk.lock} == {
        "docker.io/library/nginx:1.27": {},
        "docker.io/library/redis:7": {},
    }
    before = desk.lock_path.read_bytes()
    desk.run("sync")
    assert desk.lock_path.read_bytes() == before


def test_a_platform_that_the_image_lacks_is_named(desk: Desk, target: Sandbox, filled: Manifest) -> None:
    desk.catalog("nginx:1.27", platforms=["linux/amd64", "linux/s390x"], index="filtered")
    error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
    assert error["code"] == "platform-missing"
    assert "linux/s390x" in error["message"]
    assert target.tags("nginx") == []


def test_files_and_exports_name_what_is_served(desk: Desk, filled: Manifest) -> None:
    (desk.folder / "w").mkdir()
    pod = desk.folder / "w/pod.yaml"
    text = "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: nginx:1.27\n"
    pod.write_text(text)
    desk.catalog(workshops=[{"path": "w"}], platforms=BOTH, index="filtered")
    desk.run("pin")
    desk.run("rewrite", "--in-place", code=1)  # nobody knows yet what will be served
    assert "does not say which digest linux/amd64, linux/arm64 has" in desk.out + desk.err
    desk.run("sync", "--rewrite", "in-place")
    digest = filled.descriptor.digest
    assert f"nginx:1.27@{digest}" in pod.read_text()
    desk.run("rewrite", "--check")
    desk.asked()
    assert desk.outcomes("sync", "--frozen")["nginx:1.27"]["outcome"] == "present"
    assert desk.asked() == 0
    assert main(["export", str(desk.path), "--as", "imageslock"]) == 0
    assert str(digest) in desk.capsys.readouterr().out
    desk.run("restore")
    assert pod.read_text() == text


def test_through_a_folder(desk: Desk, target: Sandbox, filled: Manifest, home: Path) -> None:
    document = yaml.safe_load(desk.path.read_text())
    document["targets"]["air"] = {"kind": "oci-layout", "path": "air"}
    desk.path.write_text(yaml.safe_dump(document))
    desk.run("sync", "--target", "air")
    desk.run("verify", "--target", "air", "--deep")
    digest = filled.descriptor.digest
    assert open_layout(desk.folder / "air").names()["library/nginx:1.27"].digest == digest
    desk.hub.stop()
    forget(home)
    outcomes = desk.outcomes("sync", "--from", f"oci:{desk.folder / 'air'}", "--frozen", "--target", "event")
    assert (outcomes["nginx:1.27"]["outcome"], outcomes["nginx:1.27"]["digest"]) == ("copied", str(digest))
    assert stands(target) == digest
    desk.run("sync", "--from", f"oci:{desk.folder / 'air'}", "--target", "event")
    assert desk.lock.pins[0].served == {"air": digest, "event": digest}


def test_a_real_registry_takes_it(desk: Desk, filled: Manifest, start_registry: StartRegistry) -> None:
    desk.address = start_registry().address
    desk.catalog("nginx:1.27", platforms=BOTH, index="filtered")
    desk.run("sync")
    desk.run("verify", "--deep")


def test_two_names_of_one_index_are_copied_once(desk: Desk, target: Sandbox, filled: Manifest) -> None:
    whole = desk.hub.manifest("nginx:1.27")
    assert whole is not None
    both = f"nginx:1.27@{whole.descriptor.digest}"
    desk.catalog("nginx:1.27", both, platforms=BOTH, index="filtered")
    desk.run("sync")
    assert desk.hub.counters.manifest_gets.total() == 5
    assert stands(target) == filled.descriptor.digest
    assert {str(digest) for pin in desk.lock for digest in pin.served.values()} == {str(filled.descriptor.digest)}


def test_the_skopeo_engine_refuses_by_name(desk: Desk, filled: Manifest, skopeo: str) -> None:
    desk.run("sync", "--engine", "skopeo", code=2)
    assert "the engine skopeo cannot trim an index (`index: filtered`)" in desk.err
    assert desk.asked() == 0
    desk.catalog("nginx:1.27", index="filtered")  # one platform needs no index
    desk.run("sync", "--engine", "skopeo")
