"""What goes wrong between two registries, one fault at a time: nothing is lost, and what can be mended is."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder.engines.direct import DirectEngine
from seeder.errors import (
    DigestMismatchError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.manifests import ManifestReader
from seeder.model.copy import Copy
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.outcome import Copied, Deferred, Failed, Result
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.sandbox import Layer, Sandbox
from seeder.sandbox.counters import Action
from tests.engines.bench import Bench, benches, faults
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.faults import Fault, Kind

BIG = Layer(name="big", size=3 << 20)


@pytest.fixture(params=[False, True], ids=["", "ahead"])
def bench(request: pytest.FixtureRequest, home: Path) -> Iterator[Bench]:
    """What goes wrong may do so before the run begins."""
    with benches("direct", home, goes_ahead=request.param) as made:
        yield made


def app(bench: Bench) -> Copy:
    """An image with one layer of some blocks."""
    return bench.image("app:1", layers=[BIG])


def copied(bench: Bench, copy: Copy) -> None:
    """Copies it, and checks that it is whole and was pulled once."""
    outcome = bench.one(copy)
    assert isinstance(outcome, Copied), outcome
    assert bench.whole(copy)
    assert bench.hub.pulls == copy.pulls.assumed


def refused(bench: Bench, copy: Copy) -> SeederError:
    """Copies it in vain, and checks that no tag stands."""
    outcome = bench.one(copy)
    assert isinstance(outcome, Failed | Deferred)
    assert bench.target.tags(copy.destination.repository) == []
    return outcome.error


# The source


def test_a_cut_download_goes_on_by_range(bench: Bench) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1]  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=Kind.CUT, action=Action.CDN_GET, path=layer.digest.hex, amount=2 << 20))
    copied(bench, copy)
    partial = [asked for asked in bench.hub.counters.requests if asked.status == 206]
    assert len(partial) == 1
    assert bench.target.counters.by_repository(Action.UPLOAD_PUT).total() == 2
    assert bench.hub.counters.bytes_out < layer.size + (1 << 20)


@pytest.mark.parametrize("kind", [Kind.CORRUPT, Kind.OVERLONG, Kind.WRONG_LENGTH])
def test_wrong_bytes_are_found_and_never_stored(bench: Bench, kind: Kind) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1].digest  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=kind, action=Action.CDN_GET, path=layer.hex, times=None))
    assert isinstance(refused(bench, copy), DigestMismatchError)
    assert not bench.target.has_blob("library/app", layer)
    assert bench.target.counters.by_repository(Action.UPLOAD_DELETE).total() > 0  # no session is left behind


def test_a_layer_that_the_source_lost(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.remove_blob("app", bench.hub.manifest("app:1").blobs()[-1].digest)  # type: ignore[union-attr]
    assert isinstance(refused(bench, copy), MissingError)


def test_a_layer_that_the_host_of_blobs_lost(bench: Bench) -> None:
    """Whoever answers there does not speak the spec's words."""
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1].digest  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=Kind.STATUS, action=Action.CDN_GET, path=layer.hex, status=404, times=None))
    error = refused(bench, copy)
    assert str(layer) in error.message
    assert "lost a layer" in error.hint


def test_a_quota_that_ends_in_the_middle_of_an_index(bench: Bench) -> None:
    copy = bench.index("app:1")
    bench.hub.inject(Fault(kind=Kind.QUOTA, action=Action.MANIFEST_GET, nth=2, times=None))
    outcome = bench.one(copy)
    assert outcome.result is Result.DEFERRED
    assert isinstance(outcome.error, QuotaError)
    assert bench.target.tags("app") == []
    bench.hub.heal()
    assert bench.one(copy).result is Result.COPIED
    assert set(bench.hub.counters.by_selector(Action.MANIFEST_GET).values()) <= {1, 2}


def test_a_tag_that_moves_during_the_copy_changes_nothing(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.put_image("app:1", layers=[BIG], note="moved")
    outcome = bench.one(copy)
    assert outcome.root == copy.pin.descriptor.digest
    assert bench.target.manifest("app:1").descriptor == copy.pin.descriptor  # type: ignore[union-attr]


# The target


def test_a_lost_answer_to_the_last_byte_is_no_second_upload(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.LOST_ANSWER, action=Action.UPLOAD_PUT))
    copied(bench, copy)
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}


