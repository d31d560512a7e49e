"""Copies into a folder and out of it, by the direct engine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder import layout, targets
from seeder.engines.direct import DirectEngine
from seeder.engines.direct.streams import Streams
from seeder.errors import DigestMismatchError, FileError, MissingError, RegistryError, SeederError, UnreachableError
from seeder.layout import Layout
from seeder.layout_repository import Layouts
from seeder.manifests import ManifestReader
from seeder.model.catalog import TargetKind, TargetSettings
from seeder.model.copy import Copy
from seeder.model.descriptor import Descriptor
from seeder.model.outcome import Copied, Outcome, Result
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.registries_conf import RegistriesConf, Registry
from seeder.registry.sources import Sources
from seeder.sandbox import AMD64, Sandbox
from seeder.verify import Expected, verify
from tests.engines.bench import Store


@pytest.fixture
def hub() -> Iterator[Sandbox]:
    with Sandbox(quota=100) as sandbox:
        yield sandbox


@pytest.fixture
def folder(tmp_path: Path) -> TargetSettings:
    path = tmp_path / "air"
    layout.create(path)
    return TargetSettings(name="air", kind=TargetKind.OCI_LAYOUT, path=str(path))


def into(hub: Sandbox, folder: TargetSettings) -> Client:
    """A client that copies from the stand-in into the folder."""
    conf = RegistriesConf(registries=(Registry(prefix="docker.io", location=hub.address, insecure=True),))
    folders = Layouts({f"oci:{folder.path}": Layout(Path(folder.path))})
    return Client(Sources(conf=conf), elsewhere=folders)


def out_of(folder: TargetSettings, target: Sandbox) -> Client:
    """A client that copies out of the folder, with no registry but the target in reach."""
    folders = Layouts({}, source=Layout(Path(folder.path)), target=target.address)
    return Client(Sources(), insecure_hosts=[target.address], elsewhere=folders)


def copy(text: str, descriptor: Descriptor, settings: TargetSettings, *platforms: Platform) -> Copy:
    reference = ImageReference.parse(text)
    destination = targets.destination(reference, descriptor.digest, settings)
    pin = Pin(reference=reference, descriptor=descriptor)
    return Copy(pin=pin, destination=destination, platforms=platforms, tags=destination.tags)


def run(client: Client, *copies: Copy) -> list[Outcome]:
    try:
        return list(DirectEngine(client=client, reader=ManifestReader(client, Store())).run(copies, lambda _: None))
    finally:
        client.close()


def fault(client: Client, outcome: Outcome, *, deep: bool = False) -> SeederError | None:
    assert isinstance(outcome, Copied)
    (found,) = verify(client, [Expected.of(outcome)], deep=deep).values()
    return found


@pytest.mark.parametrize("docker", [False, True])
def test_into_a_folder_and_on_to_a_registry_that_the_source_never_sees(
    hub: Sandbox, folder: TargetSettings, docker: bool
) -> None:
    pinned = hub.put_index("nginx:1.27", docker=docker, attestations=not docker)
    (outcome,) = run(into(hub, folder), copy("nginx:1.27", pinned, folder))
    assert isinstance(outcome, Copied), outcome
    assert set(Layout(Path(folder.path)).names()) == {"library/nginx:1.27", f"library/nginx:1.27-{pinned.digest.short}"}
    hub.stop()
    with Sandbox() as event:
        settings = TargetSettings(name="event", registry=event.address, insecure=True)
        (onward,) = run(out_of(folder, event), copy("nginx:1.27", pinned, settings))
        assert isinstance(onward, Copied), onward
        found = event.manifest("nginx:1.27")
        assert found is not None
        assert found.descriptor == pinned


def test_each_blob_is_fetched_once_for_all_repositories(hub: Sandbox, folder: TargetSettings) -> None:
    pins = {name: hub.put_image(name) for name in ("a/one:1", "b/two:1", "c/three:1")}
    outcomes = run(into(hub, folder), *(copy(name, pin, folder) for name, pin in pins.items()))
    assert [outcome.result for outcome in outcomes] == [Result.COPIED] * 3
    assert set(hub.counters.by_selector("blob-get").values()) == {1}  # type: ignore[arg-type]


def test_one_platform_of_an_index(hub: Sandbox, folder: TargetSettings) -> None:
    pinned = hub.put_index("nginx:1.27")
    (outcome,) = run(into(hub, folder), copy("nginx:1.27", pinned, folder, AMD64))
    whole = hub.manifest("nginx:1.27")
    assert whole is not None
    child = whole.for_platform(AMD64)
    assert child is not None
    assert outcome.root == child.digest
    assert Layout(Path(folder.path)).names()["library/nginx:1.27"].digest == child.digest


def test_a_folder_is_verified_like_a_registry(hub: Sandbox, folder: TargetSettings) -> None:
    pinned = hub.put_index("nginx:1.27")
    (outcome,) = run(into(hub, folder), copy("nginx:1.27", pinned, folder))
    client = into(hub, folder)
    assert fault(client, outcome, deep=True) is None
    kept = Layout(Path(folder.path))
    child = kept.manifest(pinned.digest).children()[0]
    blob = kept.manifest(child.digest).blobs()[1]
    path = Path(folder.path) / "blobs" / "sha256" / blob.digest.hex
    path.write_bytes(bytes(blob.size))
    assert fault(client, outcome) is None
    assert isinstance(fault(client, outcome, deep=True), DigestMismatchError)
    path.unlink()
    assert isinstance(fault(client, outcome), MissingError)
    client.close()


@pytest.mark.parametrize("name", ["library/nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"])
def test_a_tag_is_found_however_the_folder_names_it(hub: Sandbox, folder: TargetSettings, name: str) -> None:
    pinned = hub.put_image("nginx:1.27")
    run(into(hub, folder), copy("nginx:1.27", pinned, folder))
    kept = Layout(Path(folder.path))
    (kept.path / "index.json").write_text('{"schemaVersion": 2, "manifests": []}')
    kept.name({name: pinned})
    with Sandbox() as event:
        client = out_of(folder, event)
        assert client.head_manifest(ImageReference.parse("nginx:1.27")) == pinned
        with pytest.raises(MissingError, match="is not in the layout"):
            client.head_manifest(ImageReference.parse("ghcr.io/library/nginx:1.27"))
        client.close()


def test_a_run_that_is_told_to_end_leaves_the_blobs_of_a_folder_too(hub: Sandbox, folder: TargetSettings) -> None:
    pinned = hub.put_image("nginx:1.27")
    (outcome,) = run(into(hub, folder), copy("nginx:1.27", pinned, folder))
    assert isinstance(outcome, Copied)
    streams, client = Streams(), into(hub, folder)
    with client.blobs(outcome.destination.place).open(pinned.digest) as body:
        streams.began(body, lambda: True)
        streams.stop()
        with pytest.raises(UnreachableError):
            body.read(1)
    client.close()


def test_what_the_folder_lacks_is_missing(folder: TargetSettings, hub: Sandbox) -> None:
    pinned = hub.put_image("nginx:1.27")
    with Sandbox() as event:
        settings = TargetSettings(name="event", registry=event.address, insecure=True)
        (outcome,) = run(out_of(folder, event), copy("nginx:1.27", pinned, settings))
        assert isinstance(outcome.error, MissingError)


def test_a_full_disk_is_a_failure_of_the_target(
    hub: Sandbox, folder: TargetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = hub.put_image("nginx:1.27")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    (outcome,) = run(into(hub, folder), copy("nginx:1.27", pinned, folder))
    assert outcome.result is Result.FAILED
    assert isinstance(outcome.error, RegistryError)
    assert "No space left" in outcome.error.message
    assert Layout(Path(folder.path)).names() == {}


def test_names_are_written_at_the_latest_when_the_client_closes(hub: Sandbox, folder: TargetSettings) -> None:
    client = into(hub, folder)
    pinned = hub.put_image("nginx:1.27")
    kept = hub.manifest("nginx:1.27")
    assert kept is not None
    place = ImageReference(f"oci:{folder.path}", "library/nginx")
    for number in range(50):
        client.put_manifest(replace(place, tag=str(number)), kept)
        assert client.head_manifest(replace(place, tag=str(number))).digest == pinned.digest
    client.close()
    assert len(Layout(Path(folder.path)).names()) == 50


def test_what_is_no_layout_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")
    with pytest.raises(FileError):
        layout.create(tmp_path)
