"""What goes wrong between two registries, seen from the command line, one fault at a time (docs/faults.md).

Whatever it is: the exit code is right, the other image is copied, each tag at the target leads to a whole image, the
lock holds, and once the fault has passed the next run does the rest without paying again or any tidying up.
"""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from seeder.model.descriptor import Manifest
from seeder.registry.transport import Limits
from seeder.run.settle import Settler
from seeder.sandbox import Action, Layer, Sandbox
from tests.fixtures.commands import command, environment
from tests.fixtures.faults import Fault, Kind
from tests.run.desk import Desk

APP, STEADY = "app:1", "steady:1"
LAYER = Layer(name="big", size=3 << 20)
MANIFESTS = 4  # an index of two, and one image


@dataclass(frozen=True, kw_only=True)
class Case:
    """Faults `at` hub or target that hit requests for one image; `exit` and the error's `code` of the run they hit."""

    name: str
    faults: tuple[Fault, ...]
    at: str = "hub"
    exit: int = 0
    code: str = ""


def once(kind: Kind, action: Action, times: int = 1, *, at: str = "hub", **more: object) -> Case:
    """Faults that pass, and that the run gets over."""
    fault = Fault(kind=kind, action=action, times=times, **more)
    return Case(name=f"{kind}-{action}-{fault.status or ''}", faults=(fault,), at=at)


def ever(kind: Kind, action: Action, code: str, *, at: str = "hub", exit: int = 1, **more: object) -> Case:  # noqa: A002
    """Faults that stay, and what the image fails with."""
    fault = Fault(kind=kind, action=action, times=None, **more)
    return Case(name=f"{kind}-{action}-for-ever", faults=(fault,), at=at, exit=exit, code=code)


def without_mounts(action: Action, status: int) -> Case:
    """Requests that are for those targets which do not mount."""
    refused = Fault(kind=Kind.STATUS, action=Action.MOUNT, status=405, times=None)
    burst = Fault(kind=Kind.STATUS, action=action, status=status, times=2)
    return Case(name=f"status-{action}-{status}", faults=(refused, burst), at="target")


def in_chunks(status: int) -> Case:
    """Requests that are for what a proxy does not take whole."""
    refused = Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, amount=1 << 20, times=None)
    burst = Fault(kind=Kind.STATUS, action=Action.UPLOAD_PATCH, status=status, times=2)
    return Case(name=f"status-{burst.action}-{status}", faults=(refused, burst), at="target")


def after_a_cut(kind: Kind) -> Case:
    cut = Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=2 << 20)
    return Case(name=f"{kind}", faults=(cut, Fault(kind=kind, action=Action.CDN_GET, nth=2)))


