"""What goes wrong at source or target, fault by fault: what can be mended is, the rest is named and leaves no tag."""

from __future__ import annotations

import json
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
    UnreachableError,
)
from seeder.model.copy import Copy, Result
from seeder.model.media_type import DOCKER_SCHEMA1_SIGNED, OCI_INDEX
from seeder.registry.transport import Limits
from seeder.sandbox import Action, Fault, Kind, Layer, Sandbox
from tests.engines.bench import Bench, benches, failed

HUB, TARGET = "hub", "target"
SIZE = 3_000_000  # above one block, so that a body can break off in its middle
BROKEN = (500, 502, 503)
AT_SOURCE = (Action.TOKEN, Action.MANIFEST_GET, Action.BLOB_GET, Action.CDN_GET)
AT_TARGET = (
    Action.TOKEN,
    Action.MANIFEST_HEAD,
    Action.MANIFEST_PUT,
    Action.BLOB_HEAD,
    Action.UPLOAD_POST,
    Action.MOUNT,
    Action.UPLOAD_PUT,
)


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with benches("direct", home) as made:
        made.limits = Limits(pause=0.0, connect=2.0, read=1.0, upload=3.0)
        yield made


def side(bench: Bench, where: str) -> Sandbox:
    return bench.hub if where == HUB else bench.target


def copies(bench: Bench) -> list[Copy]:
    """Two images of two repositories that share a layer, and an index."""
    shared = Layer(name="shared", size=SIZE)
    images = [bench.image(name, layers=[shared, Layer(name=name)]) for name in ("a/one:1", "b/two:1")]
    return [*images, bench.index("c/three:1")]


def mended(bench: Bench, *faults: Fault, at: str) -> None:
    """All arrives all the same, and each fault did hit."""
    wanted = copies(bench)
    side(bench, at).inject(*faults)
    outcomes = bench.run(*wanted)
    assert [(outcome.result, outcome.error) for outcome in outcomes] == [(Result.COPIED, None)] * 3
    assert all(bench.whole(copy) for copy in wanted)
    assert all(hits for _, hits in side(bench, at).hits)


def named(bench: Bench, fault: Fault, error: type[SeederError], *, at: str) -> SeederError:
    """One image alone meets a fault that stays: its error, and no tag at the target."""
    copy = bench.image("nginx:1.27")
    side(bench, at).inject(fault)
    found = failed(bench.run(copy))
    assert isinstance(found, error), repr(found)
    assert bench.target.tags("library/nginx") == []
    return found


@pytest.mark.parametrize("status", BROKEN)
@pytest.mark.parametrize("action", AT_SOURCE)
def test_bursts_of_a_broken_source_pass(bench: Bench, action: Action, status: int) -> None:
    # A manifest's GET is charged, and so may its repetition be: it is tried twice and no more.
    times = 1 if action == Action.MANIFEST_GET else 3
    mended(bench, Fault(kind=Kind.STATUS, action=action, status=status, times=times), at=HUB)