def test_a_session_that_is_lost_is_not_used_again(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.UPLOAD_LOST, action=Action.UPLOAD_PUT))
    copied(bench, copy)


def test_sessions_that_are_always_lost_have_a_likely_cause(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.UPLOAD_LOST, action=Action.UPLOAD_PUT, times=None))
    assert "http.secret" in refused(bench, copy).hint


def shared(bench: Bench) -> list[Copy]:
    """Four images that share a layer."""
    return [bench.image(f"app{n}:1", layers=[BIG, Layer(name=f"own{n}")]) for n in range(4)]


def test_a_shared_layer_is_fetched_once_and_mounted(bench: Bench) -> None:
    copies = shared(bench)
    assert {outcome.result for outcome in bench.run(*copies)} == {Result.COPIED}
    assert all(map(bench.whole, copies))
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}
    mounted = [a for a in bench.target.counters.requests if (a.action, a.status) == (Action.MOUNT, 201)]
    assert len(mounted) == 3


@pytest.mark.parametrize("times", [1, None])
def test_refused_mounts_read_from_the_target_and_not_again_from_the_source(bench: Bench, times: int | None) -> None:
    copies = shared(bench)
    bench.target.inject(Fault(kind=Kind.MOUNT_REFUSED, action=Action.MOUNT, times=times))
    assert {outcome.result for outcome in bench.run(*copies)} == {Result.COPIED}
    assert all(map(bench.whole, copies))
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_target_that_knows_no_mounts_gets_uploads(bench: Bench, status: int) -> None:
    copies = shared(bench)
    bench.target.inject(Fault(kind=Kind.STATUS, status=status, action=Action.MOUNT, times=None))
    assert faults(bench.run(*copies)) == []
    assert all(map(bench.whole, copies))


@pytest.mark.parametrize("times", [1, 3, None])
def test_mounts_that_lie_are_found_out(bench: Bench, times: int | None) -> None:
    copies = shared(bench)
    bench.target.inject(Fault(kind=Kind.MOUNT_LIES, action=Action.MOUNT, times=times))
    assert faults(bench.run(*copies)) == []
    assert all(map(bench.whole, copies))


def test_the_first_mount_is_looked_at(bench: Bench) -> None:
    """So that a manifest is not what finds out: not every registry looks at what one names."""
    copy = bench.image("app:1", layers=[BIG])
    bench.target.inject(Fault(kind=Kind.MOUNT_LIES, action=Action.MOUNT))
    assert isinstance(bench.one(copy), Copied)
    assert {asked.status for asked in bench.target.counters.requests if asked.action is Action.MANIFEST_PUT} == {201}


def test_a_proxy_that_takes_no_bodies_at_all(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, times=None))
    hint = refused(bench, copy).hint
    assert "client_max_body_size" in hint
    assert "proxy-body-size" in hint


@pytest.mark.parametrize("most", [1 << 20, 9 << 20])
def test_what_a_proxy_does_not_take_whole_goes_in_chunks(bench: Bench, most: int) -> None:
    layers = [Layer(name="huge", size=10 << 20), BIG, Layer(name="small")]
    copy = bench.image("app:1", layers=layers)
    for action in (Action.UPLOAD_PUT, Action.UPLOAD_PATCH):
        bench.target.inject(Fault(kind=Kind.TOO_LARGE, action=action, amount=most, times=None))
    copied(bench, copy)
    chunks = bench.target.counters.by_repository(Action.UPLOAD_PATCH).total()
    # 11 and 4 of a mebibyte; 8 and the rest of the largest. A refusal may break the connection, and is met once more.
    assert chunks in ({15, 16} if most == 1 << 20 else {2, 3})


def test_one_refusal_is_enough_for_all_that_is_as_large(bench: Bench) -> None:
    copies = [bench.image(f"app{n}:1", layers=[Layer(name=f"l{n}", size=2 << 20)]) for n in range(5)]
    bench.target.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, amount=1 << 20, times=None))
    outcomes = [outcome for copy in copies for outcome in bench.run(copy, workers=1)]
    assert {outcome.result for outcome in outcomes} == {Result.COPIED}
    bench.target.reset()
    more = [bench.image(f"more{n}:1", layers=[Layer(name=f"m{n}", size=2 << 20)]) for n in range(5)]
    assert {outcome.result for outcome in bench.run(*more, workers=1)} == {Result.COPIED}
    refusals = [asked for asked in bench.target.counters.requests if asked.status == 413]
    assert len(refusals) == 1


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.LOST_ANSWER, Kind.STATUS, Kind.UPLOAD_LOST])
def test_a_chunk_that_fails_begins_the_upload_anew(bench: Bench, kind: Kind) -> None:
    copy = app(bench)
    bench.target.inject(
        Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, amount=1 << 20, times=None),
        Fault(kind=kind, action=Action.UPLOAD_PATCH, nth=2),
    )
    copied(bench, copy)


