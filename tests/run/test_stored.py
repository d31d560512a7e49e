"""The lock beside the images: stored by sync, the same bytes once, and read back by --lock and by other tools."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from seeder.model.digest import Digest
from seeder.sandbox import Action, Sandbox
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import PASSWORD, USER, StartRegistry
from tests.fixtures.faults import Fault, Kind
from tests.fixtures.logins import encoded, write_auth_file
from tests.run.desk import Desk

LOCKS = "seeder/locks/c"


def stored(target: Sandbox, tag: str = "latest") -> bytes | None:
    """The lock that an artifact holds."""
    manifest = target.manifest(f"{target.address}/{LOCKS}:{tag}")
    if manifest is None:
        return None
    document = json.loads(manifest.raw)
    assert document["artifactType"] == "application/vnd.seeder.lock.v1+yaml"
    (layer,) = document["layers"]
    assert layer["annotations"] == {"org.opencontainers.image.title": "c.lock.yaml"}
    assert target.has_blob(f"{target.address}/{LOCKS}", Digest.parse(layer["digest"]))
    blob = target._storage.any_blob(Digest.parse(layer["digest"]))
    return blob.data if blob else None


def test_it_is_stored_once_and_found_there_from_then_on(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_index("nginx:1")
    desk.catalog("nginx:1")
    told = desk.document("sync", "--store-lock")["lock"]
    assert (told["outcome"], told["target"]) == ("copied", f"{desk.address}/{LOCKS}:latest")
    assert stored(target) == desk.lock_path.read_bytes()
    assert set(target.tags(f"{target.address}/{LOCKS}")) == {"latest", f"seeder-{Digest.parse(told['digest']).short}"}
    target.reset()
    assert desk.document("sync", "--store-lock")["lock"]["outcome"] == "present"
    asked = target.counters
    assert (asked.manifest_puts.total(), asked.uploads.total(), asked.blob_heads.total()) == (0, 0, 0)
    desk.run("sync")
    assert desk.document("sync")["lock"] is None


def test_each_lock_stays_beside_the_newest(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1")
    desk.run("sync", "--store-lock")
    first = desk.lock_path.read_bytes()
    old = set(target.tags(f"{target.address}/{LOCKS}")) - {"latest"}
    desk.hub.put_image("redis:7")
    desk.catalog("nginx:1", "redis:7", targets={"event": desk_target(desk, store_lock=True)})
    assert desk.document("sync")["lock"]["outcome"] == "copied"
    assert stored(target) == desk.lock_path.read_bytes() != first
    assert stored(target, old.pop()) == first
    assert desk.document("sync", "--no-store-lock")["lock"] is None


def desk_target(desk: Desk, **keys: object) -> dict[str, object]:
    return {"registry": desk.address, "insecure": True, "reached_by": ["kubelet"], **keys}


def test_a_run_that_fails_stores_nothing(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1", {"reference": "redis:7", "required": False})
    told = desk.document("sync", "--store-lock")["lock"]
    assert (told["outcome"], "1 image is not there" in told["reason"]) == ("skipped", True)
    assert stored(target) is None
    assert "the lock was not stored" in desk.err


def test_a_target_that_refuses_it_fails_the_run_and_the_images_stay(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1")
    target.inject(Fault(kind=Kind.STATUS, status=403, action=Action.UPLOAD_POST, path="seeder/locks", times=None))
    document = desk.document("sync", "--store-lock", code=1)
    assert [each["outcome"] for each in document["outcomes"]] == ["copied"]
    assert (document["lock"]["outcome"], document["lock"]["error"]["code"]) == ("failed", "denied")
    assert "storing c.lock.yaml in" in desk.err
    target.heal()
    target.inject(Fault(kind=Kind.STATUS, action=Action.UPLOAD_PUT, path="seeder/locks", times=1))
    assert desk.document("sync", "--store-lock")["lock"]["outcome"] == "copied"


def test_it_is_read_back_where_no_file_is(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1")
    desk.run("sync", "--store-lock")
    desk.lock_path.unlink()
    name = f"oci://{desk.address}/{LOCKS}:latest"
    desk.hub.reset()
    desk.run("verify", "--lock", name)
    assert desk.document("sync", "--frozen", "--lock", name)["outcomes"][0]["outcome"] == "present"
    assert desk.document("plan", "--lock", name)["pulls"]["at_least"] == 0
    desk.run("rewrite", "--check", "--lock", name)
    assert desk.hub.counters.total == 0
    for command, arguments in (("pin", ()), ("sync", ()), ("restore", ())):
        desk.run(command, *arguments, "--lock", name, code=2)
        assert "can only be read" in desk.err
    assert not desk.lock_path.exists()
    desk.run("verify", "--lock", f"oci://{desk.address}/library/nginx:1", code=2)
    assert "holds no lock" in desk.err
    desk.run("verify", "--lock", f"oci://{desk.address}/{LOCKS}:none", code=1)


def test_without_it_nothing_of_oras_is_imported(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1")
    for name in [name for name in sys.modules if name.partition(".")[0] in {"oras", "requests"}]:
        monkeypatch.delitem(sys.modules, name)
    desk.run("sync")
    assert "oras" not in sys.modules
    desk.run("sync", "--store-lock")
    assert "oras" in sys.modules
    monkeypatch.delitem(sys.modules, "oras")
    desk.run("sync", "--store-lock")
    assert "oras" not in sys.modules


@pytest.mark.parametrize(
    ("name", "place"), [("Docker Fundamentals (2026)", "docker-fundamentals-2026"), ("工作坊", None)]
)
def test_a_catalog_is_called_as_it_may_be(desk: Desk, target: Sandbox, name: str, place: str | None) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1", metadata={"name": name})
    desk.run("sync", "--store-lock", code=0 if place else 2)
    if place:
        assert target.manifest(f"{target.address}/seeder/locks/{place}:latest") is not None
    else:
        assert "metadata" in desk.err


def test_a_folder_holds_no_lock(desk: Desk, tmp_path: Path) -> None:
    folder = {"kind": "oci-layout", "path": str(tmp_path / "images")}
    desk.catalog("nginx:1", targets={"folder": folder})
    desk.run("sync", "--store-lock", code=2)
    assert "is a folder" in desk.err
    desk.catalog("nginx:1", targets={"folder": {**folder, "store_lock": True}})
    desk.run("sync", code=2)
    assert "targets.folder.store_lock: is for registries" in desk.err


def test_a_private_registry_over_tls(
    desk: Desk, start_registry: StartRegistry, authority: Authority, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real registry, which does not know the artifact's type; no secret stands in what is stored or said."""
    there = start_registry(authority=authority, basic=True)
    auth = write_auth_file(home / "auth.json", {there.address: (USER, PASSWORD)})
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(auth))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1", targets={"event": {"registry": there.address, "store_lock": True, "prefix": "class"}})
    desk.run("sync")
    name = f"oci://{there.address}/class/seeder/locks/c:latest"
    desk.run("verify", "--lock", name)
    kept = [path.read_bytes() for path in there.storage.rglob("data")]
    assert any(data == desk.lock_path.read_bytes() for data in kept)
    assert not any(secret in data for data in kept for secret in (PASSWORD.encode(), encoded(USER, PASSWORD).encode()))
    assert there.address.encode() not in desk.lock_path.read_bytes()
    auth.write_text("{}")
    told_now = desk.document("sync", "--frozen", code=1)
    assert PASSWORD not in desk.out + desk.err
    assert told_now["lock"]["outcome"] == "skipped"


@pytest.mark.parametrize("ways", [{"token_auth": True}, {"basic": (USER, PASSWORD), "anonymous_pull": True}])
def test_whoever_may_push_is_asked_for_again(
    desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch, ways: dict[str, object]
) -> None:
    """Where a pull needs no login, the challenge comes with the push; and tokens that end in between."""
    with Sandbox(**{"token_auth": False, **ways}) as there:
        auth = write_auth_file(home / "auth.json", {there.address: (USER, PASSWORD)})
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(auth))
        there.inject(Fault(kind=Kind.EXPIRE_TOKENS, path="seeder/locks.*uploads", times=1))
        desk.hub.put_image("nginx:1")
        desk.catalog("nginx:1", targets={"event": {"registry": there.address, "insecure": True}})
        desk.run("sync")
        assert desk.document("sync", "--store-lock")["lock"]["outcome"] == "copied"
        desk.run("verify", "--lock", f"oci://{there.address}/{LOCKS}:latest")