@pytest.mark.parametrize("status", BROKEN)
@pytest.mark.parametrize("action", AT_TARGET)
def test_bursts_of_a_broken_target_pass(bench: Bench, action: Action, status: int) -> None:
    with Sandbox() as target:
        bench.target = target
        if action in {Action.BLOB_HEAD, Action.UPLOAD_POST}:  # which are for those that do not mount
            target.inject(Fault(kind=Kind.STATUS, action=Action.MOUNT, status=405, times=None))
        mended(bench, Fault(kind=Kind.STATUS, action=action, status=status, times=2), at=TARGET)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=Kind.CUT, action=Action.CDN_GET, times=2),
        Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=0),
        Fault(kind=Kind.STALL, action=Action.CDN_GET),
        Fault(kind=Kind.RESET, action=Action.CDN_GET, times=2),
        Fault(kind=Kind.RESET, action=Action.BLOB_GET, times=2),
        Fault(kind=Kind.RESET, action=Action.MANIFEST_GET),
        Fault(kind=Kind.CUT, action=Action.MANIFEST_GET),
        Fault(kind=Kind.ABUSE, action=Action.CDN_GET, times=3),
        Fault(kind=Kind.ABUSE, action=Action.BLOB_GET, times=3, retry_after=0),
        Fault(kind=Kind.LOGIN, action=Action.TOKEN),
        Fault(kind=Kind.EXPIRE_TOKENS, action=Action.BLOB_GET, nth=2),
        Fault(kind=Kind.UNAUTHORIZED, action=Action.MANIFEST_GET),
        Fault(kind=Kind.NO_DIGEST, action=Action.MANIFEST_GET, times=None),
        Fault(kind=Kind.MOVED, action=Action.MANIFEST_GET, times=None),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.action}",
)
def test_what_a_source_does_for_a_while(bench: Bench, fault: Fault) -> None:
    mended(bench, fault, at=HUB)


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(kind=Kind.CUT, action=Action.CDN_GET), Fault(kind=Kind.RANGE_IGNORED, action=Action.CDN_GET, nth=2)],
        [Fault(kind=Kind.CUT, action=Action.CDN_GET), Fault(kind=Kind.RANGE_FALSE, action=Action.CDN_GET, nth=2)],
    ],
    ids=["ignored", "false"],
)
def test_a_range_that_is_not_kept(bench: Bench, faults: list[Fault]) -> None:
    copy = bench.image("nginx:1.27", layers=[Layer(name="one", size=SIZE)])
    manifest = bench.hub.manifest("nginx:1.27")
    assert manifest is not None
    layer = str(manifest.blobs()[1].digest)
    bench.hub.inject(*(replace(fault, path=layer) for fault in faults))
    assert bench.one(copy).error is None
    assert bench.whole(copy)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=Kind.UPLOAD_LOST, action=Action.UPLOAD_PUT),
        Fault(kind=Kind.RESET, action=Action.UPLOAD_PUT),
        Fault(kind=Kind.LOST_ANSWER, action=Action.UPLOAD_PUT),
        Fault(kind=Kind.LOST_ANSWER, action=Action.MANIFEST_PUT, times=2),
        Fault(kind=Kind.MOUNT_REFUSED, action=Action.MOUNT, times=None),
        Fault(kind=Kind.MOUNT_LIES, action=Action.MOUNT, times=None),
        Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT),
        Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT, status=404),
        Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=2),
        Fault(kind=Kind.ABUSE, action=Action.MOUNT, times=2),
        Fault(kind=Kind.ABUSE, action=Action.MANIFEST_PUT, times=2),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.action}-{fault.status}",
)
def test_what_a_target_does_for_a_while(bench: Bench, fault: Fault) -> None:
    mended(bench, fault, at=TARGET)


@pytest.mark.parametrize("action", [Action.UPLOAD_PUT, Action.MANIFEST_PUT])
def test_a_token_of_the_target_that_expires(bench: Bench, action: Action) -> None:
    with Sandbox() as target:
        bench.target = target
        mended(bench, Fault(kind=Kind.EXPIRE_TOKENS, action=action), at=TARGET)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind=Kind.CORRUPT, action=Action.CDN_GET, times=None), DigestMismatchError),
        (Fault(kind=Kind.OVERLONG, action=Action.CDN_GET, times=None), DigestMismatchError),
        (Fault(kind=Kind.WRONG_LENGTH, action=Action.CDN_GET, times=None), SeederError),
        (Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=0, times=None), UnreachableError),
        (Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None), UnreachableError),
        (Fault(kind=Kind.CORRUPT, action=Action.MANIFEST_GET, times=None), SeederError),
        (Fault(kind=Kind.OVERLONG, action=Action.MANIFEST_GET, times=None), SeederError),
        (Fault(kind=Kind.OVERLONG, action=Action.MANIFEST_GET, amount=5 << 20, times=None), RegistryError),
        (Fault(kind=Kind.OVERLONG, action=Action.TOKEN, amount=1 << 20, times=None), RegistryError),
        (Fault(kind=Kind.STATUS, action=Action.MANIFEST_GET, status=500, times=None), RegistryError),
        (Fault(kind=Kind.RESET, action=Action.MANIFEST_GET, times=None), UnreachableError),
        (Fault(kind=Kind.QUOTA, action=Action.MANIFEST_GET, times=None), QuotaError),
        (Fault(kind=Kind.ABUSE, action=Action.CDN_GET, times=None), ThrottledError),
        (Fault(kind=Kind.LOGIN, action=Action.TOKEN, times=None), ThrottledError),
        (Fault(kind=Kind.UNAUTHORIZED, action=Action.MANIFEST_GET, times=None), DeniedError),
        (Fault(kind=Kind.UNAUTHORIZED, action=Action.BLOB_GET, times=None), DeniedError),
        (Fault(kind=Kind.REDIRECT_LOOP, action=Action.BLOB_GET, times=None), RegistryError),
        (Fault(kind=Kind.STATUS, action=Action.CDN_GET, status=404, times=None), MissingError),
    ],
    ids=lambda value: f"{value.kind}-{value.action}" if isinstance(value, Fault) else "",
)
def test_what_a_source_does_for_ever(bench: Bench, fault: Fault, error: type[SeederError]) -> None:
    named(bench, fault, error, at=HUB)


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, times=None), RegistryError, "proxy-body-size"),
        (Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None), RegistryError, "disk may be full"),
        (Fault(kind=Kind.UPLOAD_LOST, action=Action.UPLOAD_PUT, times=None), RegistryError, "http.secret"),
        (Fault(kind=Kind.UNAUTHORIZED, action=Action.UPLOAD_PUT, times=None), DeniedError, ""),
        (Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT, times=None), RegistryError, ""),
        (Fault(kind=Kind.WRONG_DIGEST, action=Action.MANIFEST_PUT, times=None), DigestMismatchError, ""),
        (Fault(kind=Kind.STATUS, action=Action.MANIFEST_PUT, status=500, times=None), RegistryError, ""),
        (Fault(kind=Kind.RESET, action=Action.MOUNT, times=None), UnreachableError, ""),
    ],
    ids=lambda value: f"{value.kind}-{value.action}" if isinstance(value, Fault) else "",
)
def test_what_a_target_does_for_ever(bench: Bench, fault: Fault, error: type[SeederError], says: str) -> None:
    copy = bench.image("nginx:1.27")
    bench.target.inject(fault)
    found = failed(bench.run(copy))
    assert isinstance(found, error), repr(found)
    assert says in f"{found} {found.hint}"


