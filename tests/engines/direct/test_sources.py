"""Several that have a blob: what one of them spoils is no fault of the others, nor of the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder.model.copy import Copy
from seeder.model.outcome import Outcome, Result
from seeder.sandbox import Action, Layer, Sandbox
from tests.engines.bench import Bench
from tests.fixtures.faults import Fault, Kind
from tests.registry.scripted import Reply, Request, Script, scripted

SHARED = Layer(name="shared", size=9000)


@pytest.fixture
def other(bench: Bench, home: Path) -> Iterator[Sandbox]:
    """A second source."""
    with Sandbox() as running:
        (home / "registries.conf").write_text(bench.hub.registries_conf() + running.registries_conf("other.test"))
        yield running


def elsewhere(bench: Bench, other: Sandbox, name: str, *layers: Layer) -> Copy:
    """An image of the second source, and its copy."""
    descriptor = other.put_image(name, layers=layers)
    return bench.copy(f"other.test/{name}", descriptor, root=descriptor.digest)


def beside(copy: Copy, first: Copy) -> Copy:
    """The copy, into the repository of another one."""
    destination = replace(copy.destination, repository=first.destination.repository, tags=("beside",))
    return replace(copy, destination=destination, tags=("beside",))


def results(outcomes: list[Outcome]) -> dict[str, Result]:
    return {outcome.reference.repository: outcome.result for outcome in outcomes}


def test_a_source_that_breaks_off_leaves_the_target_to_others(bench: Bench, other: Sandbox) -> None:
    broken = [bench.image(f"a/app{n}:1", layers=[Layer(name=f"own{n}")]) for n in range(10)]
    bench.hub.inject(Fault(kind=Kind.RESET, action=Action.CDN_GET, times=None))
    other.inject(Fault(kind=Kind.DELAY, action=Action.MANIFEST_GET, amount=1.0))
    found = results(bench.run(*broken, elsewhere(bench, other, "b/fine:1")))
    assert found.pop("b/fine") is Result.COPIED
    assert set(found.values()) == {Result.FAILED}


@pytest.mark.parametrize("late", [False, True], ids=["before it moves", "while it moves"])
def test_what_one_source_lost_comes_from_the_other(bench: Bench, other: Sandbox, late: bool) -> None:
    one = bench.image("a/one:1", layers=[SHARED, Layer(name="one")])
    two = beside(elsewhere(bench, other, "b/two:1", SHARED, Layer(name="two")), one)
    lost = bench.hub.manifest("a/one:1").layers()[0].digest  # type: ignore[union-attr]
    bench.hub.remove_blob("a/one", lost)
    slow, pace = (bench.hub, Action.BLOB_GET) if late else (bench.target, Action.MOUNT)
    slow.inject(Fault(kind=Kind.DELAY, action=pace, amount=1.0, path="" if not late else lost.hex, times=None))
    other.inject(Fault(kind=Kind.DELAY, action=Action.MANIFEST_GET, amount=0.3 if late else 0.0))
    found = results(bench.run(one, two))
    assert found["b/two"] is Result.COPIED
    assert found["a/one"] is (Result.FAILED if late else Result.COPIED)


def test_what_the_target_has_and_lets_nobody_read_comes_from_the_source(bench: Bench) -> None:
    copies = [bench.image(f"a/app{n}:1", layers=[SHARED, Layer(name=f"own{n}")]) for n in range(3)]
    bench.target.inject(
        *(Fault(kind=Kind.STATUS, status=403, action=action, times=None) for action in (Action.MOUNT, Action.BLOB_GET))
    )
    assert set(results(bench.run(*copies)).values()) == {Result.COPIED}
    assert all(map(bench.whole, copies))


def another(_offset: int, blob: bytes) -> Reply:
    return Reply(status=206, headers={"Content-Range": f"bytes 0-0/{len(blob)}"}, body=blob[:1])


def shorter(offset: int, blob: bytes) -> Reply:
    some = blob[offset : offset + (300 << 10)]
    return Reply(
        status=206, headers={"Content-Range": f"bytes {offset}-{offset + len(some) - 1}/{len(blob)}"}, body=some
    )


def serving(image: Sandbox, ranged: Callable[[int, bytes], Reply]) -> Script:
    """A registry with one image, which breaks off each blob in its middle, the first time that it is asked for."""
    held = image.manifest("app:1")
    assert held is not None
    blobs = {str(blob.digest): b"".join(image._storage.any_blob(blob.digest).pieces()) for blob in held.blobs()}  # type: ignore[union-attr]
    broken: set[str] = set()

    def answer(request: Request) -> Reply:
        name = request.path.rpartition("/")[2]
        if name not in blobs:
            return Reply(headers={"Content-Type": held.descriptor.media_type}, body=held.raw)
        for header, asked in request.headers.items():
            if header.lower() == "range":
                return ranged(int(asked.removeprefix("bytes=").removesuffix("-")), blobs[name])
        if name not in broken:
            broken.add(name)
            return Reply(body=blobs[name], cut=len(blobs[name]) // 2)
        return Reply(body=blobs[name])

    return answer


@pytest.mark.parametrize("ranged", [another, shorter])
def test_a_range_that_brings_something_else_or_less_is_no_end(
    bench: Bench, home: Path, ranged: Callable[[int, bytes], Reply]
) -> None:
    descriptor = bench.hub.put_image("app:1", layers=[Layer(name="large", size=4 << 20)])
    with scripted(serving(bench.hub, ranged)) as odd:
        known = f'[[registry]]\nprefix = "odd.test"\nlocation = "{odd.address}"\ninsecure = true\n'
        (home / "registries.conf").write_text(known)
        outcome = bench.one(bench.copy("odd.test/app:1", descriptor, root=descriptor.digest))
    assert outcome.result is Result.COPIED, outcome
