"""The list of what refers to an image, where the registry keeps none: several writers, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from seeder.errors import SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.media_type import OCI_INDEX
from seeder.model.reference import ImageReference
from seeder.referrers.finding import fallback_tag
from seeder.referrers.listing import Lister
from seeder.registry.client import Client
from seeder.registry.listing import Entry
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.sandbox import Action, Sandbox, images
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.faults import Fault, Kind
from tests.registry.images import push_blob

KIND = "application/spdx+json"


class Together(Client):
    """Waits before its first write until the others are as far: the last of them writes over all others."""

    barrier: threading.Barrier

    def put_manifest(self, reference: ImageReference, manifest: Manifest, policy: Policy | None = None) -> None:
        if self.barrier.n_waiting < self.barrier.parties and not self.barrier.broken:
            with contextlib.suppress(threading.BrokenBarrierError):
                self.barrier.wait(5)
        super().put_manifest(reference, manifest, policy)
        self.barrier.abort()


def client_of(address: str, kind: type[Client] = Client) -> Client:
    return kind(Sources.load({}), insecure_hosts=[address])


def pushed(client: Client, place: ImageReference, payload: bytes, subject: Descriptor) -> Entry:
    built = images.artifact(KIND, payload, subject)
    for blob in built.blobs:
        push_blob(client, place, blob)
    client.put_manifest(ImageReference(place.registry, place.repository, payload.decode()), built.manifest)
    made = built.manifest.descriptor
    return {"mediaType": made.media_type, "digest": str(made.digest), "size": made.size, "artifactType": KIND}


def listed(client: Client, subject: ImageReference) -> list[str]:
    name = ImageReference(subject.registry, subject.repository, fallback_tag(subject.digest))
    return [entry["digest"] for entry in json.loads(client.get_manifest(name).raw)["manifests"]]


def race(address: str, writers: Sequence[Client]) -> tuple[list[dict[ImageReference, SeederError]], set[str], set[str]]:
    """Each lists one entry under the same subject: the faults, what is listed, what should be."""
    place, client = ImageReference(address, "acme/app"), client_of(address)
    manifest = images.artifact("application/x", b"subject").manifest.descriptor
    entries = [pushed(client, place, f"e{number}".encode(), manifest) for number in range(len(writers))]
    subject = place.at(manifest.digest)
    faults: list[dict[ImageReference, SeederError]] = []

    def write(writer: Client, entry: Entry) -> None:
        faults.append(Lister(client=writer).list({subject: {str(entry["digest"]): entry}}))

    threads = [threading.Thread(target=write, args=each) for each in zip(writers, entries, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults, set(listed(client, subject)), {str(entry["digest"]) for entry in entries}


@pytest.mark.parametrize("count", [2, 4])
def test_writers_that_write_over_each_other_lose_nothing(count: int) -> None:
    with Sandbox(token_auth=False) as sandbox:
        barrier = threading.Barrier(count)
        writers = [client_of(sandbox.address, Together) for _ in range(count)]
        for writer in writers:
            writer.barrier = barrier
        faults, found, wanted = race(sandbox.address, writers)
        assert faults == [{}] * count
        assert found == wanted


def test_writers_at_a_real_registry_lose_nothing(start_registry: StartRegistry) -> None:
    address = start_registry().address
    faults, found, wanted = race(address, [client_of(address) for _ in range(3)])
    assert faults == [{}] * 3
    assert found == wanted


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.RESET])
def test_a_write_that_is_held_up_takes_nothing_from_others(kind: Kind) -> None:
    """The registry fails for a while; another writer comes and goes before the first tries again."""
    with Sandbox(token_auth=False) as sandbox:
        place, other = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        manifest = images.artifact("application/x", b"subject").manifest.descriptor
        entries = [pushed(other, place, name, manifest) for name in (b"ours", b"theirs")]
        subject = place.at(manifest.digest)

        def meanwhile(_: float) -> None:
            assert Lister(client=other, pause=lambda _: None).list({subject: {entries[1]["digest"]: entries[1]}}) == {}

        writer = Client(Sources.load({}), insecure_hosts=[sandbox.address], policy=Policy(sleep=meanwhile))
        sandbox.inject(Fault(kind=kind, action=Action.MANIFEST_PUT, path=fallback_tag(manifest.digest)))
        lister = Lister(client=writer, pause=lambda _: None)
        assert lister.list({subject: {entries[0]["digest"]: entries[0]}}) == {}
        assert set(listed(other, subject)) == {entry["digest"] for entry in entries}


def test_one_that_stalls_inside_its_write_brings_back_what_it_wrote_over() -> None:
    """Another comes, writes, looks after it and is gone, before the registry takes the first one's list."""
    with Sandbox(token_auth=False) as sandbox:
        place, client = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        manifest = images.artifact("application/x", b"subject").manifest.descriptor
        entries = [pushed(client, place, name, manifest) for name in (b"slow", b"quick")]
        subject = place.at(manifest.digest)
        stall = Fault(kind=Kind.DELAY, action=Action.MANIFEST_PUT, path=fallback_tag(manifest.digest), amount=3)
        sandbox.inject(stall)

        def add(entry: Entry) -> dict[ImageReference, SeederError]:
            lister = Lister(client=client_of(sandbox.address), pause=lambda _: None)
            return lister.list({subject: {str(entry["digest"]): entry}})

        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(add, entries[0])
            while not any(hits for _, hits in sandbox.hits):
                time.sleep(0.01)
            assert add(entries[1]) == {}
            assert not slow.done()
            assert listed(client, subject) == [entries[1]["digest"]]
            assert slow.result(30) == {}
        assert set(listed(client, subject)) == {entry["digest"] for entry in entries}