def test_wrong_bytes_in_chunks_are_found_and_never_stored(bench: Bench) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1].digest  # type: ignore[union-attr]
    bench.target.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, amount=1 << 20, times=None))
    bench.hub.inject(Fault(kind=Kind.CORRUPT, action=Action.CDN_GET, path=layer.hex, times=None))
    assert isinstance(refused(bench, copy), DigestMismatchError)
    assert not bench.target.has_blob("library/app", layer)


def test_a_real_registry_takes_chunks(bench: Bench, start_registry: StartRegistry) -> None:
    address = start_registry().address
    place = ImageReference(address, "app")
    client = Client(Sources.load(dict(os.environ)), insecure_hosts={address})
    data = random.Random(1).randbytes(3_000_000)
    session = client.blobs(place).start()
    for start in range(0, len(data), 1 << 20):
        chunk = data[start : start + (1 << 20)]
        session = client.blobs(place).patch(session, start, len(chunk), [chunk[:1000], chunk[1000:]])
    client.blobs(place).put(session, Digest.of(data), 0, ())
    with client.blobs(place).open(Digest.of(data)) as blob:
        assert blob.read(len(data)) == data


def test_a_full_target_is_given_up_for_all(bench: Bench) -> None:
    copies = [bench.image(f"app{n}:1") for n in range(40)]
    bench.target.inject(Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None))
    outcomes = bench.run(*copies, workers=4)
    assert {outcome.result for outcome in outcomes} == {Result.FAILED}
    assert any("disk" in error.hint for error in faults(outcomes))
    assert bench.hub.counters.blob_gets.total() <= 4 * (6 + 4)  # attempts of those that show it, and of what is begun


def test_what_comes_after_a_target_was_given_up_costs_no_pull(bench: Bench) -> None:
    bench.goes_ahead = False
    copies = [bench.image(f"app{n}:1") for n in range(20)]
    bench.target.inject(Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None))
    assert len(faults(bench.run(*copies, open=1))) == 20
    assert bench.hub.pulls <= 6


def test_a_manifest_that_is_always_called_incomplete_fails(bench: Bench) -> None:
    """Its blobs are all there: none is sent again; at once the first time, then the registry gets some time."""
    rests: list[float] = []
    bench.policy = replace(bench.policy, sleep=rests.append)
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.STATUS, status=404, action=Action.MANIFEST_PUT, times=None))
    assert isinstance(refused(bench, copy), MissingError)
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}
    assert bench.target.counters.manifest_puts.total() == bench.policy.attempts
    assert len(rests) == bench.policy.attempts - 2


@pytest.mark.parametrize("action", [Action.UPLOAD_PUT, Action.UPLOAD_PATCH, Action.MANIFEST_PUT])
def test_a_target_may_think_about_what_it_was_sent(bench: Bench, action: Action) -> None:
    """For longer than about a question: here about what is small, so that all of it was sent."""
    bench.limits = replace(bench.limits, read=0.3, upload=20.0)
    chunks = action is Action.UPLOAD_PATCH
    copy = bench.image("app:1", layers=[Layer(name="layer", size=(1 << 20) + 100 if chunks else 100)])
    bench.target.inject(Fault(kind=Kind.DELAY, action=action, nth=2 if chunks else 1, amount=1.0))
    if chunks:
        bench.target.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, amount=1 << 20, times=None))
    copied(bench, copy)
    sent = [asked.action for asked in bench.target.counters.requests]
    assert sent.count(Action.MANIFEST_PUT) == len(copy.tags)
    assert sent.count(Action.UPLOAD_PATCH) == (2 if chunks else 0)
    assert chunks or bench.asked_more_than_once(Action.BLOB_GET) == {}


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(kind=Kind.STATUS, action=Action.TOKEN, status=status, times=3) for status in (500, 502, 503)),
        *(Fault(kind=Kind.EXPIRE_TOKENS, action=action) for action in (Action.UPLOAD_PUT, Action.MANIFEST_PUT)),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.action}-{fault.status}",
)
def test_a_target_whose_tokens_fail_for_a_while(bench: Bench, fault: Fault) -> None:
    copies = shared(bench)
    with Sandbox() as guarded:
        there = Bench("direct", bench.hub, guarded)
        moved = [there.copy(str(copy.pin.reference), copy.pin.descriptor, root=copy.root) for copy in copies]
        guarded.inject(fault)
        assert faults(there.run(*moved)) == []
        assert all(map(there.whole, moved))
        assert all(hits for _, hits in guarded.hits)


