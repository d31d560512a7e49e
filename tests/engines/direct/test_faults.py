"""What goes wrong between two registries, one fault at a time: nothing is lost, and what can be mended is."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
)
from seeder.model.copy import Copy, Result
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.sandbox import Fault, Kind, Layer
from seeder.sandbox.counters import Action
from tests.engines.bench import Bench, benches
from tests.fixtures.distribution import StartRegistry

BIG = Layer(name="big", size=3 << 20)


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with benches("direct", home) as made:
        yield made


def app(bench: Bench) -> Copy:
    """An image with one layer of some blocks."""
    return bench.image("app:1", layers=[BIG])


def copied(bench: Bench, copy: Copy) -> None:
    """Copies it, and checks that it is whole and was pulled once."""
    outcome = bench.one(copy)
    assert (outcome.result, outcome.error) == (Result.COPIED, None)
    assert bench.whole(copy)
    assert bench.hub.pulls == copy.pulls.assumed


def refused(bench: Bench, copy: Copy) -> SeederError:
    """Copies it in vain, and checks that no tag stands."""
    outcome = bench.one(copy)
    assert outcome.error is not None
    assert bench.target.tags(copy.destination.repository) == []
    return outcome.error


# The source


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.STATUS, Kind.LOST_ANSWER, Kind.ABUSE])
@pytest.mark.parametrize("action", [Action.BLOB_GET, Action.CDN_GET])
def test_a_download_that_breaks_off_goes_on(bench: Bench, kind: Kind, action: Action) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=kind, action=action, times=2))
    copied(bench, copy)


def test_a_cut_download_goes_on_by_range(bench: Bench) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1]  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=Kind.CUT, action=Action.CDN_GET, path=layer.digest.hex, amount=2 << 20))
    copied(bench, copy)
    partial = [asked for asked in bench.hub.counters.requests if asked.status == 206]
    assert len(partial) == 1
    assert bench.target.counters.by_repository(Action.UPLOAD_PUT).total() == 2
    assert bench.hub.counters.bytes_out < layer.size + (1 << 20)


@pytest.mark.parametrize("kind", [Kind.RANGE_IGNORED, Kind.RANGE_FALSE])
def test_a_source_that_is_wrong_about_ranges(bench: Bench, kind: Kind) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1].digest.hex  # type: ignore[union-attr]
    bench.hub.inject(
        Fault(kind=Kind.CUT, action=Action.CDN_GET, path=layer, amount=2 << 20),
        Fault(kind=kind, action=Action.CDN_GET, path=layer, nth=2),
    )
    copied(bench, copy)


@pytest.mark.parametrize("kind", [Kind.CORRUPT, Kind.OVERLONG, Kind.WRONG_LENGTH])
def test_wrong_bytes_are_found_and_never_stored(bench: Bench, kind: Kind) -> None:
    copy = app(bench)
    layer = bench.hub.manifest("app:1").blobs()[-1].digest  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=kind, action=Action.CDN_GET, path=layer.hex, times=None))
    assert isinstance(refused(bench, copy), DigestMismatchError)
    assert not bench.target.has_blob("library/app", layer)


def test_a_stalled_download_is_given_up_and_taken_up_again(bench: Bench) -> None:
    bench.limits = replace(bench.limits, read=0.5)
    copy = app(bench)
    bench.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET))
    copied(bench, copy)


def test_an_expired_token_is_renewed_in_mid_run(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=Kind.EXPIRE_TOKENS, action=Action.BLOB_GET))
    copied(bench, copy)


def test_a_layer_that_the_source_lost(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.remove_blob("app", bench.hub.manifest("app:1").blobs()[-1].digest)  # type: ignore[union-attr]
    assert isinstance(refused(bench, copy), MissingError)


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


def test_an_abuse_429_for_ever_fails_the_image_and_not_the_quota(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=Kind.ABUSE, action=Action.MANIFEST_GET, times=None))
    assert isinstance(refused(bench, copy), ThrottledError)


def test_a_login_429_is_waited_for(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=Kind.LOGIN, action=Action.TOKEN, times=2))
    copied(bench, copy)


def test_a_loop_of_redirects_ends(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=Kind.REDIRECT_LOOP, action=Action.CDN_GET, times=None))
    assert refused(bench, copy).code == "redirects"


@pytest.mark.parametrize("kind", [Kind.WRONG_DIGEST, Kind.CORRUPT])
def test_a_manifest_of_other_bytes(bench: Bench, kind: Kind) -> None:
    copy = app(bench)
    bench.hub.inject(Fault(kind=kind, action=Action.MANIFEST_GET, times=None))
    if kind is Kind.WRONG_DIGEST:  # the bytes are what counts, and they are right
        assert bench.one(copy).result is Result.COPIED
    else:
        assert isinstance(refused(bench, copy), RegistryError)


def test_a_tag_that_moves_during_the_copy_changes_nothing(bench: Bench) -> None:
    copy = app(bench)
    bench.hub.put_image("app:1", layers=[BIG], note="moved")
    outcome = bench.one(copy)
    assert outcome.root == copy.pin.descriptor.digest
    assert bench.target.manifest("app:1").descriptor == copy.pin.descriptor  # type: ignore[union-attr]


# The target


@pytest.mark.parametrize("action", [Action.MOUNT, Action.UPLOAD_PUT, Action.MANIFEST_PUT])
@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.RESET, Kind.LOST_ANSWER, Kind.ABUSE])
def test_a_target_that_fails_now_and_then(bench: Bench, action: Action, kind: Kind) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=kind, action=action, times=2))
    copied(bench, copy)


def test_a_lost_answer_to_the_last_byte_is_no_second_upload(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.LOST_ANSWER, action=Action.UPLOAD_PUT))
    copied(bench, copy)
    assert bench.asked_more_than_once(Action.BLOB_GET) == {}


@pytest.mark.parametrize("times", [1, 2])
def test_an_upload_session_that_is_lost(bench: Bench, times: int) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.UPLOAD_LOST, action=Action.UPLOAD_PUT, times=times))
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


@pytest.mark.parametrize("times", [1, 3, None])
def test_mounts_that_lie_are_found_out(bench: Bench, times: int | None) -> None:
    copies = shared(bench)
    bench.target.inject(Fault(kind=Kind.MOUNT_LIES, action=Action.MOUNT, times=times))
    assert [outcome.error for outcome in bench.run(*copies)] == [None] * 4
    assert all(map(bench.whole, copies))


@pytest.mark.parametrize("status", [0, 404])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_blob_or_child_that_vanishes_before_its_manifest_is_put(bench: Bench, status: int, nth: int) -> None:
    copy = bench.index("app:1")
    bench.target.inject(Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT, nth=nth, status=status))
    copied(bench, copy)


def test_a_child_that_vanishes_before_its_index_is_put(bench: Bench) -> None:
    copy = bench.index("app:1")
    bench.target.inject(Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT, nth=3))
    copied(bench, copy)


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
    assert chunks == (15 if most == 1 << 20 else 2)  # 11 and 4 of a mebibyte; 8 and the rest of the largest


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
    client = Client.load(dict(os.environ), insecure_hosts={address})
    data = random.Random(1).randbytes(3_000_000)
    session = client.blobs.start(place)
    for start in range(0, len(data), 1 << 20):
        chunk = data[start : start + (1 << 20)]
        session = client.blobs.patch(session, start, len(chunk), [chunk[:1000], chunk[1000:]])
    client.blobs.put(session, Digest.of(data), 0, ())
    with client.blobs.open(place, Digest.of(data)) as blob:
        assert blob.read(len(data)) == data


def test_a_full_target_stops_costing_pulls(bench: Bench) -> None:
    copies = [bench.image(f"app{n}:1") for n in range(40)]
    bench.target.inject(Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None))
    outcomes = bench.run(*copies, workers=4)
    assert {outcome.result for outcome in outcomes} == {Result.FAILED}
    assert any("disk" in (outcome.error.hint if outcome.error else "") for outcome in outcomes)


def test_a_target_that_refuses_the_second_half(bench: Bench) -> None:
    copy = app(bench)
    bench.target.inject(Fault(kind=Kind.UNAUTHORIZED, action=Action.MANIFEST_PUT, times=None))
    assert isinstance(refused(bench, copy), DeniedError)


# Strange images


def test_an_image_of_many_layers(bench: Bench) -> None:
    copy = bench.image("app:1", layers=[Layer(name=f"l{n}") for n in range(300)])
    copied(bench, copy)


def test_a_schema_1_manifest_is_refused_by_name(bench: Bench) -> None:
    raw = b'{"schemaVersion": 1, "name": "app"}'
    descriptor = bench.hub.put_manifest("app:1", "application/vnd.docker.distribution.manifest.v1+prettyjws", raw)
    assert refused(bench, bench.copy("app:1", descriptor, root=descriptor.digest)).code == "schema1"


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
