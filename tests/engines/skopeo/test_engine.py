"""The real skopeo between a stand-in of Docker Hub and a target."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from seeder import targets
from seeder.engines.events import Event, Finished, Started
from seeder.engines.skopeo import SkopeoEngine
from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    EngineError,
    MissingError,
    QuotaError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Outcome, Pulls, Result
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry import config, credentials
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.sandbox import Action, Fault, Kind, Layer, Sandbox

AMD64, ARM64, RISCV = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("linux", "riscv64")


class Store:
    """Manifests in memory."""

    def __init__(self) -> None:
        self._held: dict[Digest, Manifest] = {}

    def get(self, digest: Digest) -> Manifest | None:
        return self._held.get(digest)

    def put(self, manifest: Manifest) -> None:
        self._held[manifest.descriptor.digest] = manifest


@dataclass
class Bench:
    """A hub, a target, and an engine between them."""

    hub: Sandbox
    target: Sandbox
    store: Store

    def engine(self, **changes: object) -> SkopeoEngine:
        environment = dict(os.environ)
        sources = Sources(
            environment=environment, conf=config.load(environment), credentials=credentials.load(environment)
        )
        hosts = frozenset({self.target.address})
        client = Client(sources.conf, sources.credentials, insecure_hosts=hosts, environment=environment)
        return replace(
            SkopeoEngine(client=client, store=self.store, sources=sources, insecure_hosts=hosts),
            **changes,  # type: ignore[arg-type]
        )

    def copy(
        self, text: str, descriptor: Descriptor, *platforms: Platform, root: Digest | None = None, pulls: int = 1
    ) -> Copy:
        reference = ImageReference.parse(text)
        settings = TargetSettings(name="event", registry=self.target.address, insecure=True)
        destination = targets.rooted(targets.destination(reference, descriptor.digest, settings), root)
        return Copy(
            pin=Pin(reference=reference, descriptor=descriptor),
            destination=destination,
            platforms=platforms,
            root=root,
            tags=destination.tags,
            pulls=Pulls(at_least=pulls, assumed=pulls),
        )

    def run(
        self, *copies: Copy, on_event: Callable[[Event], None] = lambda _: None, **changes: object
    ) -> list[Outcome]:
        return list(self.engine(**changes).run(copies, on_event))


@pytest.fixture
def bench(home: Path, skopeo: str) -> Iterator[Bench]:
    with Sandbox() as hub, Sandbox(token_auth=False) as target:
        (home / "registries.conf").write_text(hub.registries_conf())
        yield Bench(hub, target, Store())


def children(name: str) -> list[int]:
    """Running programs of that name that this process started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            program, rest = status.read_text().split("(", 1)[1].rsplit(")", 1)
            state, parent = rest.split()[:2]
            if program == name and int(parent) == os.getpid() and state != "Z":
                found.append(int(status.parent.name))
    return found


def logged_in(registry: Sandbox) -> str:
    """An auth file for the user `u` with the password `p`."""
    return json.dumps({"auths": {registry.address: {"auth": "dTpw"}}})


def failed(outcomes: Sequence[Outcome]) -> SeederError:
    (outcome,) = outcomes
    assert outcome.error is not None
    return outcome.error


@pytest.mark.parametrize("docker", [False, True])
def test_an_image_keeps_its_digest_and_gets_its_tags(bench: Bench, docker: bool) -> None:
    nginx = bench.hub.put_image("nginx:1.27", docker=docker)
    (outcome,) = bench.run(bench.copy("nginx:1.27", nginx))
    assert (outcome.result, outcome.root) == (Result.COPIED, nginx.digest)
    assert sorted(bench.target.tags("nginx")) == ["1.27", f"1.27-{nginx.digest.short}"]
    for tag in bench.target.tags("nginx"):
        stands = bench.target.manifest(f"nginx:{tag}")
        assert stands is not None
        assert stands.descriptor == nginx
    assert bench.hub.counters.manifest_gets.total() == 1