@pytest.mark.parametrize("nth", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("times", [1, 3])
def test_a_target_that_collects_garbage_meanwhile(bench: Bench, nth: int, times: int) -> None:
    """What was uploaded for five images goes while some of their manifests are still to come."""
    copies = [*shared(bench), bench.index("other:1")]
    bench.target.inject(Fault(kind=Kind.COLLECT, action=Action.MANIFEST_PUT, nth=nth, times=times))
    assert faults(bench.run(*copies)) == []
    assert all(map(bench.whole, copies))
    assert max(bench.hub.counters.by_selector(Action.MANIFEST_GET).values()) == 1
    assert max(bench.hub.counters.by_selector(Action.BLOB_GET).values()) <= 1 + times * len(copies)


def test_a_blob_that_was_collected_is_uploaded_once_more(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.COLLECT, action=Action.MANIFEST_PUT))
    copied(bench, copy)
    assert set(bench.hub.counters.by_selector(Action.BLOB_GET).values()) == {2}


# Strange images


def test_a_schema_1_manifest_is_refused_by_name(bench: Bench) -> None:
    raw = b'{"schemaVersion": 1, "name": "app"}'
    descriptor = bench.hub.put_manifest("app:1", "application/vnd.docker.distribution.manifest.v1+prettyjws", raw)
    assert refused(bench, bench.copy("app:1", descriptor, root=descriptor.digest)).code == "schema1"


def windows(bench: Bench) -> Copy:
    """An image whose base stands in no registry: its address is in the manifest."""
    config = bench.hub.put_blob("app", b"{}")
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": str(config), "size": 2},
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar",
                "digest": str(Digest.of(b"base")),
                "size": 4,
                "urls": ["https://example.com/base"],
            }
        ],
    }
    descriptor = bench.hub.put_manifest("app:1", OCI_MANIFEST, json.dumps(document).encode())
    return bench.copy("app:1", descriptor, root=descriptor.digest)


def test_a_layer_that_stands_in_no_registry_is_left_where_it_is(bench: Bench) -> None:
    assert isinstance(bench.one(windows(bench)), Copied)
    assert bench.target.manifest("app:1") == bench.hub.manifest("app:1")


@pytest.mark.parametrize("allowed", ["", "^https://example[.]com/"])
def test_a_real_registry_takes_such_layers_where_it_is_told_to(
    bench: Bench, start_registry: StartRegistry, allowed: str
) -> None:
    urls = {"allow": [allowed]} if allowed else {}
    registry = start_registry(settings={"validation": {"manifests": {"urls": urls}}})
    copy = windows(bench)
    copy = replace(copy, destination=replace(copy.destination, registry=registry.address))
    client = Client(Sources.load(dict(os.environ)), insecure_hosts={registry.address}, policy=bench.policy)
    outcomes = list(DirectEngine(client=client, reader=ManifestReader(client, bench.store)).run([copy], lambda _: None))
    told = [(error.code, str(Digest.of(b"base")) in error.message) for error in faults(outcomes)]
    assert told == ([] if allowed else [("foreign-layer", True)])
    assert sum('"PUT /v2/library/app/manifests/' in line for line in registry.requests()) == (2 if allowed else 1)


