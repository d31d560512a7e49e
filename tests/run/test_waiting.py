"""`sync --wait`: the quota allows later what it does not allow now."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from seeder.cli.sync_options import seconds_of
from seeder.model.reference import ImageReference
from seeder.run.settle import Settler
from seeder.run.waiting import _told
from seeder.sandbox import Action, Sandbox
from tests.fixtures.commands import command, environment
from tests.fixtures.faults import Fault, Kind
from tests.run.desk import Desk


class Naps:
    """Stands in for sleep; after so many naps the hub allows more."""

    def __init__(self, hub: Sandbox, quota: int, after: int = 1) -> None:
        self.hub, self.quota, self.after = hub, quota, after
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == self.after:
            self.hub.set_quota(self.quota)


@pytest.fixture
def images(desk: Desk) -> list[str]:
    names = [f"a/i{n}:1" for n in range(6)]
    for name in names:
        desk.hub.put_image(name)
    desk.catalog(*names)
    desk.hub.set_quota(5)  # of which one is kept
    return names


def naps(monkeypatch: pytest.MonkeyPatch, desk: Desk, quota: int | Naps, after: int = 1) -> Naps:
    made = quota if isinstance(quota, Naps) else Naps(desk.hub, quota, after)
    monkeypatch.setattr("seeder.run.sync.Settler", partial(Settler, pause=made))
    return made


def test_what_was_put_off_is_copied_once_the_window_allows(
    desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = naps(monkeypatch, desk, 5, after=2)
    outcomes = desk.outcomes("sync", "--wait", "10m")
    assert {each["outcome"] for each in outcomes.values()} == {"copied"}
    assert made.slept == [60.0, 60.0]


@pytest.mark.parametrize("wait", [[], ["--wait", "10m"]])
def test_what_stands_beside_an_image_is_awaited_too(
    desk: Desk, hub: Sandbox, wait: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.set_quota(None)
    nginx = desk.hub.put_image("nginx:1")
    subject = str(nginx.digest).replace(":", "-")
    for kind in ("sig", "att", "sbom"):
        desk.hub.put_artifact(f"nginx:{subject}.{kind}", artifact_type=f"x/{kind}", payload=kind.encode())
    desk.catalog("nginx:1", referrers=True)
    desk.hub.set_quota(3)  # none of which is kept
    made = naps(monkeypatch, desk, 3, after=2)
    document = desk.document("sync", *wait, code=0 if wait else 4)
    (outcome,) = document["outcomes"]
    assert outcome["outcome"] == ("copied" if wait else "deferred")
    assert [nap for nap in made.slept if nap == 60.0] == ([60.0, 60.0] if wait else [])
    if wait:
        assert document["pulls"] == 4
        assert len(desk.lock.pins[0].referrers) == 3


def test_it_waits_no_longer_than_it_may(desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = naps(monkeypatch, desk, 5, after=99)
    outcomes = desk.outcomes("sync", "--wait", "150s", code=4)
    assert sorted(each["outcome"] for each in outcomes.values()) == ["copied"] * 4 + ["deferred"] * 2
    assert made.slept == [60.0, 60.0, 30.0]


def test_a_source_that_does_not_answer_allows_nothing(
    desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = naps(monkeypatch, desk, 5, after=99)
    desk.run("pin")
    desk.hub.set_quota(1)
    desk.hub.inject(Fault(kind=Kind.STATUS, status=403, method="HEAD", nth=2, times=None))
    desk.outcomes("sync", "--wait", "1m", code=4)
    assert made.slept == [60.0]


def test_what_no_window_allows_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a:1", "b:1"):
        desk.hub.put_index(name, attestations=True)
    desk.catalog("a:1", "b:1", platforms=None)
    desk.hub.set_quota(6)
    made = naps(monkeypatch, desk, 6)
    outcomes = desk.outcomes("sync", "--wait", "1h", code=4)
    assert {each["error"]["code"] for each in outcomes.values()} == {"quota-too-small"}
    assert made.slept == []


def test_each_look_is_one_head_and_nothing_else(desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    class Counted(Naps):
        def __call__(self, seconds: float) -> None:
            seen.append((desk.hub.counters.manifest_gets.total(), desk.hub.counters.total))
            super().__call__(seconds)

    naps(monkeypatch, desk, Counted(desk.hub, 5, after=99))
    desk.run("sync", "--wait", "10m", code=4)
    assert {gets for gets, _ in seen} == {4}
    assert {after - before for (_, before), (_, after) in itertools.pairwise(seen)} == {1}


def test_a_window_that_opens_little_by_little(desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Trickle(Naps):
        def __call__(self, seconds: float) -> None:
            self.slept.append(seconds)
            self.hub.set_quota(1)

    made = naps(monkeypatch, desk, Trickle(desk.hub, 1))
    document = desk.document("sync", "--wait", "6h")
    assert {each["outcome"] for each in document["outcomes"]} == {"copied"}
    assert document["pulls"] == 6
    assert len(made.slept) == 2


def test_two_references_that_share_a_tag_agree_when_one_of_them_waited(
    desk: Desk, target: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = desk.hub.put_image("a/i:1", note="before").digest
    plain = desk.hub.put_image("a/i:1")
    desk.hub.set_quota(1)  # for the required one
    desk.catalog("a/i:1", {"reference": f"a/i:1@{digest}", "required": False})
    made = naps(monkeypatch, desk, 1)
    outcomes = desk.outcomes("sync", "--update", "--wait", "10m")
    assert {each["outcome"] for each in outcomes.values()} == {"copied"}
    assert made.slept == [60.0]
    stands = target.manifest("a/i:1")
    assert stands is not None
    assert stands.descriptor.digest == plain.digest


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_waiting_and_keeps_what_was_copied(
    desk: Desk, images: list[str], target: Sandbox, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    words = command("sync", "--wait", "1h30m", str(desk.path))
    log = tmp_path / "err"
    with log.open("w") as err, subprocess.Popen(words, env=environment(), stdout=err, stderr=err) as process:
        deadline = time.monotonic() + 60
        while "waiting for" not in log.read_text() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(number)
        process.wait(timeout=20)
    told = log.read_text()
    assert process.returncode == code, told
    assert "2 images put off: waiting for the quota of docker.io, 1 h 30 min at the longest" in told
    assert "Traceback" not in told
    assert len(desk.lock.pins) == 6
    assert sum(bool(target.tags(name.partition(":")[0])) for name in images) == 4


@pytest.mark.parametrize(("seconds", "told"), [(6, "6 s"), (60, "1 min"), (3_600, "1 h"), (5_400, "1 h 30 min")])
def test_how_long_is_told_as_it_was_given(seconds: float, told: str) -> None:
    assert _told([ImageReference.parse("a:1")], seconds).endswith(f"docker.io, {told} at the longest")


def test_a_plan_that_does_not_fit_tells_of_the_window(desk: Desk, images: list[str]) -> None:
    desk.run("plan", code=4)
    assert (
        "docker.io: 5 of 5 pulls left: 4 to spend, 1 kept for the nodes; its window is 6 h, see `sync --wait`\n"
        in desk.out
    )
    desk.hub.set_quota(10)
    desk.run("plan")
    assert "--wait" not in desk.out


def test_an_image_beyond_a_full_window_is_told_so(desk: Desk) -> None:
    desk.hub.put_index("nginx:1.27", attestations=True)
    desk.catalog("nginx:1.27", platforms=["linux/amd64", "linux/arm64"])
    desk.hub.set_quota(3)
    outcome = desk.outcomes("plan", code=4)["nginx:1.27"]
    assert outcome["error"]["code"] == "quota-too-small"
    assert "a full window is not enough" in outcome["error"]["hint"]
    desk.run("plan", code=4)
    assert "--wait" not in desk.out


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90", 90), ("90s", 90), ("30m", 1800), ("6h", 21600), ("1h30m5s", 5405)]
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_what_failed_is_not_begun_again_before_the_window_allows_more(
    desk: Desk, images: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps(monkeypatch, desk, 5, after=100)
    with Sandbox() as other:
        (home / "registries.conf").write_text(desk.hub.registries_conf() + other.registries_conf("ghcr.io"))
        other.put_image("b/app:1")
        other.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_GET, times=None))
        desk.catalog(*images, "ghcr.io/b/app:1")
        desk.run("sync", "--wait", "5m", code=1)
        time.sleep(0.3)
        # Once ahead of the plan, and once by it.
        assert other.counters.by_selector(Action.MANIFEST_GET).total() <= 2