SOURCE = [
    once(Kind.CUT, Action.CDN_GET, 2),
    once(Kind.STALL, Action.CDN_GET),
    once(Kind.RESET, Action.CDN_GET, 2),
    once(Kind.RESET, Action.BLOB_GET, 2),
    once(Kind.RESET, Action.MANIFEST_GET),
    once(Kind.RESET, Action.MANIFEST_HEAD, 2),
    once(Kind.RESET, Action.TOKEN, 2),
    once(Kind.CUT, Action.MANIFEST_GET),
    once(Kind.STALL, Action.MANIFEST_GET),
    *(
        once(kind, action, amount=amount)
        for kind, amount in ((Kind.SLOW, 0.05), (Kind.DELAY, 3))
        for action in (Action.TOKEN, Action.MANIFEST_HEAD, Action.MANIFEST_GET, Action.BLOB_GET)
    ),
    once(Kind.DELAY, Action.CDN_GET, amount=3),
    once(Kind.ABUSE, Action.CDN_GET, 3),
    once(Kind.ABUSE, Action.BLOB_GET, 3, retry_after=0),
    once(Kind.ABUSE, Action.MANIFEST_HEAD, 3),
    once(Kind.LOGIN, Action.TOKEN, 2),
    once(Kind.EXPIRE_TOKENS, Action.BLOB_GET, nth=2),
    once(Kind.EXPIRE_TOKENS, Action.MANIFEST_GET, nth=2),
    once(Kind.UNAUTHORIZED, Action.MANIFEST_GET, nth=2),
    once(Kind.NO_DIGEST, Action.MANIFEST_GET, 99),
    once(Kind.WRONG_DIGEST, Action.MANIFEST_GET, 99),
    once(Kind.MOVED, Action.MANIFEST_HEAD),
    *(
        once(Kind.STATUS, action, 1 if action is Action.MANIFEST_GET else 3, status=status)
        for action in (Action.TOKEN, Action.MANIFEST_HEAD, Action.MANIFEST_GET, Action.BLOB_GET, Action.CDN_GET)
        for status in (500, 502, 503)
    ),
    after_a_cut(Kind.RANGE_IGNORED),
    after_a_cut(Kind.RANGE_FALSE),
    ever(Kind.CUT, Action.CDN_GET, "unreachable", amount=0),
    ever(Kind.RESET, Action.CDN_GET, "unreachable"),
    ever(Kind.RESET, Action.MANIFEST_GET, "unreachable"),
    ever(Kind.CORRUPT, Action.CDN_GET, "digest-mismatch"),
    ever(Kind.OVERLONG, Action.CDN_GET, "digest-mismatch"),
    ever(Kind.WRONG_LENGTH, Action.CDN_GET, "digest-mismatch"),
    ever(Kind.CORRUPT, Action.MANIFEST_GET, "digest-mismatch"),
    ever(Kind.OVERLONG, Action.MANIFEST_GET, "digest-mismatch"),
    ever(Kind.OVERLONG, Action.MANIFEST_GET, "too-large", amount=5 << 20),
    ever(Kind.STATUS, Action.MANIFEST_GET, "registry", status=500),
    ever(Kind.STATUS, Action.CDN_GET, "missing", status=404),
    ever(Kind.QUOTA, Action.MANIFEST_GET, "quota", exit=4),
    ever(Kind.ABUSE, Action.MANIFEST_GET, "throttled"),
    ever(Kind.ABUSE, Action.CDN_GET, "throttled"),
    ever(Kind.UNAUTHORIZED, Action.MANIFEST_GET, "denied", nth=2),
    ever(Kind.UNAUTHORIZED, Action.BLOB_GET, "denied"),
    ever(Kind.REDIRECT_LOOP, Action.BLOB_GET, "redirects"),
    ever(Kind.REDIRECT_LOOP, Action.CDN_GET, "redirects"),
]
at_target, breaks = partial(once, at="target"), partial(ever, at="target")
TARGET = [
    *(
        at_target(Kind.RESET, action, 2)
        for action in (Action.PING, Action.MANIFEST_HEAD, Action.MOUNT, Action.UPLOAD_PUT, Action.MANIFEST_PUT)
    ),
    *(at_target(Kind.SLOW, action, amount=0.05) for action in (Action.MANIFEST_HEAD, Action.MOUNT)),
    *(at_target(Kind.STALL, action) for action in (Action.UPLOAD_PUT, Action.MANIFEST_PUT)),
    at_target(Kind.LOST_ANSWER, Action.MOUNT, 2),
    at_target(Kind.WRONG_DIGEST, Action.MANIFEST_HEAD, 99),
    at_target(Kind.WRONG_DIGEST, Action.UPLOAD_PUT, 99),
    at_target(Kind.LOST_ANSWER, Action.UPLOAD_PUT),
    at_target(Kind.LOST_ANSWER, Action.MANIFEST_PUT, 2),
    at_target(Kind.UPLOAD_LOST, Action.UPLOAD_PUT),
    at_target(Kind.MOUNT_REFUSED, Action.MOUNT, 99),
    at_target(Kind.MOUNT_LIES, Action.MOUNT, 99),
    at_target(Kind.VANISH, Action.MANIFEST_PUT),
    at_target(Kind.VANISH, Action.MANIFEST_PUT, status=404),
    *(at_target(Kind.VANISH, Action.MANIFEST_PUT, nth=3, status=status) for status in (0, 404)),
    *(at_target(Kind.COLLECT, Action.MANIFEST_PUT, nth=nth) for nth in (1, 2, 3)),
    at_target(Kind.COLLECT, Action.MANIFEST_PUT, 3),
    at_target(Kind.COLLECT, Action.UPLOAD_PUT, 3),
    at_target(Kind.FULL, Action.UPLOAD_PUT, 2),
    at_target(Kind.ABUSE, Action.MOUNT, 2),
    at_target(Kind.ABUSE, Action.MANIFEST_PUT, 2),
    *(
        at_target(Kind.STATUS, action, 2, status=status)
        for action in (Action.PING, Action.MANIFEST_HEAD, Action.MANIFEST_PUT, Action.MOUNT, Action.UPLOAD_PUT)
        for status in (500, 502, 503)
    ),
    *(in_chunks(status) for status in (500, 502, 503)),
    *(
        without_mounts(action, status)
        for action in (Action.BLOB_HEAD, Action.UPLOAD_POST)
        for status in (500, 502, 503)
    ),
    breaks(Kind.RESET, Action.MOUNT, "unreachable"),
    breaks(Kind.RESET, Action.UPLOAD_PUT, "unreachable"),
    breaks(Kind.UPLOAD_LOST, Action.UPLOAD_PUT, "unreachable"),
    breaks(Kind.VANISH, Action.MANIFEST_PUT, "manifest-blob-unknown"),
    breaks(Kind.COLLECT, Action.MANIFEST_PUT, "manifest-blob-unknown"),
    breaks(Kind.TOO_LARGE, Action.UPLOAD_PUT, "registry"),
    breaks(Kind.FULL, Action.UPLOAD_PUT, "registry"),
    breaks(Kind.UNAUTHORIZED, Action.UPLOAD_PUT, "denied"),
    breaks(Kind.UNAUTHORIZED, Action.MANIFEST_PUT, "denied"),
    breaks(Kind.WRONG_DIGEST, Action.MANIFEST_PUT, "digest-mismatch"),
    breaks(Kind.STATUS, Action.MANIFEST_PUT, "registry", status=500),
]


