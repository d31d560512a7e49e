"""`pin` on a catalog, against the sandbox as Docker Hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seeder.errors import MissingError, PinMissingError, UsageError
from seeder.model.copy import Pulls
from seeder.model.platform import Platform
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.registries_conf import RegistriesConf, Registry
from seeder.registry.sources import Sources
from seeder.run.look import wanted
from seeder.run.pin import Options, Pinned, Pinner
from seeder.run.project import open_project
from seeder.sandbox import Sandbox
from seeder.store import ManifestStore

NGINX = ImageReference.parse("nginx:1.27")
AMD64 = Platform.parse("linux/amd64")


class Desk:
    """A catalog in a folder, and a person who pins it; each `pin` is a run of its own with the same cache."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.catalog = folder / "catalog.yaml"
        self.lock = folder / "catalog.lock.yaml"
        self._cache = folder / "cache"
        self._sandbox = sandbox
        self.announced: list[Pulls] = []

    def write(self, *images: str, platforms: str = "") -> None:
        lines = ["apiVersion: seeder/v1alpha1", "kind: Catalog", "metadata: {name: test}"]
        lines += [f"platforms: [{platforms}]"] if platforms else []
        self.catalog.write_text("\n".join([*lines, "images:", *(f"  - {image}" for image in images), ""]))

    def pin(self, **options: object) -> Pinned:
        project = open_project(self.catalog)
        hub = Registry(prefix="docker.io", location=self._sandbox.address, insecure=True)
        client = Client(Sources(conf=RegistriesConf(registries=(hub,))))
        pinner = Pinner(project, client, ManifestStore(self._cache), self._announce)
        places = wanted(project.catalog, "catalog.yaml")
        return pinner.pin(places, Options(**options))

    def _announce(self, cost: Pulls, _quotas: Mapping[str, Quota]) -> None:
        self.announced.append(cost)


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Desk:
    return Desk(tmp_path, sandbox)


def test_the_lock_is_written_once_and_stays_to_the_byte(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1.27")
    sandbox.put_index("redis:7.4")
    desk.write("redis:7.4", "nginx:1.27")
    assert desk.pin().written
    data, stamp = desk.lock.read_bytes(), desk.lock.stat().st_mtime_ns
    again = desk.pin(update=None)
    assert (again.written, again.added, again.moved) == (False, frozenset(), {})
    assert (desk.lock.read_bytes(), desk.lock.stat().st_mtime_ns) == (data, stamp)
    assert sandbox.pulls == 0


def test_a_failure_has_its_place_and_leaves_the_others_pinned(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1.27")
    desk.write("nginx:1.27", "absent:1.0")
    pinned = desk.pin()
    absent = ImageReference.parse("absent:1.0")
    assert [pin.reference for pin in pinned.lock] == [NGINX]
    assert isinstance(pinned.failures[absent], MissingError)
    assert pinned.places[absent] == ("catalog.yaml:6",)
    assert pinned.written


def test_an_update_of_what_is_not_there_is_usage(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1.27")
    desk.write("nginx:1.27")
    with pytest.raises(UsageError, match=r"redis:7"):
        desk.pin(update=(ImageReference.parse("redis:7"),))


def test_frozen_writes_nothing(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1.27")
    desk.write("nginx:1.27")
    desk.pin()
    desk.lock.write_text(desk.lock.read_text() + "# mine\n")
    before = sandbox.counters.total
    assert not desk.pin(frozen=True).written
    assert desk.lock.read_text().endswith("# mine\n")
    assert sandbox.counters.total == before


def test_frozen_names_what_is_missing_and_where_it_is_wanted(desk: Desk, sandbox: Sandbox) -> None:
    desk.write(*(f"lab:{number}" for number in range(7)))
    with pytest.raises(PinMissingError, match=r"has no pin for lab:0 \(.*catalog\.yaml:\d+\), lab:1 .* and 2 more"):
        desk.pin(frozen=True)
    assert sandbox.counters.total == 0


def test_frozen_names_an_image_that_is_missing_by_tag_and_by_digest(desk: Desk) -> None:
    desk.write("nginx:1.27", f"nginx@sha256:{'0' * 64}")
    with pytest.raises(PinMissingError, match=r"has no pin for nginx:1\.27 .*, nginx@sha256:0"):
        desk.pin(frozen=True)


def test_reading_manifests_says_its_price_first_and_fills_platforms_and_sizes(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1.27")
    sandbox.put_index("redis:7.4", attestations=True)
    desk.write("nginx:1.27", "redis:7.4", platforms="linux/amd64")
    pinned = desk.pin(read_manifests=True)
    assert desk.announced == [Pulls(at_least=3, assumed=3)]
    assert (sandbox.pulls, pinned.pulls) == (3, 3)
    for pin in pinned.lock:
        assert list(pin.platforms) == [AMD64]
        assert pin.platforms[AMD64].size == size_of(sandbox, pin.reference, pin.platforms[AMD64].digest)


def size_of(sandbox: Sandbox, reference: ImageReference, digest: object) -> int:
    manifest = sandbox.manifest(f"{reference.repository}@{digest}")
    assert manifest is not None
    return sum(blob.size for blob in manifest.blobs())


def test_what_was_read_once_costs_nothing_again(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_index("redis:7.4")
    desk.write("redis:7.4")
    desk.pin(read_manifests=True)
    desk.lock.unlink()
    sandbox.reset()
    again = desk.pin(read_manifests=True)
    assert desk.announced[1] == Pulls(at_least=0, assumed=0)
    assert (sandbox.pulls, again.pulls) == (0, 0)
    assert len(again.lock.pins[0].platforms) == 2


def test_an_index_that_nobody_read_has_an_assumed_price(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_index("redis:7.4")
    desk.write("redis:7.4")
    desk.pin(read_manifests=True)
    assert desk.announced == [Pulls(at_least=1, assumed=9, exact=False)]


def test_a_platform_that_an_image_does_not_have_is_named(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.put_index("redis:7.4")
    desk.write("redis:7.4", platforms="linux/s390x")
    error = desk.pin(read_manifests=True).failures[ImageReference.parse("redis:7.4")]
    assert error.message == "docker.io/library/redis:7.4 has nothing for linux/s390x; it has linux/amd64, linux/arm64"


def test_the_quota_is_seen_on_the_way(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.set_quota(50)
    sandbox.put_image("nginx:1.27")
    desk.write("nginx:1.27")
    assert desk.pin().quotas["docker.io"].remaining == 50


def test_a_spent_quota_fails_the_reading_and_keeps_the_pin(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.set_quota(0)
    sandbox.put_image("nginx:1.27")
    desk.write("nginx:1.27")
    pinned = desk.pin(read_manifests=True)
    assert pinned.failures[NGINX].code == "quota"
    assert [pin.reference for pin in pinned.lock] == [NGINX]
