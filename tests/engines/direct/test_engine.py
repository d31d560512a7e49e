"""How many images are under way at the same time."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder.engines.direct.graph import Node
from seeder.engines.direct.job import Job
from seeder.engines.direct.shelf import Shelf
from seeder.engines.events import Event, Finished, Started
from seeder.model.outcome import Copied, Result
from seeder.model.platform import Platform
from seeder.sandbox import Action, Layer, Sandbox
from seeder.transfer import transfer
from tests.engines.bench import AMD64, ARM64, RISCV, Bench, Store
from tests.fixtures.faults import Fault, Kind


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_images_are_open_than_said(bench: Bench, most: int) -> None:
    shared = Layer(name="shared", size=3000)
    copies = [bench.image(f"a/app{n}:1", layers=[shared, Layer(name=f"own {n}", size=100)]) for n in range(12)]
    under_way, seen = 0, []

    def hear(event: Event) -> None:
        nonlocal under_way
        under_way += isinstance(event, Started) - isinstance(event, Finished)
        seen.append(under_way)

    outcomes = bench.run(*copies, on_event=hear, open=most)
    assert [outcome.result for outcome in outcomes] == [Result.COPIED] * 12
    assert all(bench.whole(copy) for copy in copies)
    assert max(seen) == most
    assert bench.asked_more_than_once("blob-get") == {}


def test_a_repository_of_the_target_takes_one_token(home: Path) -> None:
    """The one to write is good for the question whether a blob is there, too."""
    with Sandbox() as hub, Sandbox() as target:
        (home / "registries.conf").write_text(hub.registries_conf())
        bench = Bench("direct", hub, target)
        outcomes = bench.run(*(bench.image(f"a/app{n}:1", layers=[Layer(name=f"own {n}")]) for n in range(6)))
        assert {outcome.result for outcome in outcomes} == {Result.COPIED}
        first = 1  # what the first challenge asks for is asked for as it says
        assert target.counters.by_repository(Action.TOKEN).total() <= 6 + first


@pytest.mark.parametrize("goes_ahead", [False, True], ids=["", "ahead"])
@pytest.mark.parametrize(("kind", "amount"), [(Kind.SLOW, 0.001), (Kind.STALL, None)])
def test_images_that_take_too_long_leave_their_threads_to_others(
    bench: Bench, kind: Kind, amount: float | None, goes_ahead: bool
) -> None:
    """A body that trickles never ends by itself, and there are no more threads than two."""
    bench.goes_ahead = goes_ahead
    slow = [bench.image(f"a/slow{n}:1", layers=[Layer(name=f"slow {n}", size=1 << 20)]) for n in range(2)]
    quick = [bench.image(f"a/quick{n}:1") for n in range(3)]
    for copy in slow:
        layer = bench.hub.manifest(copy.pin.reference.familiar()).blobs()[-1]  # type: ignore[union-attr]
        bench.hub.inject(Fault(kind=kind, action=Action.CDN_GET, path=layer.digest.hex, times=None, amount=amount))
    outcomes = {outcome.reference: outcome for outcome in bench.run(*slow, *quick, workers=2, open=2, timeout=0.4)}
    assert [outcomes[copy.pin.reference].error.code for copy in slow] == ["timeout"] * 2  # type: ignore[union-attr]
    assert [outcomes[copy.pin.reference].result for copy in quick] == [Result.COPIED] * 3
    assert [bench.target.tags(copy.destination.repository) or [] for copy in slow] == [[], []]


@pytest.mark.parametrize(("wanted", "learnt"), [((), {AMD64, ARM64, RISCV}), ((AMD64, ARM64), {AMD64, ARM64})])
def test_the_platforms_of_an_index_are_learnt_on_the_way(
    bench: Bench, wanted: tuple[Platform, ...], learnt: set[Platform]
) -> None:
    copy = bench.index("a/many:1", platforms=(AMD64, ARM64, RISCV), attestations=True)
    outcome = bench.one(replace(copy, platforms=wanted))
    assert isinstance(outcome, Copied)
    assert outcome.pin.platforms.keys() == learnt
    whole = bench.hub.manifest("a/many:1")
    assert whole is not None
    for platform, pinned in outcome.pin.platforms.items():
        child = whole.for_platform(platform)
        assert child is not None
        assert pinned.digest == child.digest


def held() -> list[object]:
    return [each for each in gc.get_objects() if isinstance(each, Job | Node)]


def test_an_image_that_was_copied_is_held_in_memory_no_longer(bench: Bench) -> None:
    """Nor does it take the garbage collector, which looks through a run's graph too seldom to help."""
    copies = [bench.image("a/plain:1"), bench.index("a/many:1")]
    gc.collect()
    gc.disable()
    try:
        assert {outcome.result for outcome in bench.run(*copies)} == {Result.COPIED}
        until = time.monotonic() + 5  # threads may still be on their way out of the last image
        while held() and time.monotonic() < until:
            time.sleep(0.01)
        assert held() == []
    finally:
        gc.enable()