def test_ten_thousand_layers(bench: Bench) -> None:
    """Two thousand different ones: each is fetched once."""
    blobs = [bench.hub.put_blob("app", b"layer %d" % n) for n in range(2000)]
    config = bench.hub.put_blob("app", b"{}")
    layer = "application/vnd.oci.image.layer.v1.tar"
    layers = [{"mediaType": layer, "digest": str(blob), "size": len(b"layer %d" % n)} for n, blob in enumerate(blobs)]
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": str(config), "size": 2},
        "layers": layers * 5,
    }
    descriptor = bench.hub.put_manifest("app:1", OCI_MANIFEST, json.dumps(document).encode())
    copied(bench, bench.copy("app:1", descriptor, root=descriptor.digest))
    assert bench.hub.counters.blob_gets.total() == 2001
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}


def test_a_manifest_that_many_indexes_name_is_put_once(bench: Bench) -> None:
    """A registry's own index may name a few manifests by any number of ways: 4^4 here, by 17 manifests."""
    level = [bench.hub.put_image(f"nginx:{number}", note=str(number)) for number in range(4)]
    for depth in range(4):
        entries = [{"mediaType": one.media_type, "digest": str(one.digest), "size": one.size} for one in level]
        level = []
        for number in range(4 if depth < 3 else 1):
            document = {"schemaVersion": 2, "manifests": entries, "annotations": {"number": f"{depth} {number}"}}
            level.append(bench.hub.put_manifest("nginx:1.27", OCI_INDEX, json.dumps(document).encode()))
    copy = bench.copy("nginx:1.27", level[0], root=level[0].digest, pulls=17)
    copied(bench, copy)
    assert bench.target.counters.by_selector(Action.MANIFEST_PUT).total() == 16 + len(copy.tags)


def test_an_index_that_claims_to_name_itself_is_found_out(bench: Bench) -> None:
    """A registry may send the same index for what it names, or for a digest that it is not."""
    named = Digest.of(b"another")
    entry = {"mediaType": OCI_INDEX, "digest": str(named), "size": 100}
    raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).encode()
    index = bench.hub.put_manifest("nginx:1.27", OCI_INDEX, raw)
    lie = Manifest(descriptor=replace(index, digest=named), raw=raw)
    bench.hub._storage.put_manifest("library/nginx", lie, None)
    error = refused(bench, bench.copy("nginx:1.27", index, root=index.digest))
    assert isinstance(error, DigestMismatchError)


def test_one_quota_429_is_enough_for_all(bench: Bench) -> None:
    wanted = [bench.image(f"a/image-{number}:1") for number in range(8)]
    bench.hub.inject(Fault(kind=Kind.QUOTA, action=Action.MANIFEST_GET, times=None))
    assert {outcome.result for outcome in bench.run(*wanted, workers=1)} == {Result.DEFERRED}
    assert bench.hub.counters.manifest_gets.total() == 1


def test_an_abuse_limit_slows_the_run_and_loses_nothing(bench: Bench, home: Path) -> None:
    with Sandbox(abuse_limit=200) as hub:
        (home / "registries.conf").write_text(hub.registries_conf())
        limited = Bench("direct", hub, bench.target)
        wanted = [limited.image(f"a/image-{number}:1") for number in range(20)]
        assert faults(limited.run(*wanted)) == []
        assert all(map(limited.whole, wanted))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind=Kind.OVERLONG, action=Action.TOKEN, amount=1 << 20, times=None), RegistryError),
        (Fault(kind=Kind.LOGIN, action=Action.TOKEN, times=None), ThrottledError),
        (Fault(kind=Kind.STATUS, action=Action.TOKEN, times=None), RegistryError),
        (Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None), UnreachableError),
        (Fault(kind=Kind.SLOW, action=Action.MANIFEST_GET, amount=0.02, times=None), UnreachableError),
    ],
    ids=lambda value: f"{value.kind}-{value.action}" if isinstance(value, Fault) else "",
)
def test_what_fails_for_all_and_for_ever(bench: Bench, fault: Fault, error: type[SeederError]) -> None:
    bench.limits = replace(bench.limits, read=0.2)
    bench.policy = replace(bench.policy, attempts=2)
    copy = app(bench)
    bench.hub.inject(fault)
    assert isinstance(refused(bench, copy), error)


def test_two_runs_at_once_on_one_target(bench: Bench) -> None:
    import threading

    copies = shared(bench)
    results: list[Result] = []
    other = Bench("direct", bench.hub, bench.target)
    threads = [
        threading.Thread(target=lambda b=b: results.extend(o.result for o in b.run(*copies))) for b in (bench, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [Result.COPIED] * 8
    assert all(map(bench.whole, copies))