def test_a_quota_429_is_asked_once_and_defers(bench: Bench) -> None:
    wanted = [bench.image(f"a/image-{number}:1") for number in range(8)]
    bench.hub.inject(Fault(kind=Kind.QUOTA, action=Action.MANIFEST_GET, times=None))
    outcomes = bench.run(*wanted)
    assert [outcome.result for outcome in outcomes] == [Result.DEFERRED] * 8


def test_an_abuse_limit_slows_the_run_and_loses_nothing(bench: Bench, home: Path) -> None:
    bench.hub.stop()
    with Sandbox(abuse_limit=200) as hub:
        bench.hub = hub
        (home / "registries.conf").write_text(hub.registries_conf())
        wanted = [bench.image(f"a/image-{number}:1") for number in range(20)]
        outcomes = bench.run(*wanted)
        assert [(outcome.result, outcome.error) for outcome in outcomes] == [(Result.COPIED, None)] * 20


def test_an_index_of_indexes_without_end_is_refused(bench: Bench) -> None:
    """No index can name itself, for it would have to know its own hash; but they may be nested without end."""
    inner = bench.hub.put_image("nginx:0")
    for _ in range(12):
        entry = {"mediaType": inner.media_type, "digest": str(inner.digest), "size": inner.size}
        raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).encode()
        inner = bench.hub.put_manifest("nginx:1.27", OCI_INDEX, raw)
    error = failed(bench.run(bench.copy("nginx:1.27", inner, root=inner.digest)))
    assert error.code == "nesting"
    assert bench.target.tags("nginx") == []


def test_ten_thousand_layers(bench: Bench) -> None:
    blob = bench.hub.put_blob("nginx", b"layer")
    config = bench.hub.put_blob("nginx", b"{}")
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": str(blob), "size": 5}
    document = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": str(config), "size": 2},
        "layers": [layer] * 10_000,
    }
    descriptor = bench.hub.put_manifest("nginx:1.27", str(document["mediaType"]), json.dumps(document).encode())
    copy = bench.copy("nginx:1.27", descriptor, root=descriptor.digest)
    assert bench.one(copy).error is None
    assert bench.hub.counters.blob_gets.total() == 2


def test_schema_1_is_refused_by_name(bench: Bench) -> None:
    raw = json.dumps({"schemaVersion": 1, "name": "library/nginx", "tag": "1.27", "fsLayers": []}).encode()
    descriptor = bench.hub.put_manifest("nginx:1.27", DOCKER_SCHEMA1_SIGNED, raw)
    error = failed(bench.run(bench.copy("nginx:1.27", descriptor, root=descriptor.digest)))
    assert error.code == "schema1"


def test_two_runs_on_one_target(bench: Bench) -> None:
    from concurrent.futures import ThreadPoolExecutor

    wanted = copies(bench)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: bench.run(*wanted), range(2)))
    assert [outcome.error for outcomes in results for outcome in outcomes] == [None] * 6
    assert all(bench.whole(copy) for copy in wanted)
