"""The whole story with the real command line: sync, rewrite, sync --update, rewrite, restore."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.event import HUB_IMAGES, Event, Target, prepare
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import PASSWORD, USER, StartRegistry
from tests.fixtures.logins import encoded, write_auth_file
from tests.fixtures.sandboxes import StartSandbox

_ENGINES = pytest.mark.parametrize("engine", ["direct", "skopeo"])


@pytest.fixture
def event(tmp_path: Path, start_sandbox: StartSandbox, start_registry: StartRegistry) -> Event:
    """Two workshops, Docker Hub's stand-in with the anonymous quota, and a real registry over plain HTTP."""
    return prepare(tmp_path, start_sandbox(quota=100), Target(address=start_registry().address))


@_ENGINES
def test_sync_rewrite_update_rewrite_restore(event: Event, skopeo: str, engine: str) -> None:
    before = event.bytes_of_workshops()
    assert len(event.hub_places()) > len(HUB_IMAGES)

    assert set(event.outcomes("sync", "--engine", engine, "catalog.yaml").values()) == {"copied"}
    assert event.bytes_of_workshops() == before
    event.seeder("rewrite", "--check", "catalog.yaml", expect=1)
    event.seeder("rewrite", "--in-place", "catalog.yaml")
    assert event.hub_places() == []
    event.seeder("rewrite", "--check", "catalog.yaml")
    rewritten = event.bytes_of_workshops()
    event.seeder("rewrite", "--in-place", "catalog.yaml")
    assert event.bytes_of_workshops() == rewritten

    moved = event.hub.put_image("kestrel/guestbook:3.0.1", note="moved")
    assert set(event.outcomes("sync", "--engine", engine, "--update", "catalog.yaml").values()) == {"copied", "present"}
    event.seeder("rewrite", "--in-place", "catalog.yaml")
    guestbook = (event.workshops / "kubernetes-intro/exercises/guestbook.yaml").read_text()
    assert f'&image "{event.target.address}/kestrel/guestbook:3.0.1@{moved.digest}"' in guestbook
    assert event.hub_places() == []

    event.seeder("restore", "catalog.yaml")
    assert event.bytes_of_workshops() == before


def test_one_command_does_it_all(event: Event) -> None:
    before = event.bytes_of_workshops()
    event.seeder("sync", "--rewrite", "in-place", "catalog.yaml")
    assert event.hub_places() == []
    event.seeder("verify", "catalog.yaml")
    event.seeder("restore", "catalog.yaml")
    assert event.bytes_of_workshops() == before


@_ENGINES
def test_the_target_serves_what_was_pinned(event: Event, skopeo: str, engine: str) -> None:
    event.seeder("sync", "--engine", engine, "catalog.yaml")
    for name, several in HUB_IMAGES.items():
        served = event.at_target(name)
        # One platform of an image with several: that platform's own manifest is what was pinned.
        wanted = event.images[name].digest
        assert served is not None, name
        assert (served != str(wanted)) if several else (served == str(wanted)), name
        assert event.at_target(f"{name}-{served.removeprefix('sha256:')[:12]}") == served, name


def test_a_second_run_costs_nothing(event: Event) -> None:
    event.seeder("sync", "catalog.yaml")
    lock = (event.folder / "catalog.lock.yaml").read_bytes()
    event.hub.reset()
    assert set(event.outcomes("sync", "catalog.yaml").values()) == {"present"}
    assert event.hub.counters.total == 0
    assert set(event.outcomes("sync", "--update", "catalog.yaml").values()) == {"present"}
    assert event.hub.counters.manifest_gets.total() == 0
    assert event.hub.pulls == 0
    assert (event.folder / "catalog.lock.yaml").read_bytes() == lock


def test_a_quota_that_does_not_do_leaves_the_rest_for_later(event: Event) -> None:
    event.hub.set_quota(8)
    first = event.outcomes("sync", "catalog.yaml", expect=4)
    assert "deferred" in first.values()
    assert "failed" not in first.values()
    assert event.hub.pulls <= 8
    event.hub.set_quota(100)
    assert set(event.outcomes("sync", "catalog.yaml").values()) <= {"copied", "present"}
    assert set(event.outcomes("sync", "catalog.yaml").values()) == {"present"}


def _secret(registry: str, folder: Path) -> dict[str, str]:
    return {"REGISTRY_AUTH_FILE": str(write_auth_file(folder / "auth.json", {registry: (USER, PASSWORD)}))}


@_ENGINES
def test_a_target_that_asks_for_a_password(
    tmp_path: Path, start_sandbox: StartSandbox, start_registry: StartRegistry, skopeo: str, engine: str
) -> None:
    target = Target(address=start_registry(basic=True).address, authorization=f"Basic {encoded(USER, PASSWORD)}")
    event = prepare(tmp_path, start_sandbox(), target)
    assert event.failures("sync", "--engine", engine, "catalog.yaml") == {"denied"}
    assert event.at_target("nginx:1.27.3") is None

    event = prepare(tmp_path / "again", event.hub, target, _secret(target.address, tmp_path))
    assert set(event.outcomes("sync", "--engine", engine, "catalog.yaml").values()) == {"copied"}
    event.seeder("verify", "--deep", "catalog.yaml")


def test_a_private_repository_behind_tokens(
    tmp_path: Path, start_sandbox: StartSandbox, start_registry: StartRegistry
) -> None:
    private = "kestrel/kube-tools"
    hub = start_sandbox(basic=(USER, PASSWORD), anonymous_pull=True, private=frozenset({private}))
    target = Target(address=start_registry().address)
    event = prepare(tmp_path, hub, target)
    outcomes = event.outcomes("sync", "catalog.yaml", expect=1)
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == {f"{private}:0.9.2"}

    # As containers does: where registries.conf sends a name elsewhere, that host's credentials count.
    event = prepare(tmp_path / "again", hub, target, _secret(hub.address, tmp_path))
    assert event.outcomes("sync", "catalog.yaml")[f"{private}:0.9.2"] == "copied"


def _certs_d(authority: Authority, address: str, home: Path) -> dict[str, str]:
    folder = home / ".config" / "containers" / "certs.d" / address
    folder.mkdir(parents=True)
    (folder / "ca.crt").write_bytes(authority.file.read_bytes())
    return {}


def _ssl_cert_file(authority: Authority, address: str, home: Path) -> dict[str, str]:
    return {"SSL_CERT_FILE": str(authority.file)}


@_ENGINES
@pytest.mark.parametrize("trust", [_certs_d, _ssl_cert_file])
def test_a_target_with_a_private_authority(
    *,
    tmp_path: Path,
    home: Path,
    authority: Authority,
    start_sandbox: StartSandbox,
    start_registry: StartRegistry,
    trust: Callable[[Authority, str, Path], dict[str, str]],
    skopeo: str,
    engine: str,
) -> None:
    context = ssl.create_default_context(cafile=authority.file)
    address = start_registry(authority=authority).address
    target = Target(address=address, scheme="https", context=context, keys={})
    event = prepare(tmp_path, start_sandbox(), target)
    assert event.failures("sync", "--engine", engine, "catalog.yaml") == {"certificate"}

    event = prepare(tmp_path / "again", event.hub, target, trust(authority, address, home))
    assert set(event.outcomes("sync", "--engine", engine, "catalog.yaml").values()) == {"copied"}
    event.seeder("verify", "catalog.yaml")
