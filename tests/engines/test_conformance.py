"""What every engine must do, on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder.engines.events import Event, Finished, Started
from seeder.errors import DeniedError, MissingError, QuotaError, RegistryError, UnreachableError
from seeder.model.copy import Copy, Pulls
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.outcome import Copied, Result
from seeder.sandbox import Layer, Sandbox
from seeder.sandbox.counters import Action
from tests.engines.bench import AMD64, ARM64, RISCV, Bench, Store, benches, failed, faults
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.faults import Fault, Kind


@pytest.fixture(params=["direct", "direct ahead", pytest.param("skopeo", marks=pytest.mark.skopeo)])
def bench(request: pytest.FixtureRequest, home: Path) -> Iterator[Bench]:
    kind, _, ahead = request.param.partition(" ")
    if kind == "skopeo":
        request.getfixturevalue("skopeo")
    with benches(kind, home, goes_ahead=bool(ahead)) as made:
        yield made


def stands(bench: Bench, copy: Copy, digest: Digest) -> bool:
    """Whether the digest is what stands under each tag."""
    found = [bench.target.manifest(f"{copy.destination.repository}:{tag}") for tag in copy.tags]
    return [manifest and manifest.descriptor.digest for manifest in found] == [digest] * len(copy.tags)


@pytest.mark.parametrize("docker", [False, True])
def test_an_image_keeps_its_digest_and_gets_its_tags(bench: Bench, docker: bool) -> None:
    copy = bench.image("nginx:1.27", docker=docker)
    outcome = bench.one(copy)
    assert isinstance(outcome, Copied), outcome
    assert outcome.root == copy.root
    assert sorted(bench.target.tags("nginx")) == ["1.27", f"1.27-{copy.pin.descriptor.digest.short}"]
    assert bench.whole(copy)
    assert bench.hub.counters.manifest_gets.total() == 1


@pytest.mark.parametrize("docker", [False, True])
def test_a_whole_index_with_all_its_children(bench: Bench, docker: bool) -> None:
    copy = bench.index("nginx:1.27", docker=docker, attestations=not docker)
    assert bench.one(copy).root == copy.root
    assert bench.whole(copy)
    assert bench.hub.counters.manifest_gets.total() == copy.pulls.assumed


def test_one_platform_of_an_index_stands_in_for_it(bench: Bench) -> None:
    index = bench.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64))
    outcome = bench.one(bench.copy("nginx:1.27", index, ARM64, pulls=2))
    whole = bench.hub.manifest("nginx:1.27")
    assert whole is not None
    child = whole.for_platform(ARM64)
    assert child is not None
    assert outcome.root == child.digest
    names = {"1.27", f"1.27-{index.digest.short}", f"1.27-{child.digest.short}"}
    assert set(bench.target.tags("nginx")) == names
    assert {bench.target.manifest(f"nginx:{tag}").descriptor.digest for tag in names} == {child.digest}  # type: ignore[union-attr]
    assert bench.hub.counters.manifest_gets.total() == 2
    assert bench.store.get(index.digest) is not None


def nested(bench: Bench, text: str, *below: Descriptor) -> Descriptor:
    """An index at the hub that names what is below it, each for another platform."""
    entries = [
        {
            "mediaType": one.media_type,
            "digest": str(one.digest),
            "size": one.size,
            "platform": {"os": platform.os, "architecture": platform.architecture},
        }
        for one, platform in zip(below, (AMD64, ARM64, RISCV), strict=False)
    ]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return bench.hub.put_manifest(text, OCI_INDEX, json.dumps(document).encode())


@pytest.mark.parametrize("is_known", [False, True])
def test_an_index_in_an_index_with_all_below_it(bench: Bench, is_known: bool) -> None:
    """Twice below: what two indexes name, and an index that names an index."""
    image, inner = bench.hub.put_image("nginx:image"), bench.hub.put_index("nginx:inner")
    middle = nested(bench, "nginx:middle", inner, image)
    root = nested(bench, "nginx:1.27", image, middle, inner)
    whole = bench.hub.manifest("nginx:1.27")
    assert whole is not None
    if is_known:
        bench.store.put(whole)
    copy = bench.copy("nginx:1.27", root, root=root.digest, pulls=6)
    outcome = bench.one(copy)
    assert isinstance(outcome, Copied), outcome
    assert outcome.root == root.digest
    assert bench.whole(copy)
    assert set(bench.target.tags("nginx")) == set(copy.tags)
    assert stands(bench, copy, root.digest)
    manifests = 6 - is_known
    if bench.kind == "direct" or is_known:
        assert bench.hub.counters.manifest_gets.total() == manifests
    assert outcome.pulls == bench.hub.counters.manifest_gets.total()


def test_an_index_in_an_index_for_one_platform(bench: Bench) -> None:
    """All of what stands there for the platform, an index as it is."""
    inner, other = bench.hub.put_index("nginx:inner"), bench.hub.put_image("nginx:image")
    copy = bench.copy("nginx:1.27", nested(bench, "nginx:1.27", inner, other), AMD64, pulls=4)
    outcome = bench.one(copy)
    assert isinstance(outcome, Copied), outcome
    assert outcome.root == inner.digest
    assert bench.whole(copy)
    assert stands(bench, copy, inner.digest)


def test_what_came_of_an_index_in_an_index_is_not_paid_again(bench: Bench) -> None:
    image, inner = bench.hub.put_image("nginx:image"), bench.hub.put_index("nginx:inner")
    root = nested(bench, "nginx:1.27", image, inner)
    copy = bench.copy("nginx:1.27", root, root=root.digest, pulls=5)
    bench.target.inject(Fault(kind=Kind.STATUS, action=Action.MANIFEST_PUT, path=str(inner.digest), status=403))
    assert isinstance(failed(bench.run(copy)), DeniedError)
    assert bench.target.tags("nginx") == []
    bench.hub.reset()
    assert bench.one(copy).result is Result.COPIED
    assert bench.whole(copy)
    assert bench.hub.counters.manifest_gets.total() == 0


def test_indexes_below_indexes_without_end_are_refused(bench: Bench) -> None:
    """No index can name itself, for it would have to know its own hash; but they may be nested without end."""
    inner = bench.hub.put_image("nginx:0")
    for _ in range(12):
        inner = nested(bench, "nginx:1.27", inner)
    error = failed(bench.run(bench.copy("nginx:1.27", inner, root=inner.digest)))
    assert isinstance(error, RegistryError)
    assert error.code == "nesting"
    assert bench.target.tags("nginx") == []


def test_several_platforms_are_the_whole_index(bench: Bench) -> None:
    copy = replace(bench.index("nginx:1.27"), platforms=(AMD64, ARM64))
    assert bench.one(copy).root == copy.pin.descriptor.digest
    assert bench.whole(copy)


def test_a_platform_that_the_image_lacks(bench: Bench) -> None:
    index = bench.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64))
    error = failed(bench.run(bench.copy("nginx:1.27", index, RISCV)))
    assert isinstance(error, MissingError)
    assert "it has linux/amd64, linux/arm64" in error.message


def test_tags_alone_cost_nothing_at_the_source(bench: Bench) -> None:
    copy = bench.image("nginx:1.27")
    bench.one(copy)
    before = bench.hub.counters.total
    more = bench.copy("nginx:1.28", copy.pin.descriptor, root=copy.root)
    bench.store = Store()
    assert bench.one(replace(more, present=True, pulls=Pulls())).result is Result.COPIED
    assert stands(bench, more, copy.pin.descriptor.digest)
    assert bench.hub.counters.total == before


def test_two_references_of_one_image_are_copied_once(bench: Bench) -> None:
    one = bench.image("nginx:1.27")
    bench.hub.put_image("nginx:stable")
    two = bench.copy("nginx:stable", one.pin.descriptor, root=one.root)
    assert [outcome.result for outcome in bench.run(one, two)] == [Result.COPIED] * 2
    assert {"1.27", "stable"} < set(bench.target.tags("nginx"))
    assert bench.hub.counters.manifest_gets.total() == 1


def test_one_failure_leaves_the_others_be(bench: Bench) -> None:
    good = bench.image("nginx:1.27")
    gone = bench.copy("gone:1", replace(good.pin.descriptor, digest=Digest.of(b"gone")))
    found = {outcome.reference.familiar(): outcome for outcome in bench.run(gone, good)}
    assert isinstance(found["gone:1"].error, MissingError)
    assert found["nginx:1.27"].result is Result.COPIED
    assert bench.target.tags("gone") == []


def test_each_image_has_one_outcome_and_its_events(bench: Bench) -> None:
    copies = [bench.image(f"a/i{n}:1") for n in range(6)]
    events: list[Event] = []
    outcomes = bench.run(*copies, on_event=events.append)
    assert {event.copy for event in events if isinstance(event, Started)} == set(copies)
    references = sorted(str(copy.pin.reference) for copy in copies)
    assert sorted(str(event.outcome.reference) for event in events if isinstance(event, Finished)) == references
    assert sorted(str(outcome.reference) for outcome in outcomes) == references


def test_a_second_engine_run_pays_for_nothing_it_has(bench: Bench) -> None:
    copy = bench.index("nginx:1.27")
    bench.one(copy)
    bench.hub.reset()
    assert isinstance(bench.one(replace(copy, pulls=Pulls())), Copied)
    if bench.kind == "direct":
        assert bench.hub.counters.manifest_gets.total() == 0
        assert bench.hub.counters.blob_gets.total() == 0


def test_a_spent_quota_defers_and_asks_for_no_manifest(bench: Bench) -> None:
    copy = bench.image("nginx:1.27")
    bench.hub.set_quota(0)
    outcome = bench.one(copy)
    assert outcome.result is Result.DEFERRED
    assert isinstance(outcome.error, QuotaError)
    assert bench.hub.counters.manifest_gets.total() == 0


def test_the_reserve_is_kept_and_the_rest_is_put_off(bench: Bench) -> None:
    copies = [bench.image(f"a/i{n}:1") for n in range(8)]
    bench.hub.set_quota(5)  # of which one is kept
    results = sorted(outcome.result for outcome in bench.run(*copies))
    assert results == [Result.COPIED] * 4 + [Result.DEFERRED] * 4
    assert bench.hub.pulls == 4


def test_a_quota_that_ends_midway_leaves_no_tag(bench: Bench) -> None:
    copy = replace(bench.index("nginx:1.27"), pulls=Pulls(at_least=1, assumed=1))
    bench.hub.set_quota(2)
    outcome = bench.one(copy)
    assert outcome.result is Result.DEFERRED
    assert bench.target.tags("nginx") == []
    assert len([asked for asked in bench.hub.counters.requests if asked.status == 429]) <= 1


def test_what_was_deferred_goes_on_where_it_ended(bench: Bench) -> None:
    copy = bench.index("nginx:1.27")
    bench.hub.set_quota(2)
    assert bench.one(copy).result is Result.DEFERRED
    bench.hub.set_quota(None)
    assert bench.one(copy).result is Result.COPIED
    assert bench.whole(copy)


def test_a_target_without_tls_gets_advice(bench: Bench) -> None:
    copy = bench.image("nginx:1.27")
    with Sandbox(token_auth=False) as other:
        elsewhere = replace(copy, destination=replace(copy.destination, registry=other.address))
        error = failed(bench.run(elsewhere))
    assert isinstance(error, UnreachableError)
    assert "insecure: true" in error.hint


def test_a_target_that_is_down(bench: Bench) -> None:
    copy = bench.image("nginx:1.27")
    bench.target.stop()
    assert isinstance(failed(bench.run(copy)), UnreachableError)


def test_a_target_that_refuses_the_push(bench: Bench) -> None:
    with Sandbox(token_auth=False, read_only=True) as shut:
        closed = Bench(bench.kind, bench.hub, shut)
        error = failed(closed.run(closed.image("nginx:1.27")))
    assert isinstance(error, DeniedError)
    assert error.where == shut.address


def test_credentials_are_those_of_the_users_file(bench: Bench, home: Path) -> None:
    with Sandbox(token_auth=False, basic=("u", "p")) as guarded:
        closed = Bench(bench.kind, bench.hub, guarded)
        copy = closed.image("nginx:1.27")
        assert isinstance(failed(closed.run(copy)), DeniedError)
        (home / ".docker").mkdir()
        login = {"auths": {guarded.address: {"auth": "dTpw"}}}
        (home / ".docker/config.json").write_text(json.dumps(login))
        assert closed.one(copy).result is Result.COPIED


def test_closing_the_run_leaves_no_tag_of_what_was_under_way(bench: Bench) -> None:
    layers = [Layer(name=f"big{n}", size=8 << 20) for n in range(2)]
    small = bench.image("small:1")
    big = [bench.image(f"{layer.name}:1", layers=[layer]) for layer in layers]
    for layer in layers:
        manifest = bench.hub.manifest(f"{layer.name}:1")
        assert manifest is not None
        path = manifest.blobs()[-1].digest.hex
        bench.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, path=path, times=None, amount=1.5))
    run = bench.engine().run([small, *big], lambda _: None)
    assert next(run).reference.familiar() == "small:1"
    run.close()  # type: ignore[attr-defined]
    assert bench.target.tags("big0") == bench.target.tags("big1") == []


def test_wrong_bytes_never_get_a_tag(bench: Bench) -> None:
    copy = bench.image("nginx:1.27")
    bench.hub.inject(Fault(kind=Kind.CORRUPT, action=Action.CDN_GET, times=None))
    assert bench.one(copy).result is Result.FAILED
    assert bench.target.tags("nginx") == []


def test_a_real_registry_takes_what_an_engine_puts(bench: Bench, start_registry: StartRegistry) -> None:
    registry = start_registry()

    class Real:
        """As much of a sandbox as a bench asks for."""

        address = registry.address

    real = Bench(bench.kind, bench.hub, Real())  # type: ignore[arg-type]
    deep = nested(real, "deep:1", real.hub.put_index("deep:inner"), real.hub.put_image("deep:image"))
    copies = [
        real.index("nginx:1.27", attestations=True),
        real.image("redis:7", docker=True),
        real.copy("deep:1", deep, root=deep.digest),
    ]
    assert faults(real.run(*copies)) == []
    client = real.client()
    for copy in copies:
        for tag in copy.tags:
            place = replace(copy.place, tag=tag, digest=None)
            assert client.head_manifest(place).digest == copy.pin.descriptor.digest
