"""A run that is told to stop leaves nothing behind and can be taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from seeder.sandbox import Action, Layer, Sandbox
from tests.fixtures.commands import command, environment
from tests.fixtures.faults import Fault, Kind
from tests.run.desk import Desk


def programs(name: str, folder: Path) -> list[int]:
    """Running programs of that name that copy, and whose environment names the folder."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            words = (environ.parent / "cmdline").read_bytes().split(b"\0")
            ours = str(folder).encode() in environ.read_bytes() and b"copy" in words
            if ours and (environ.parent / "comm").read_text().strip() == name:
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_end_skopeo(
    desk: Desk, skopeo: str, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    desk.hub.put_image("small:1")
    for n in range(3):
        desk.hub.put_image(f"big{n}:1", layers=[Layer(name=f"big{n}", size=4 << 20)])
    desk.catalog("small:1", *(f"big{n}:1" for n in range(3)))
    desk.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None, amount=60))
    words = command("sync", "--engine", "skopeo", "--format", "json", str(desk.path))
    around = environment(TMPDIR=str(folder))
    process = subprocess.Popen(words, env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (seen := programs("skopeo", folder)) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    assert seen
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code, err
    assert "Traceback" not in err
    outcomes = {each["outcome"] for each in json.loads(out)["outcomes"]}
    assert "deferred" in outcomes <= {"copied", "deferred"}  # that they were ended is no failure of theirs
    assert programs("skopeo", folder) == []
    assert list(folder.iterdir()) == []
    assert len(desk.lock.pins) == 4
    desk.hub.heal()
    desk.run("sync")
    desk.run("verify", "--deep")


def test_a_kill_of_what_ran_skopeo_leaves_nothing_in_the_temporary_folder(
    desk: Desk, skopeo: str, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    desk.hub.put_image("big:1", layers=[Layer(name="big", size=4 << 20)])
    desk.catalog("big:1")
    desk.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None, amount=60))
    words = command("sync", "--engine", "skopeo", str(desk.path))
    with subprocess.Popen(words, env=environment(TMPDIR=str(folder)), stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not (left := programs("skopeo", folder)) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    assert left
    for orphan in left:
        os.kill(orphan, signal.SIGKILL)
    assert list(folder.iterdir()) == []


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
WORDS = {130: "interrupted", 143: "terminated"}


@contextmanager
def stopped(
    desk: Desk,
    words: list[str],
    side: Sandbox,
    fault: Fault,
    number: signal.Signals,
    ready: Callable[[], bool] = lambda: True,
) -> Iterator[Stopped]:
    """A command that gets a signal as soon as a fault holds it up and all is `ready`; what it has left is looked at
    before that heals.
    """
    side.inject(fault)
    typed = command(words[0], str(desk.path), *words[1:])
    process = subprocess.Popen(typed, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (any(hits for _, hits in side.hits) and ready()) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert not [path for path in desk.folder.rglob("*") if path.name.endswith(".tmp")]
    yield Stopped(code=process.returncode, out=out, err=err)
    side.heal()


@dataclass(frozen=True, kw_only=True)
class Stopped:
    code: int
    out: str
    err: str


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A desk with a small image and a large one."""
    desk.hub.put_image("small:1")
    desk.hub.put_image("big:1", layers=[Layer(name="big", size=8 << 20)])
    desk.catalog("small:1", "big:1")
    return desk


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_sync_in_the_middle_of_a_blob(two: Desk, target: Sandbox, number: signal.Signals, code: int) -> None:
    fault = Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None, amount=30)
    with stopped(two, ["sync"], two.hub, fault, number) as ended:
        assert ended.code == code, ended.err
        assert target.tags("big") == []
        assert len(two.lock.pins) == 2
    two.run("sync")
    two.run("verify", "--deep")


def test_a_second_ctrl_c_in_a_sync(two: Desk, target: Sandbox) -> None:
    """The first waits for what cannot be interrupted: a request whose answer has not begun."""
    two.hub.inject(Fault(kind=Kind.DELAY, action=Action.CDN_GET, times=None, amount=30))
    words = command("sync", str(two.path))
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # A blob may be asked for before the lock is written.
        while not (any(hits for _, hits in two.hub.hits) and two.lock_path.exists()) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=3) == 130  # what is under way gets five seconds after the first
    assert target.tags("big") == target.tags("small") == []
    assert len(two.lock.pins) == 2
    two.hub.heal()
    two.run("sync")
    two.run("verify", "--deep")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_the_report_of_a_stopped_sync_says_what_was_done(
    desk: Desk, target: Sandbox, number: signal.Signals, code: int
) -> None:
    """What was copied until then, what was not, and each pull that was spent, that of the unfinished image too."""
    desk.hub.set_quota(100)
    desk.hub.put_image("small:1")
    desk.hub.put_image("big:1", layers=[Layer(name="big", size=8 << 20)])
    desk.catalog("small:1", "big:1", "big:missing")
    report = desk.folder / "report.json"
    large = desk.hub.manifest("big:1")
    assert large is not None
    layer = large.blobs()[-1].digest
    fault = Fault(kind=Kind.STALL, action=Action.CDN_GET, path=layer.hex, times=None, amount=60)
    words = ["sync", "--report", str(report)]
    with stopped(desk, words, desk.hub, fault, number, lambda: bool(target.tags("small"))) as ended:
        assert ended.code == code, ended.err
    document = json.loads(report.read_text())
    found = {each["reference"].rpartition("/")[2]: each for each in document["outcomes"]}
    assert {name: each["outcome"] for name, each in found.items()} == {
        "small:1": "copied",
        "big:1": "deferred",
        "big:missing": "failed",
    }
    assert found["big:1"]["error"]["code"] == document["error"]["code"] == WORDS[code]
    assert (document["exit"], document["pulls"], document["quota"]["remaining"]) == (code, desk.hub.pulls, 98)
    assert "3 images: 1 copied, 1 deferred, 1 failed; 2 pulls spent, 98 of 100 left" in ended.err
    assert ended.err.endswith(f"error: {WORDS[code]}\nhint: what was done stays; the next run goes on from there\n")
    assert "big:1:" not in ended.err
    assert ended.out == ""


def test_a_sync_that_is_stopped_while_tags_are_asked_for_tells_what_failed(two: Desk, target: Sandbox) -> None:
    two.catalog("big:1", "gone:1")
    fault = Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)
    words = ["sync", "--format", "json"]
    with stopped(
        two, words, two.hub, fault, signal.SIGTERM, lambda: answered(two.hub, Action.MANIFEST_HEAD, 1)
    ) as ended:
        outcomes = json.loads(ended.out)["outcomes"]
    found = {each["reference"].rpartition("/")[2]: each["error"]["code"] for each in outcomes}
    assert found == {"big:1": "terminated", "gone:1": "missing"}


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_pin_while_a_tag_is_asked_for(two: Desk, number: signal.Signals, code: int) -> None:
    """The lock is written once, when all is known: there is none, or the old one."""
    fault = Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)
    with stopped(two, ["pin"], two.hub, fault, number) as ended:
        assert ended.code == code, ended.err
        assert not two.lock_path.exists()
    two.run("pin")
    before = two.lock_path.read_bytes()
    two.hub.put_image("small:1", note="rebuilt")
    with stopped(two, ["pin", "--update"], two.hub, fault, number) as ended:
        assert ended.code == code, ended.err
        assert two.lock_path.read_bytes() == before
    two.run("pin", "--update")
    assert two.lock_path.read_bytes() != before


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_the_report_of_a_stopped_pin_says_what_was_known(two: Desk, number: signal.Signals, code: int) -> None:
    two.run("pin")
    two.catalog("small:1", "big:1", "new:1", "gone:1")
    two.hub.put_image("new:1")
    two.hub.put_image("small:1", note="rebuilt")
    before = two.lock_path.read_bytes()
    fault = Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)
    report = two.folder / "report.json"
    words = ["pin", "--update", "--report", str(report)]
    with stopped(two, words, two.hub, fault, number, lambda: answered(two.hub, Action.MANIFEST_HEAD, 3)) as ended:
        assert ended.code == code, ended.err
    document = json.loads(report.read_text())
    assert {each["reference"].rpartition("/")[2]: each["state"] for each in document["pins"]} == {
        "small:1": "moved",
        "big:1": "kept",
        "new:1": "new",
    }
    (failure,) = document["failures"]
    assert failure["reference"].endswith("gone:1")
    assert (document["exit"], document["written"], document["error"]["code"]) == (code, False, WORDS[code])
    assert "3 pins of 4 known: 1 new, 1 moved, 1 failed\n" in ended.err
    assert ended.err.endswith(f"error: {WORDS[code]}\nhint: the lock was left as it is\n")
    assert (two.lock_path.read_bytes(), ended.out) == (before, "")


def test_a_pin_that_is_stopped_tells_the_pulls_that_it_spent(two: Desk) -> None:
    two.run("pin")
    layer = two.hub.manifest("big:1")
    assert layer is not None
    config = layer.blobs()[0].digest.hex
    fault = Fault(kind=Kind.STALL, action=Action.CDN_GET, path=config, times=None, amount=30)
    words = ["pin", "--read-manifests", "--format", "json"]
    with stopped(two, words, two.hub, fault, signal.SIGINT, lambda: two.hub.pulls == 2) as ended:
        document = json.loads(ended.out)
    assert (document["exit"], document["pulls"], two.hub.pulls) == (130, 2, 2)


def answered(registry: Sandbox, action: Action, count: int) -> bool:
    """Whether so many requests of a kind got their answer, some time ago."""
    if registry.counters.by_selector(action).total() < count:
        return False
    time.sleep(0.3)
    return True


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_plan_while_tags_are_asked_for(two: Desk, target: Sandbox, number: signal.Signals, code: int) -> None:
    """What fails by itself is told; what depends on all images is not."""
    two.catalog("small:1", "big:1", "gone:1")
    fault = Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)
    words = ["plan", "--format", "json"]
    with stopped(two, words, two.hub, fault, number, lambda: answered(two.hub, Action.MANIFEST_HEAD, 2)) as ended:
        assert ended.code == code, ended.err
    document = json.loads(ended.out)
    found = {each["reference"].rpartition("/")[2]: each["error"]["code"] for each in document["outcomes"]}
    assert found == {"small:1": WORDS[code], "big:1": WORDS[code], "gone:1": "missing"}
    assert (document["exit"], document["error"]["code"]) == (code, WORDS[code])
    assert not {"pulls", "copies", "images"} & document.keys()
    assert "gone:1" in ended.err
    assert "small:1" not in ended.err
    assert ended.err.endswith(f"error: {WORDS[code]}\nhint: nothing was written\n")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_plan_while_the_target_is_looked_at(two: Desk, target: Sandbox, number: signal.Signals, code: int) -> None:
    two.run("pin")
    before = two.lock_path.read_bytes()
    fault = Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)
    with stopped(two, ["plan", "--format", "json"], target, fault, number) as ended:
        assert ended.code == code, ended.err
        assert json.loads(ended.out)["exit"] == code
        assert two.lock_path.read_bytes() == before
    assert target.tags("small") == []
    two.run("plan")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["verify"], Fault(kind=Kind.DELAY, action=Action.MANIFEST_HEAD, path="big", times=None, amount=30)),
        (["verify", "--deep"], Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None, amount=30)),
    ],
    ids=["manifests", "blobs"],
)
def test_verify(two: Desk, target: Sandbox, words: list[str], fault: Fault, number: signal.Signals, code: int) -> None:
    two.run("sync")
    before = two.lock_path.read_bytes()
    report = two.folder / "report.json"
    with stopped(two, [*words, "--report", str(report)], target, fault, number) as ended:
        assert ended.code == code, ended.err
        assert json.loads(report.read_text())["exit"] == code
        assert two.lock_path.read_bytes() == before
    two.run(*words)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("deep", [False, True], ids=["sizes", "bytes"])
def test_the_report_of_a_stopped_verify_says_what_is_whole_and_what_is_not(
    two: Desk, target: Sandbox, number: signal.Signals, code: int, deep: bool
) -> None:
    two.hub.put_image("lost:1")
    two.hub.put_image("bad:1")
    two.catalog("small:1", "big:1", "lost:1", "bad:1")
    two.run("sync")
    target.remove_manifest("lost:1")
    large, bad = two.hub.manifest("big:1"), two.hub.manifest("bad:1")
    assert large is not None
    assert bad is not None
    target.remove_blob("bad", bad.layers()[0].digest)
    fault = Fault(kind=Kind.DELAY, action=Action.BLOB_HEAD, path=large.layers()[0].digest.hex, times=None, amount=30)
    if deep:
        fault = Fault(kind=Kind.STALL, action=Action.CDN_GET, path=large.layers()[0].digest.hex, times=None, amount=30)
    report = two.folder / "report.json"
    words = ["verify", *(["--deep"] if deep else []), "--report", str(report)]
    before = two.lock_path.read_bytes()
    with stopped(two, words, target, fault, number, lambda: answered(target, Action.BLOB_HEAD, 5)) as ended:
        assert ended.code == code, ended.err
    document = json.loads(report.read_text())
    outcomes = {each["reference"].rpartition("/")[2]: each for each in document["outcomes"]}
    assert {name: (each["outcome"], each.get("error", {}).get("code")) for name, each in outcomes.items()} == {
        "small:1": ("present", None),
        "lost:1": ("failed", "missing"),
        "bad:1": ("failed", "missing"),
        "big:1": ("deferred", WORDS[code]),
    }
    assert (document["exit"], document["error"]["code"]) == (code, WORDS[code])
    assert "4 images: 1 present, 1 deferred, 2 failed\n" in ended.err
    assert "big:1" not in ended.err
    assert ended.err.endswith(f"error: {WORDS[code]}\n")
    assert (two.lock_path.read_bytes(), ended.out) == (before, "")


def _kept_manifests() -> int:
    kept = (Path(os.environ["XDG_CACHE_HOME"]) / "seeder" / "manifests").rglob("*")
    return sum(1 for path in kept if len(path.name) == 64 and path.is_file())


def test_after_a_kill_nothing_is_pulled_twice_and_nothing_has_to_be_cleaned_up(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_index("nginx:1.27")
    desk.hub.put_image("big:1", layers=[Layer(name="big", size=8 << 20)])
    desk.catalog("nginx:1.27", "big:1", platforms=None)
    desk.hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, nth=2, times=None, amount=30))
    words = command("sync", str(desk.path))
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        # Until all four manifests are kept: one that was only asked for is in flight, and paid again.
        while _kept_manifests() < 4 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        while not any(hits for _, hits in desk.hub.hits) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.communicate(timeout=20)
    desk.hub.heal()
    desk.run("sync")
    desk.run("verify", "--deep")
    assert set(desk.hub.counters.by_selector(Action.MANIFEST_GET).values()) == {1}
