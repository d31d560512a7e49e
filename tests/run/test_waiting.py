"""`sync --wait`: the quota allows later what it does not allow now."""

from __future__ import annotations

import pytest

from seeder.cli.sync import _seconds
from seeder.run import settle
from seeder.sandbox import Fault, Kind, Sandbox
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


def naps(monkeypatch: pytest.MonkeyPatch, desk: Desk, quota: int, after: int = 1) -> Naps:
    made = Naps(desk.hub, quota, after)
    original = settle.Settler.__init__

    def init(self: settle.Settler, **given: object) -> None:
        original(self, **{**given, "pause": made})  # type: ignore[arg-type]

    monkeypatch.setattr(settle.Settler, "__init__", init)
    return made


def test_what_was_put_off_is_copied_once_the_window_allows(
    desk: Desk, images: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = naps(monkeypatch, desk, 5, after=2)
    outcomes = desk.outcomes("sync", "--wait", "10m")
    assert {each["outcome"] for each in outcomes.values()} == {"copied"}
    assert made.slept == [60.0, 60.0]


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


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90", 90), ("90s", 90), ("30m", 1800), ("6h", 21600), ("1h30m5s", 5405)]
)
def test_durations(text: str, seconds: float) -> None:
    assert _seconds(text) == seconds