@pytest.mark.parametrize("docker", [False, True])
def test_a_whole_index(bench: Bench, docker: bool) -> None:
    index = bench.hub.put_index("nginx:1.27", docker=docker, attestations=not docker)
    (outcome,) = bench.run(bench.copy("nginx:1.27", index, root=index.digest))
    assert outcome.root == index.digest
    stands = bench.target.manifest("nginx:1.27")
    assert stands is not None
    assert stands.descriptor.digest == index.digest
    for child in stands.children():
        assert bench.target.manifest(f"nginx@{child.digest}") is not None
    assert bench.hub.counters.manifest_gets.total() == 1 + len(stands.children())


def test_one_platform_of_an_index(bench: Bench) -> None:
    index = bench.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64))
    (outcome,) = bench.run(bench.copy("nginx:1.27", index, ARM64, pulls=2))
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


def test_a_platform_that_the_image_lacks(bench: Bench) -> None:
    index = bench.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64))
    error = failed(bench.run(bench.copy("nginx:1.27", index, RISCV)))
    assert isinstance(error, MissingError)
    assert "it has linux/amd64, linux/arm64" in error.message


def test_what_stands_at_the_target_costs_nothing_at_the_source(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    bench.run(bench.copy("nginx:1.27", nginx))
    before = bench.hub.counters.total
    copy = replace(bench.copy("nginx:1.28", nginx), root=nginx.digest, present=True)
    (outcome,) = bench.run(replace(copy, pulls=Pulls()))
    assert outcome.result is Result.COPIED
    assert "1.28" in bench.target.tags("nginx")
    assert bench.hub.counters.total == before


def test_two_references_of_one_image_are_copied_once(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    bench.hub.put_image("nginx:stable")
    outcomes = bench.run(bench.copy("nginx:1.27", nginx), bench.copy("nginx:stable", nginx))
    assert [outcome.result for outcome in outcomes] == [Result.COPIED] * 2
    assert {"1.27", "stable"} < set(bench.target.tags("nginx"))
    assert bench.hub.counters.manifest_gets.total() == 1


def test_one_failure_leaves_the_others_be(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    gone = replace(nginx, digest=Digest.of(b"gone"))
    outcomes = bench.run(bench.copy("gone:1", gone), bench.copy("nginx:1.27", nginx))
    found = {outcome.reference.familiar(): outcome for outcome in outcomes}
    assert isinstance(found["gone:1"].error, MissingError)
    assert found["nginx:1.27"].result is Result.COPIED


def test_events_tell_of_each_image(bench: Bench) -> None:
    copies = [bench.copy(f"a/i{n}:1", bench.hub.put_image(f"a/i{n}:1")) for n in range(8)]
    events: list[Event] = []
    outcomes = bench.run(*copies, on_event=events.append)
    assert {event.copy for event in events if isinstance(event, Started)} == set(copies)
    assert [event.outcome for event in events if isinstance(event, Finished)] != []
    assert len(outcomes) == 8


def test_a_quota_that_is_spent_asks_for_no_manifest(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    bench.hub.set_quota(0)
    (outcome,) = bench.run(bench.copy("nginx:1.27", nginx))
    assert outcome.result is Result.DEFERRED
    assert isinstance(outcome.error, QuotaError)
    assert bench.hub.counters.manifest_gets.total() == 0


def test_the_reserve_is_kept_and_the_rest_is_put_off(bench: Bench) -> None:
    copies = [bench.copy(f"a/i{n}:1", bench.hub.put_image(f"a/i{n}:1")) for n in range(8)]
    bench.hub.set_quota(5)  # of which one is kept
    outcomes = bench.run(*copies)
    assert sorted(outcome.result for outcome in outcomes) == [Result.COPIED] * 4 + [Result.DEFERRED] * 4
    assert bench.hub.pulls == 4


def test_a_quota_that_ends_midway_ends_skopeo_at_once(bench: Bench) -> None:
    index = bench.hub.put_index("nginx:1.27", platforms=(AMD64, ARM64))
    bench.hub.set_quota(2)
    other = bench.hub.put_image("other:1")
    # Priced as one pull, as if another machine behind the address took the rest meanwhile.
    outcomes = bench.run(bench.copy("nginx:1.27", index, root=index.digest), bench.copy("other:1", other), at_once=1)
    assert [outcome.result for outcome in outcomes] == [Result.DEFERRED] * 2
    assert all(isinstance(outcome.error, QuotaError) for outcome in outcomes)
    refused = [asked for asked in bench.hub.counters.requests if asked.status == 429]
    assert len(refused) == 1
    assert bench.target.tags("nginx") == []


def test_a_target_without_tls(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    engine = bench.engine(insecure_hosts=frozenset())
    error = failed(list(engine.run([bench.copy("nginx:1.27", nginx)], lambda _: None)))
    assert isinstance(error, UnreachableError)
    assert "`insecure: true` for targets.event" in error.hint


def test_a_target_that_is_down(bench: Bench, closed_port: str) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    copy = bench.copy("nginx:1.27", nginx)
    copy = replace(copy, destination=replace(copy.destination, registry=closed_port))
    assert isinstance(failed(bench.run(copy)), UnreachableError)


def test_a_target_that_refuses_the_push(bench: Bench) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    with Sandbox(token_auth=False, read_only=True) as shut:
        closed = Bench(bench.hub, shut, Store())
        error = failed(closed.run(closed.copy("nginx:1.27", nginx)))
    assert isinstance(error, DeniedError)
    assert error.where == shut.address


def test_credentials_reach_skopeo_in_a_file(bench: Bench, home: Path) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    with Sandbox(token_auth=False, basic=("u", "p")) as guarded:
        closed = Bench(bench.hub, guarded, Store())
        assert isinstance(failed(closed.run(closed.copy("nginx:1.27", nginx))), DeniedError)
        (home / ".docker").mkdir()
        (home / ".docker/config.json").write_text(logged_in(guarded))
        (outcome,) = closed.run(closed.copy("nginx:1.27", nginx))
    assert outcome.result is Result.COPIED


def test_the_file_that_registry_auth_file_names(bench: Bench, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    with Sandbox(token_auth=False, basic=("u", "p")) as guarded:
        (home / "mounted").write_text(logged_in(guarded))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(home / "mounted"))
        closed = Bench(bench.hub, guarded, Store())
        (outcome,) = closed.run(closed.copy("nginx:1.27", nginx))
    assert outcome.result is Result.COPIED


def test_without_skopeo_each_copy_says_so(bench: Bench, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    monkeypatch.setenv("PATH", str(home))
    error = failed(bench.run(bench.copy("nginx:1.27", nginx)))
    assert isinstance(error, EngineError)
    assert error.code == "engine-missing"


def test_a_copy_that_takes_too_long_is_ended(bench: Bench) -> None:
    big = bench.hub.put_image("big:1", layers=[Layer(name="big", size=64 << 20)])
    error = failed(bench.run(bench.copy("big:1", big), timeout=0.05))
    assert error.code == "timeout"
    assert bench.target.tags("big") == []


def test_closing_the_run_ends_what_is_under_way(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    copies = [bench.copy("small:1", bench.hub.put_image("small:1"))]
    for layer in (Layer(name=f"big{n}", size=8 << 20) for n in range(2)):
        copies.append(bench.copy(f"{layer.name}:1", bench.hub.put_image(f"{layer.name}:1", layers=[layer])))
        manifest = bench.hub.manifest(f"{layer.name}:1")
        assert manifest is not None
        # Never comes to its end, however busy the machine is.
        bench.hub.inject(fault(Kind.STALL, action=Action.CDN_GET, path=manifest.blobs()[-1].digest.hex))
    run = bench.engine(at_once=3).run(copies, lambda _: None)
    assert next(run).reference.familiar() == "small:1"
    run.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []
    assert children("skopeo") == []
    assert bench.target.tags("big0") == bench.target.tags("big1") == []


def test_the_destination_is_asked_for_blobs_of_its_own(bench: Bench) -> None:
    """Layers that two images of one repository share are read once."""
    shared = Layer(name="shared", size=4096)
    one = bench.hub.put_image("app:1", layers=[shared, Layer(name="one")])
    two = bench.hub.put_image("app:2", layers=[shared, Layer(name="two")])
    bench.run(bench.copy("app:1", one), bench.copy("app:2", two), at_once=1)
    assert bench.hub.counters.blob_gets["library/app"] == 5
    assert bench.hub.counters.by_repository(Action.MANIFEST_GET)["library/app"] == 2


def fault(kind: Kind, **more: object) -> Fault:
    return Fault(kind=kind, times=None, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("side", "what", "error", "code"),
    [
        ("hub", fault(Kind.ABUSE, action=Action.MANIFEST_GET), ThrottledError, "throttled"),
        ("hub", fault(Kind.STATUS, action=Action.MANIFEST_GET, status=503), UnreachableError, "unreachable"),
        ("hub", fault(Kind.STATUS, action=Action.MANIFEST_GET, status=404), MissingError, "missing"),
        ("hub", fault(Kind.UNAUTHORIZED, action=Action.MANIFEST_GET), DeniedError, "denied"),
        ("hub", fault(Kind.RESET, action=Action.MANIFEST_GET), UnreachableError, "unreachable"),
        ("hub", fault(Kind.CORRUPT, action=Action.CDN_GET), DigestMismatchError, "digest-mismatch"),
        ("hub", fault(Kind.CUT, action=Action.CDN_GET, amount=100), UnreachableError, "unreachable"),
        ("target", fault(Kind.STATUS, action=Action.UPLOAD_POST, status=500), UnreachableError, "unreachable"),
        ("target", fault(Kind.STATUS, action=Action.UPLOAD_PATCH, status=413), EngineError, "too-large"),
        ("target", fault(Kind.STATUS, action=Action.UPLOAD_POST, status=403), DeniedError, "denied"),
        ("target", fault(Kind.STATUS, action=Action.MANIFEST_PUT, status=415), EngineError, "media-type"),
        ("target", fault(Kind.RESET, action=Action.UPLOAD_PATCH), UnreachableError, "unreachable"),
        # A target's 429 is none of the source's, whose quota would then be asked for nothing.
        ("target", fault(Kind.STATUS, action=Action.UPLOAD_PATCH, status=429), ThrottledError, "throttled"),
        ("target", fault(Kind.STATUS, action=Action.MANIFEST_PUT, status=429), ThrottledError, "throttled"),
        ("target", fault(Kind.UPLOAD_LOST, action=Action.UPLOAD_PATCH), UnreachableError, "upload-lost"),
        ("hub", fault(Kind.CORRUPT, action=Action.MANIFEST_GET), DigestMismatchError, "digest-mismatch"),
    ],
)
def test_faults_are_told_as_what_they_are(
    bench: Bench, side: str, what: Fault, error: type[SeederError], code: str
) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    sandbox = bench.hub if side == "hub" else bench.target
    sandbox.inject(what)
    (outcome,) = bench.run(bench.copy("nginx:1.27", nginx))
    assert outcome.result is Result.FAILED
    assert (type(outcome.error), outcome.error.code) == (error, code), outcome.error  # type: ignore[union-attr]
    assert outcome.error.where in {sandbox.address, "docker.io" if side == "hub" else ""}  # type: ignore[union-attr]
    assert bench.target.tags("nginx") == []
    sandbox.heal()
    (again,) = bench.run(bench.copy("nginx:1.27", nginx))
    assert again.result is Result.COPIED