def test_one_that_writes_over_everything_for_ever_is_told_of() -> None:
    with Sandbox(token_auth=False) as sandbox:
        place, client = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        subject = images.artifact("application/x", b"subject").manifest.descriptor
        entry = pushed(client, place, b"ours", subject)
        name = f"{place.name}:{fallback_tag(subject.digest)}"
        lister = Lister(client=client, pause=lambda _: sandbox.remove_manifest(name))
        fault = lister.list({place.at(subject.digest): {str(entry["digest"]): entry}})
        assert [each.code for each in fault.values()] == ["referrers-busy"]


def test_the_list_says_itself_what_it_is() -> None:
    """Manifests are read by their bytes too, without the answer's headers."""
    with Sandbox(token_auth=False) as sandbox:
        place, client = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        subject = images.artifact("application/x", b"subject").manifest.descriptor
        entry = pushed(client, place, b"ours", subject)
        assert Lister(client=client).list({place.at(subject.digest): {str(entry["digest"]): entry}}) == {}
        found = client.get_manifest(ImageReference(place.registry, place.repository, fallback_tag(subject.digest)))
        assert json.loads(found.raw) == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}


def test_a_target_that_refuses_fails_its_subject_alone() -> None:
    with Sandbox(token_auth=False) as sandbox:
        place, client = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        subjects = [images.artifact("application/x", name).manifest.descriptor for name in (b"one", b"two")]
        entries = [pushed(client, place, name, of) for name, of in zip((b"a", b"b"), subjects, strict=True)]
        tag = fallback_tag(subjects[0].digest)
        sandbox.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_PUT, path=tag, times=None))
        wanted = {
            place.at(of.digest): {str(entry["digest"]): entry} for of, entry in zip(subjects, entries, strict=True)
        }
        assert list(Lister(client=client).list(wanted)) == [place.at(subjects[0].digest)]
        assert listed(client, place.at(subjects[1].digest)) == [entries[1]["digest"]]


def test_a_list_that_somebody_wrote_badly_is_left_as_it_is() -> None:
    with Sandbox(token_auth=False) as sandbox:
        place, client = ImageReference(sandbox.address, "acme/app"), client_of(sandbox.address)
        manifest = images.artifact("application/x", b"subject").manifest.descriptor
        entry, subject = pushed(client, place, b"ours", manifest), place.at(manifest.digest)
        bad = sandbox.put_manifest(f"acme/app:{fallback_tag(manifest.digest)}", OCI_INDEX, b'{"manifests": [{}]}')
        faults = Lister(client=client).list({subject: {str(entry["digest"]): entry}})
        assert "malformed" in str(faults[subject])
        assert client.head_manifest(replace(place, tag=fallback_tag(manifest.digest))).digest == bad.digest
