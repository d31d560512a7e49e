"""Verifying the sandbox as a target: whole, and with each kind of thing that can be wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from seeder.errors import (
    ConflictError,
    DigestMismatchError,
    MissingError,
    SeederError,
    StoppedError,
    UnreachableError,
)
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.sandbox import Layer, Sandbox
from seeder.sandbox.counters import Action
from seeder.verify import Expected, Faults, verify
from tests.fixtures.distribution import Distribution
from tests.fixtures.faults import Fault, Kind
from tests.registry.images import push_image

NGINX = "library/nginx:1.27"
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(Sources(), insecure_hosts=[sandbox.address])


def expected(sandbox: Sandbox, name: str, root: Descriptor, *tags: str) -> Expected:
    reference = ImageReference.parse(name)
    place = Destination(
        target="event",
        registry=sandbox.address,
        written=sandbox.address,
        repository=reference.repository,
        tags=(reference.tag or "latest", *tags),
    )
    return Expected(place, root.digest)


def some_blob(sandbox: Sandbox, name: str, at: int = -1) -> Digest:
    """A layer of an image, or of the first child of an index."""
    manifest = sandbox.manifest(name)
    assert manifest is not None
    for child in manifest.children():
        manifest = sandbox.manifest(f"{name.partition(':')[0]}@{child.digest}")
        assert manifest is not None
        break
    return manifest.blobs()[at].digest


def test_what_is_whole_is_present(sandbox: Sandbox, client: Client) -> None:
    image = expected(sandbox, NGINX, sandbox.put_image(NGINX))
    index = expected(sandbox, "redis:7", sandbox.put_index("redis:7", attestations=True))
    assert verify(client, [image, index]) == {image: None, index: None}
    assert sandbox.counters.blob_gets.total() == 0


def test_each_manifest_and_blob_is_asked_for_once(sandbox: Sandbox, client: Client) -> None:
    root = sandbox.put_index("redis:7")
    sandbox.put_index("redis:7.4")
    verify(client, [expected(sandbox, "redis:7", root), expected(sandbox, "redis:7.4", root)])
    counters = sandbox.counters
    assert set(counters.by_selector(Action.MANIFEST_GET).values()) == {1}
    assert set(counters.by_selector(Action.BLOB_HEAD).values()) == {1}


def test_indexes_that_name_each_other_many_times_are_read_once(sandbox: Sandbox, client: Client) -> None:
    root = sandbox.put_image("nest:0")
    for level in range(1, 9):
        entry = {"mediaType": root.media_type, "digest": str(root.digest), "size": root.size}
        raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry] * 20}).encode()
        root = sandbox.put_manifest(f"nest:{level}", OCI_INDEX, raw)
    want = expected(sandbox, "nest:8", root)
    assert verify(client, [want]) == {want: None}


def test_a_layer_that_stands_in_no_registry_is_not_asked_for(sandbox: Sandbox, client: Client) -> None:
    base = {"mediaType": FOREIGN, "digest": str(Digest.of(b"base")), "size": 4, "urls": ["https://example.com/base"]}
    raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [base]}).encode()
    want = expected(sandbox, "win:1", sandbox.put_manifest("win:1", OCI_MANIFEST, raw))
    assert verify(client, [want]) == {want: None}


class Stopping(Client):
    """One whose run is told to end when it comes to a blob."""

    def blobs(self, place: ImageReference) -> NoReturn:
        raise StoppedError(130)


def test_a_run_that_is_told_to_end_tells_what_it_came_to_the_end_of(sandbox: Sandbox) -> None:
    empty = sandbox.put_manifest("empty:1", OCI_INDEX, b'{"schemaVersion": 2, "manifests": []}')
    done, missing = expected(sandbox, "empty:1", empty), expected(sandbox, "gone:1", empty)
    heard: list[Faults] = []
    client = Stopping(Sources(), insecure_hosts=[sandbox.address])
    with pytest.raises(StoppedError):
        verify(client, [done, missing, expected(sandbox, NGINX, sandbox.put_image(NGINX))], on_stop=heard.append)
    (faults,) = heard
    assert list(faults) == [done, missing]
    assert faults[done] is None
    assert isinstance(faults[missing], MissingError)


def no_tag(sandbox: Sandbox, name: str) -> None:
    sandbox.remove_manifest(name)


def no_blob(sandbox: Sandbox, name: str) -> None:
    sandbox.remove_blob(name, some_blob(sandbox, name))


def no_config(sandbox: Sandbox, name: str) -> None:
    sandbox.remove_blob(name, some_blob(sandbox, name, 0))


def no_child(sandbox: Sandbox, name: str) -> None:
    manifest = sandbox.manifest(name)
    assert manifest is not None
    sandbox.remove_manifest(f"{name.partition(':')[0]}@{manifest.children()[0].digest}")


def moved_tag(sandbox: Sandbox, name: str) -> None:
    sandbox.put_image(name, note="other")


@pytest.mark.parametrize(
    ("damage", "kind", "words"),
    [
        (no_tag, MissingError, "library/redis:7 is not there"),
        (no_blob, MissingError, "lacks the blob sha256:"),
        (no_config, MissingError, "lacks the blob sha256:"),
        (no_child, MissingError, "the manifest .* is not there"),
        (moved_tag, ConflictError, "was pinned"),
    ],
)
def test_what_is_missing_is_named(
    sandbox: Sandbox,
    client: Client,
    damage: Callable[[Sandbox, str], None],
    kind: type[SeederError],
    words: str,
) -> None:
    whole = expected(sandbox, NGINX, sandbox.put_image(NGINX))
    broken = expected(sandbox, "redis:7", sandbox.put_index("redis:7"))
    damage(sandbox, "redis:7")
    faults = verify(client, [whole, broken])
    assert faults[whole] is None
    with pytest.raises(kind, match=words) as raised:
        raise faults[broken] or AssertionError
    assert raised.value.hint


def test_a_second_tag_counts_too(sandbox: Sandbox, client: Client) -> None:
    root = sandbox.put_image(NGINX)
    want = expected(sandbox, NGINX, root, f"1.27-{root.digest.short}")
    assert isinstance(verify(client, [want])[want], MissingError)


@dataclass(frozen=True)
class Stored:
    """An image in a real registry, and a client for it."""

    client: Client
    want: Expected
    layer: Path

    def verify(self, *, deep: bool = False) -> SeederError | None:
        return verify(self.client, [self.want], deep=deep)[self.want]


@pytest.fixture
def stored(docker_registry: Distribution) -> Stored:
    client = Client(Sources(), insecure_hosts=[docker_registry.address])
    manifest = push_image(client, ImageReference.parse(f"{docker_registry.address}/{NGINX}"), layers=[b"0123456789"])
    layer = Digest.of(b"0123456789").hex
    return Stored(
        client,
        Expected(
            destination=Destination(
                target="event",
                registry=docker_registry.address,
                written=docker_registry.address,
                repository="library/nginx",
                tags=("1.27",),
            ),
            root=manifest.descriptor.digest,
        ),
        docker_registry.storage / f"docker/registry/v2/blobs/sha256/{layer[:2]}/{layer}/data",
    )


def test_a_blob_of_another_size_is_found_by_head(stored: Stored) -> None:
    assert stored.verify() is None
    stored.layer.write_bytes(b"012345")
    assert isinstance(stored.verify(), DigestMismatchError)


def test_changed_bytes_of_the_same_size_are_found_by_deep_alone(stored: Stored) -> None:
    assert stored.verify(deep=True) is None
    stored.layer.write_bytes(b"012345678X")
    assert stored.verify() is None
    error = stored.verify(deep=True)
    assert isinstance(error, DigestMismatchError)
    assert str(Digest.of(b"012345678X")) in error.message


def test_what_a_mirror_has_does_not_stand_at_the_target(sandbox: Sandbox, home: Path) -> None:
    want = expected(sandbox, "redis:7", sandbox.put_index("redis:7"))
    no_child(sandbox, "redis:7")
    with Sandbox() as mirror:
        mirror.put_index("redis:7")
        table = f'[[registry]]\nlocation = "{sandbox.address}"\n[[registry.mirror]]\nlocation = "{mirror.address}"\n'
        (home / "registries.conf").write_text(table + "insecure = true\n")
        client = Client(Sources.load(dict(os.environ)), insecure_hosts=[sandbox.address])
        assert isinstance(verify(client, [want])[want], MissingError)


def test_deep_reads_each_blob_once(sandbox: Sandbox, client: Client) -> None:
    one = expected(sandbox, NGINX, sandbox.put_image(NGINX))
    two = expected(sandbox, "other/nginx:1.27", sandbox.put_image("other/nginx:1.27"))
    assert verify(client, [one, two], deep=True) == {one: None, two: None}
    assert set(sandbox.counters.by_selector(Action.BLOB_GET).values()) == {1}


def test_a_blob_that_one_repository_lacks_is_read_in_another(sandbox: Sandbox, client: Client) -> None:
    shared = [Layer(name="shared")]
    names = ("a/lacks:1", "b/has:1")
    wants = [expected(sandbox, name, sandbox.put_image(name, layers=shared)) for name in names]
    manifest = sandbox.manifest(names[0])
    assert manifest is not None
    digest = manifest.layers()[0].digest
    sandbox.remove_blob(names[0], digest)
    sandbox.inject(Fault(kind=Kind.CORRUPT, action=Action.CDN_GET, path=digest.hex, times=None))
    lacks, has = verify(client, wants, deep=True).values()
    assert isinstance(lacks, MissingError)
    assert isinstance(has, DigestMismatchError)


def test_a_target_that_does_not_answer(sandbox: Sandbox) -> None:
    want = expected(sandbox, NGINX, sandbox.put_image(NGINX))
    sandbox.stop()
    client = Client(Sources(), insecure_hosts=[want.destination.registry], policy=Policy(attempts=1))
    assert isinstance(verify(client, [want])[want], UnreachableError)