def test_blobs_that_nobody_wants_any_more_are_planned_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an image that failed, while another is still under way."""
    planned: list[object] = []
    plan = Shelf._plan
    monkeypatch.setattr(Shelf, "_plan", lambda shelf, landing: (planned.append(landing), plan(shelf, landing))[1])
    broken = bench.image("a/broken:1", layers=[Layer(name=f"{n}", size=5000) for n in range(30)])
    slow = bench.image("a/slow:1", layers=[Layer(name="slow")])
    gone = bench.hub.manifest("a/broken:1").layers()[0].digest  # type: ignore[union-attr]
    bench.hub.remove_blob("a/broken", gone)
    bench.hub.inject(Fault(kind=Kind.DELAY, action=Action.BLOB_GET, path="a/slow", amount=1.0))
    found = {outcome.reference.repository: outcome.result for outcome in bench.run(broken, slow, workers=3)}
    assert found == {"a/broken": Result.FAILED, "a/slow": Result.COPIED}
    assert len(planned) == 31 + 2


def test_images_with_a_large_blob_come_first(bench: Bench) -> None:
    small = [bench.image(f"a/small{n}:1", layers=[Layer(name=f"{n}")]) for n in range(5)]
    large = bench.image("b/large:1", layers=[Layer(name="large", size=5 << 20)])
    assert {outcome.result for outcome in bench.run(*small, large, workers=1)} == {Result.COPIED}
    moved = [asked.repository for asked in bench.hub.counters.requests if asked.action is Action.BLOB_GET]
    assert moved[:2] == ["b/large"] * 2


def test_the_first_child_of_an_index_is_put_before_the_others(bench: Bench) -> None:
    """So that a later run without a store finds by one question whether the target has any of them."""
    copy = bench.index("a/app:1", platforms=(AMD64, ARM64, RISCV))
    index = bench.hub.manifest("a/app:1")
    assert index is not None
    first = bench.hub.manifest(f"a/app@{index.children()[0].digest}")
    assert first is not None
    bench.hub.inject(Fault(kind=Kind.DELAY, action=Action.BLOB_GET, path=first.layers()[-1].digest.hex, amount=1.0))
    assert isinstance(bench.one(copy), Copied)
    put = [asked.selector for asked in bench.target.counters.requests if asked.action is Action.MANIFEST_PUT]
    assert put[0] == str(first.descriptor.digest)


def test_children_that_stand_there_are_read_from_there_where_the_store_is_gone(bench: Bench) -> None:
    copy = bench.index("a/app:1", platforms=(AMD64, ARM64, RISCV))
    bench.target.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_PUT, path="manifests/1", times=None))
    assert bench.one(copy).result is Result.FAILED
    bench.target.heal()
    bench.hub.reset()
    bench.store = Store()
    assert isinstance(bench.one(copy), Copied)
    assert bench.hub.counters.manifest_gets.total() == 1


def test_a_manifest_that_is_still_being_read_is_not_asked_for_again_by_the_next_pass(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image has failed at the target meanwhile, and a pass does not wait for all that it began."""
    monkeypatch.setattr("seeder.engines.direct.engine._ENDING", 0.1)
    copy = bench.index("a/many:1", platforms=(AMD64, ARM64))
    late = bench.hub.manifest("a/many:1").children()[1].digest  # type: ignore[union-attr]
    bench.hub.inject(Fault(kind=Kind.DELAY, action=Action.MANIFEST_GET, path=late.hex, times=None, amount=1.0))
    bench.target.inject(Fault(kind=Kind.STATUS, action=Action.MOUNT, status=500, times=None))
    passes = []

    def heal(_seconds: float) -> None:
        passes.append(bench.hub.counters.manifest_gets.total())
        bench.target.heal()

    outcomes = list(transfer([copy], bench.engine(), lambda _: None, heal))
    assert [outcome.result for outcome in outcomes] == [Result.COPIED]
    assert passes == [2]
    assert bench.whole(copy)
    assert bench.asked_more_than_once(Action.MANIFEST_GET) == {}