@pytest.fixture(autouse=True)
def _hurried(no_pauses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sleeps between attempts and passes, and silence is short."""
    limits = Limits(pause=0.0, read=1.0)
    monkeypatch.setattr("seeder.run.session.Limits", SimpleNamespace(within=lambda *_: limits))
    monkeypatch.setattr("seeder.run.sync.Settler", partial(Settler, pause=lambda _: None))


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.hub.put_index(APP, layers=[LAYER])
    desk.hub.put_image(STEADY)
    desk.catalog(APP, STEADY, platforms=None)
    return desk


def aimed(desk: Desk, fault: Fault) -> Fault:
    """The fault, at one image's requests: a blob host knows no names, and a token service is asked for all."""
    index = desk.hub.manifest(APP)
    assert index is not None
    child = desk.hub.manifest(f"app@{index.children()[0].digest}")
    assert child is not None
    paths = {Action.PING: "", Action.TOKEN: "", Action.CDN_GET: child.layers()[0].digest.hex}
    return replace(fault, path=paths.get(fault.action, "library/app/"))


def whole(registry: Sandbox, name: str, manifest: Manifest | None) -> bool:
    """Whether a registry has all that a manifest names."""
    return (
        manifest is not None
        and all(registry.has_blob(name, blob.digest) for blob in manifest.blobs())
        and all(whole(registry, name, registry.manifest(f"{name}@{child.digest}")) for child in manifest.children())
    )


def tags(target: Sandbox, name: str) -> list[str]:
    """The tags of a repository, each of which leads to what is whole."""
    found = target.tags(name)
    assert all(whole(target, name, target.manifest(f"{name}:{tag}")) for tag in found)
    return found


@pytest.mark.parametrize("case", [*SOURCE, *TARGET], ids=lambda case: f"{case.at}-{case.name}")
def test_faults(desk: Desk, target: Sandbox, case: Case) -> None:
    pinned = desk.hub.manifest(APP)
    side = desk.hub if case.at == "hub" else target
    side.inject(*(aimed(desk, fault) for fault in case.faults))
    outcomes = desk.outcomes("sync", code=case.exit)
    assert all(hits for _, hits in side.hits)
    # A quota is the whole source's: what is asked for after the first refusal is put off too.
    steady = outcomes[STEADY]["outcome"]
    assert steady == "copied" or (steady, case.code) == ("deferred", "quota")
    assert (outcomes[APP].get("error") or {}).get("code", "") == case.code
    assert whole(target, "steady", target.manifest(STEADY)) is (steady == "copied")
    assert len(tags(target, "app")) == (0 if case.code else 2)
    assert [pin.reference.familiar() for pin in desk.lock] == [APP, STEADY]
    again = sum(hits for fault, hits in side.hits if fault.action is Action.MANIFEST_GET)
    side.heal()
    desk.run("sync")
    desk.run("verify", "--deep")
    assert target.manifest(APP) == pinned
    assert whole(target, "steady", target.manifest(STEADY))
    assert len(tags(target, "app")) == 2
    fetched = [asked.status for asked in desk.hub.counters.requests if asked.action is Action.MANIFEST_GET]
    assert fetched.count(200) <= MANIFESTS + again


# Those that skopeo meets too, whatever requests it makes; it tries no mount of its own accord, and which 429 it met
# is asked by a HEAD (see the conformance suite).
_KINDS = {Kind.CORRUPT, Kind.CUT, Kind.OVERLONG, Kind.RESET, Kind.REDIRECT_LOOP, Kind.UNAUTHORIZED}
_KINDS |= {Kind.UPLOAD_LOST, Kind.FULL, Kind.VANISH, Kind.COLLECT}
STAYS = [
    case
    for case in (*SOURCE, *TARGET)
    if case.code and case.faults[0].kind in _KINDS and case.faults[0].action is not Action.MOUNT
]


@pytest.mark.skopeo
@pytest.mark.parametrize("case", STAYS, ids=lambda case: f"{case.at}-{case.name}")
def test_faults_that_skopeo_meets(desk: Desk, target: Sandbox, skopeo: str, case: Case) -> None:
    """It may call them otherwise; it loses nothing either."""
    desk.engine = "skopeo"
    side = desk.hub if case.at == "hub" else target
    side.inject(*(aimed(desk, fault) for fault in case.faults))
    outcomes = desk.outcomes("sync", code=case.exit)
    assert all(hits for _, hits in side.hits)
    steady = outcomes[STEADY]["outcome"]
    # A collection takes what is under way of other images too, and skopeo does not send it again.
    assert steady == "copied" or case.faults[0].kind is Kind.COLLECT
    assert outcomes[APP]["outcome"] == "failed"
    assert tags(target, "app") == []
    assert whole(target, "steady", target.manifest(STEADY)) is (steady == "copied")
    side.heal()
    desk.run("sync")
    desk.run("verify", "--deep")
    assert target.manifest(APP) == desk.hub.manifest(APP)
    assert len(tags(target, "app")) == len(tags(target, "steady")) == 2


def test_a_wrong_digest_told_before_any_manifest_is_read(desk: Desk, target: Sandbox) -> None:
    """No bytes say otherwise until they are asked for, and by then it is what the lock holds."""
    pinned = desk.hub.manifest(APP)
    desk.hub.inject(aimed(desk, Fault(kind=Kind.WRONG_DIGEST, action=Action.MANIFEST_HEAD, times=None)))
    outcomes = desk.outcomes("sync", code=1)
    assert (outcomes[APP]["error"]["code"], outcomes[STEADY]["outcome"]) == ("missing", "copied")
    assert "pin --update" in outcomes[APP]["error"]["hint"]
    assert tags(target, "app") == []
    desk.hub.heal()
    desk.run("sync", "--update")
    desk.run("verify", "--deep")
    assert target.manifest(APP) == pinned
    fetched = [asked.status for asked in desk.hub.counters.requests if asked.action is Action.MANIFEST_GET]
    assert fetched.count(200) == MANIFESTS


@pytest.mark.parametrize("side", ["hub", "target"])
def test_a_registry_that_is_gone_from_the_middle_of_a_run_on(desk: Desk, target: Sandbox, side: str) -> None:
    """Connections are refused from then on; another one stands there for the next run."""
    gone, action = (desk.hub, Action.CDN_GET) if side == "hub" else (target, Action.UPLOAD_PUT)
    gone.inject(aimed(desk, Fault(kind=Kind.DELAY, action=action, amount=30)))

    def stop() -> None:
        while not any(hits for _, hits in gone.hits):
            time.sleep(0.01)
        gone.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    outcomes = desk.outcomes("sync", code=1)
    stopping.join()
    assert (outcomes[APP]["outcome"], outcomes[APP]["error"]["code"]) == ("failed", "unreachable")
    assert [pin.reference.familiar() for pin in desk.lock] == [APP, STEADY]
    with replace_sandbox(gone) as again:
        if side == "hub":
            again.put_index(APP, layers=[LAYER])
            again.put_image(STEADY)
        desk.run("sync")
        desk.run("verify", "--deep")
        assert len(tags(target if side == "hub" else again, "app")) == 2
        assert desk.hub.counters.manifest_gets.total() <= MANIFESTS


def replace_sandbox(gone: Sandbox) -> Sandbox:
    """An empty one in another's place."""
    return Sandbox(token_auth=gone.token_auth, port=int(gone.address.rpartition(":")[2]))


def test_two_seeders_on_one_target(desk: Desk, target: Sandbox, tmp_path: Path) -> None:
    """Each with a lock and a cache of its own, as two pods have them."""
    desk.run("pin")
    runs = []
    for number in range(2):
        lock = tmp_path / f"{number}.lock.yaml"
        lock.write_bytes(desk.lock_path.read_bytes())
        around = environment(XDG_CACHE_HOME=str(tmp_path / f"{number}"))
        words = command("sync", "--lock", str(lock), str(desk.path))
        runs.append(subprocess.Popen(words, env=around, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    for run in runs:
        out, _ = run.communicate(timeout=60)
        assert run.returncode == 0, out
    assert len(tags(target, "app")) == len(tags(target, "steady")) == 2
    desk.run("verify", "--deep")
