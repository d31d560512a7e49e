"""Mirrors of registries.conf: asked first by digest, believed in nothing, and never what a copy hangs on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.model.copy import Copy
from seeder.model.outcome import Copied
from seeder.sandbox import Layer, Sandbox
from seeder.sandbox.counters import Action
from tests.engines.bench import Bench, faults
from tests.fixtures.faults import Fault, Kind
from tests.registry.scripted import Reply, scripted

BIG = Layer(name="big", size=3 << 20)


@pytest.fixture
def mirror(bench: Bench, home: Path) -> Iterator[Sandbox]:
    with Sandbox() as running:
        mirrored(bench, home, running.address)
        yield running


def mirrored(bench: Bench, home: Path, *addresses: str) -> None:
    tables = [f'[[registry.mirror]]\nlocation = "{address}"\ninsecure = true\n' for address in addresses]
    (home / "registries.conf").write_text(bench.hub.registries_conf() + "".join(tables))


def app(bench: Bench, *mirrors: Sandbox) -> Copy:
    """An image at the hub and at its mirrors."""
    for mirror in mirrors:
        mirror.put_image("app:1", layers=[BIG])
    return bench.image("app:1", layers=[BIG])


def asked(sandbox: Sandbox) -> tuple[int, int]:
    """Manifests and blobs that were read there."""
    return sandbox.counters.manifest_gets.total(), sandbox.counters.blob_gets.total()


def copied(bench: Bench, copy: Copy) -> None:
    outcome = bench.one(copy)
    assert isinstance(outcome, Copied), outcome
    assert bench.whole(copy)


def test_all_comes_from_a_mirror_that_has_it(bench: Bench, mirror: Sandbox) -> None:
    copied(bench, app(bench, mirror))
    assert asked(mirror) == (1, 2)
    assert asked(bench.hub) == (0, 0)


def test_what_a_mirror_lacks_comes_from_the_source(bench: Bench, mirror: Sandbox) -> None:
    copy = app(bench, mirror)
    mirror.remove_blob("app", mirror.manifest("app:1").blobs()[-1].digest)  # type: ignore[union-attr]
    copied(bench, copy)
    assert asked(bench.hub) == (0, 1)
    other = bench.image("other:1")
    mirror.put_image("other:1")
    copied(bench, other)  # lacking one is no reason not to ask for others
    assert asked(bench.hub) == (0, 1)


@pytest.mark.parametrize(
    "kind", [Kind.CUT, Kind.CORRUPT, Kind.OVERLONG, Kind.STATUS, Kind.RESET, Kind.UNAUTHORIZED, Kind.REDIRECT_LOOP]
)
@pytest.mark.parametrize("action", [Action.BLOB_GET, Action.CDN_GET])
def test_a_mirror_that_fails_stops_nothing(bench: Bench, mirror: Sandbox, kind: Kind, action: Action) -> None:
    copy = app(bench, mirror)
    mirror.inject(Fault(kind=kind, action=action, times=None))
    copied(bench, copy)


def test_wrong_bytes_of_a_mirror_are_not_asked_for_twice(bench: Bench, mirror: Sandbox) -> None:
    copies = [app(bench, mirror), *(bench.image(f"app{n}:1", layers=[Layer(name=f"l{n}")]) for n in range(5))]
    for n in range(5):
        mirror.put_image(f"app{n}:1", layers=[Layer(name=f"l{n}")])
    mirror.inject(Fault(kind=Kind.CORRUPT, action=Action.CDN_GET, times=None))
    outcomes = list(bench.run(*copies, workers=1))
    assert faults(outcomes) == []
    assert all(map(bench.whole, copies))
    assert asked(mirror)[1] == 1


def test_a_download_that_breaks_off_at_a_mirror_goes_on_at_the_source(bench: Bench, mirror: Sandbox) -> None:
    copy = app(bench, mirror)
    layer = mirror.manifest("app:1").blobs()[-1].digest.hex  # type: ignore[union-attr]
    mirror.inject(Fault(kind=Kind.CUT, action=Action.CDN_GET, path=layer, amount=2 << 20))
    copied(bench, copy)
    assert [request.status for request in bench.hub.counters.requests if request.action is Action.CDN_GET] == [206]


def test_the_second_mirror_is_asked_before_the_source(bench: Bench, home: Path, mirror: Sandbox) -> None:
    with Sandbox() as second:
        mirrored(bench, home, mirror.address, second.address)
        copied(bench, app(bench, second))
        assert asked(second) == (1, 2)
    assert asked(bench.hub) == (0, 0)


def test_a_mirror_that_is_down_is_asked_for_nothing_more(bench: Bench, home: Path, closed_port: str) -> None:
    mirrored(bench, home, closed_port)
    copied(bench, app(bench))
    assert asked(bench.hub) == (1, 2)


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.RESET, Kind.CORRUPT, Kind.CUT, Kind.ABUSE])
def test_a_mirror_that_fails_at_manifests_is_given_up_for_all(bench: Bench, mirror: Sandbox, kind: Kind) -> None:
    copies = [bench.image(f"app{n}:1", layers=[Layer(name=f"l{n}")]) for n in range(6)]
    for n in range(6):
        mirror.put_image(f"app{n}:1", layers=[Layer(name=f"l{n}")])
    mirror.inject(Fault(kind=kind, action=Action.MANIFEST_GET, times=None))
    assert faults(bench.run(*copies, workers=1)) == []
    assert mirror.counters.manifest_gets.total() <= 2  # a manifest's GET is tried twice
    assert asked(bench.hub)[0] == 6


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_mirror_that_lacks_or_denies_one_image_is_asked_for_the_others(
    bench: Bench, mirror: Sandbox, status: int
) -> None:
    copies = [bench.image(f"app{n}:1", layers=[Layer(name=f"l{n}")]) for n in range(3)]
    for n in range(3):
        mirror.put_image(f"app{n}:1", layers=[Layer(name=f"l{n}")])
    mirror.inject(Fault(kind=Kind.STATUS, action=Action.MANIFEST_GET, path="app0/", status=status, times=None))
    assert faults(bench.run(*copies, workers=1)) == []
    assert asked(bench.hub)[0] == 1


def test_no_host_sees_the_credentials_of_another(bench: Bench, home: Path) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    with scripted(lambda _: Reply(status=404)) as mirror, Sandbox(token_auth=False, basic=("u", "p")) as hub:
        closed = Bench("direct", hub, bench.target)
        mirrored(closed, home, mirror.address)
        login = {"auths": {name: {"auth": "dTpw"} for name in (hub.address, "https://index.docker.io/v1/")}}
        (home / ".docker/config.json").write_text(json.dumps(login))
        copied(closed, app(closed))
        blobs = [request for request in mirror.seen if "/blobs/" in request.path]
        assert len(blobs) == 2
        assert [
            request for request in mirror.seen if "authorization" in {name.lower() for name in request.headers}
        ] == []
