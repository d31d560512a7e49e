"""What is skopeo's own; what every engine does is in `test_conformance`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    EngineError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.model.outcome import Result
from seeder.sandbox import Action, Layer, Sandbox
from tests.engines.bench import AMD64, ARM64, Bench, benches, failed
from tests.fixtures.faults import Fault, Kind


@pytest.fixture
def bench(home: Path, skopeo: str) -> Iterator[Bench]:
    with benches("skopeo", home) as made:
        yield made


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


def test_the_file_that_registry_auth_file_names(bench: Bench, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    with Sandbox(token_auth=False, basic=("u", "p")) as guarded:
        (home / "mounted").write_text(logged_in(guarded))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(home / "mounted"))
        closed = Bench(bench.kind, bench.hub, guarded)
        (outcome,) = closed.run(closed.copy("nginx:1.27", nginx))
    assert outcome.result is Result.COPIED


def test_without_skopeo_each_copy_says_so(bench: Bench, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = bench.hub.put_image("nginx:1.27")
    monkeypatch.setenv("PATH", str(home))
    error = failed(bench.run(bench.copy("nginx:1.27", nginx)))
    assert isinstance(error, EngineError)
    assert error.code == "engine-missing"


def test_a_copy_that_takes_too_long_is_ended(bench: Bench) -> None:
    big = bench.hub.put_image("big:1", layers=[Layer(name="big", size=8 << 20)])
    bench.hub.inject(fault(Kind.STALL, action=Action.CDN_GET))
    error = failed(bench.run(bench.copy("big:1", big), timeout=0.3))
    assert error.code == "timeout"
    assert str(error) == f"copying docker.io/library/big:1@{big.digest} took longer than 0.3 s"
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
        *(
            ("hub", fault(Kind.REDIRECT_LOOP, action=action), RegistryError, "redirects")
            for action in (Action.MANIFEST_GET, Action.BLOB_GET, Action.CDN_GET)
        ),
        *(
            ("target", fault(Kind.REDIRECT_LOOP, action=action), RegistryError, "redirects")
            for action in (Action.BLOB_HEAD, Action.UPLOAD_POST, Action.UPLOAD_PUT, Action.MANIFEST_PUT)
        ),
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
