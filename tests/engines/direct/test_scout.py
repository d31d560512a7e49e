"""Copies that the engine begins with before its run. What an engine must do holds then too: see `test_conformance`."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from seeder.engines.direct import DirectEngine
from seeder.engines.direct.work import Work
from seeder.engines.events import BytesMoved, Event, Mounted, Sized
from seeder.model.copy import Copy
from seeder.model.descriptor import Manifest
from seeder.model.outcome import Outcome, Result
from seeder.sandbox import Action, Layer
from tests.engines.bench import Bench
from tests.fixtures.faults import Fault, Kind


@pytest.fixture
def engine(bench: Bench) -> Iterator[DirectEngine]:
    engine = bench.engine()
    assert isinstance(engine, DirectEngine)
    yield engine
    engine.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def arrived(bench: Bench, *copies: Copy) -> bool:
    """Whether the target has every blob of some images."""
    return all(
        bench.target.has_blob(copy.destination.repository, blob.digest)
        for copy in copies
        for manifest in manifests(bench, copy)
        for blob in manifest.blobs()
    )


def manifests(bench: Bench, copy: Copy) -> list[Manifest]:
    name = copy.pin.reference.name
    root = bench.hub.manifest(f"{name}@{copy.pin.descriptor.digest}")
    assert root is not None
    children = [bench.hub.manifest(f"{name}@{child.digest}") for child in root.children()]
    return [root, *(child for child in children if child is not None)]


def puts(bench: Bench) -> int:
    return bench.target.counters.by_repository(Action.MANIFEST_PUT).total()


def run(engine: DirectEngine, *copies: Copy, on_event: Callable[[Event], None] = lambda _: None) -> list[Outcome]:
    return list(engine.run(copies, on_event))


def test_blobs_are_there_before_the_run_and_no_manifest_is(bench: Bench, engine: DirectEngine) -> None:
    copies = [bench.image("a/one:1"), bench.index("a/many:1")]
    for copy in copies:
        engine.ahead(copy)
    until(lambda: arrived(bench, *copies))
    assert puts(bench) == 0
    outcomes = run(engine, *copies)
    assert {outcome.result for outcome in outcomes} == {Result.COPIED}
    assert all(bench.whole(copy) for copy in copies)
    assert bench.asked_more_than_once("manifest-get") == bench.asked_more_than_once("blob-get") == {}
    assert sum(outcome.pulls for outcome in outcomes) == bench.hub.pulls


def test_a_run_that_comes_at_once_asks_nothing_twice(bench: Bench, engine: DirectEngine) -> None:
    shared = Layer(name="shared", size=300_000)
    copies = [bench.image(f"a/app{n}:1", layers=[shared, Layer(name=f"own {n}", size=9000)]) for n in range(20)]
    for copy in copies[::2]:
        engine.ahead(copy)
    outcomes = run(engine, *copies)
    assert [outcome.result for outcome in outcomes] == [Result.COPIED] * 20
    assert bench.asked_more_than_once("manifest-get") == bench.asked_more_than_once("blob-get") == {}
    assert sum(outcome.pulls for outcome in outcomes) == bench.hub.pulls == 20


def test_what_moved_before_the_run_is_told_in_it(bench: Bench, engine: DirectEngine) -> None:
    shared = Layer(name="shared", size=30_000)
    copies = [bench.image(f"a/app{n}:1", layers=[shared, Layer(name=f"own {n}", size=5000)]) for n in range(2)]
    for copy in copies:
        engine.ahead(copy)
    until(lambda: arrived(bench, *copies))
    told: list[Event] = []
    run(engine, *copies, on_event=told.append)
    sized = sum(event.size for event in told if isinstance(event, Sized))
    moved = sum(event.count for event in told if isinstance(event, BytesMoved))
    mounted = sum(event.count for event in told if isinstance(event, Mounted))
    assert moved + mounted == sized
    assert mounted >= 30_000
    assert {event.copy.pin.reference for event in told} == {copy.pin.reference for copy in copies}


def test_what_no_run_wants_is_left_and_nothing_names_it(bench: Bench, engine: DirectEngine) -> None:
    wanted, unwanted = bench.image("a/wanted:1"), bench.image("a/unwanted:1")
    engine.ahead(unwanted)
    engine.ahead(wanted)
    assert [outcome.reference for outcome in run(engine, wanted)] == [wanted.pin.reference]
    assert bench.whole(wanted)
    assert not bench.target.tags(unwanted.destination.repository)


def test_what_no_run_wants_is_read_no_further(bench: Bench, engine: DirectEngine) -> None:
    wanted, unwanted = bench.image("a/wanted:1"), bench.index("a/unwanted:1")
    bench.hub.inject(Fault(kind=Kind.DELAY, action=Action.MANIFEST_GET, path="a/", amount=1.0, times=2))
    engine.ahead(unwanted)
    until(lambda: any(hits for _, hits in bench.hub.hits))
    run(engine, wanted)
    engine.close()
    assert bench.hub.counters.manifest_gets["a/unwanted"] == 1


@pytest.mark.parametrize("action", [Action.MANIFEST_GET, Action.CDN_GET])
def test_what_fails_is_tried_and_told_by_the_run(bench: Bench, engine: DirectEngine, action: Action) -> None:
    copy, other = bench.image("a/broken:1"), bench.image("a/whole:1")
    path = "a/broken" if action is Action.MANIFEST_GET else manifests(bench, copy)[0].blobs()[-1].digest.hex
    bench.hub.inject(Fault(kind=Kind.STATUS, status=403, action=action, path=path, times=None))
    engine.ahead(copy)
    engine.ahead(other)
    until(lambda: any(asked.status == 403 for asked in bench.hub.counters.requests))
    found = {outcome.reference: outcome for outcome in run(engine, copy, other)}
    assert found[copy.pin.reference].result is Result.FAILED
    assert found[other.pin.reference].result is Result.COPIED


def test_a_fault_that_passes_costs_the_run_nothing(bench: Bench, engine: DirectEngine) -> None:
    copy = bench.image("a/late:1")
    bench.hub.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_GET, path="a/late", times=1))
    engine.ahead(copy)
    until(lambda: any(asked.status == 403 for asked in bench.hub.counters.requests))
    assert [outcome.result for outcome in run(engine, copy)] == [Result.COPIED]
    assert bench.whole(copy)


def test_no_more_go_ahead_than_images_may_be_open(bench: Bench) -> None:
    engine = bench.engine(open=2)
    copies = [bench.image(f"a/app{n}:1") for n in range(6)]
    for copy in copies:
        engine.ahead(copy)
    until(lambda: arrived(bench, *copies[:2]))
    engine.close()
    assert bench.hub.pulls == 2


def test_without_a_run_what_is_under_way_ends(bench: Bench, engine: DirectEngine) -> None:
    copy = bench.image("a/slow:1", layers=[Layer(name="slow", size=1 << 20)])
    bench.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None))
    engine.ahead(copy)
    until(lambda: bench.hub.counters.by_repository(Action.CDN_GET).total() > 0)
    engine.close()
    until(lambda: not any(isinstance(each, Work) for each in gc.get_objects()))
    assert not arrived(bench, copy)


def test_what_is_told_to_end_asks_the_source_for_no_more(bench: Bench, engine: DirectEngine) -> None:
    copy = bench.image("a/app:1")
    bench.target.inject(Fault(kind=Kind.DELAY, action=Action.MOUNT, amount=0.5, times=None))
    engine.ahead(copy)
    until(lambda: any(hits for _, hits in bench.target.hits))
    engine.close()
    assert bench.hub.counters.blob_gets.total() == 0


def test_who_wants_a_blob_as_it_is_given_up_gets_it(
    bench: Bench, engine: DirectEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seeder.engines.direct.engine._LOOK", 0.2)
    shared = [Layer(name="shared", size=1 << 20)]
    unwanted, wanted = (bench.image(f"a/app:{tag}", layers=shared, note=tag) for tag in ("1", "2"))
    bench.hub.inject(
        Fault(kind=Kind.STALL, action=Action.CDN_GET, times=1),
        Fault(kind=Kind.DELAY, amount=1.5, action=Action.MANIFEST_GET, path=wanted.pin.descriptor.digest.hex),
    )
    # Between the end of what nobody wants any more and the word of it.
    bench.target.inject(Fault(kind=Kind.DELAY, amount=3, action=Action.UPLOAD_DELETE, times=1))
    engine.ahead(unwanted)
    until(lambda: bench.hub.counters.by_repository(Action.CDN_GET).total() > 0)
    (outcome,) = run(engine, wanted)
    assert outcome.result is Result.COPIED, outcome
    assert bench.whole(wanted)
