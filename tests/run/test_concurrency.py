"""How many requests `sync` has under way at one registry."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest

from seeder.sandbox.link import Link
from tests.run.desk import Desk


class Gauge:
    """Counts the requests that are between a registry and its client, and the most that ever were."""

    def __init__(self) -> None:
        self.most = 0
        self._now: Counter[int] = Counter()
        self._lock = threading.Lock()

    def passes(self, link: Link) -> None:
        with self._lock:
            self._now[id(link)] += 1
            self.most = max(self.most, self._now[id(link)])
        time.sleep(0.01)
        with self._lock:
            self._now[id(link)] -= 1


@pytest.fixture
def gauge(monkeypatch: pytest.MonkeyPatch) -> Gauge:
    found = Gauge()

    def wait(link: Link) -> None:
        found.passes(link)

    monkeypatch.setattr(Link, "wait", wait)
    return found


def test_a_ceiling_holds_for_each_kind_of_request(desk: Desk, gauge: Gauge) -> None:
    names = [f"a/i{n}:1" for n in range(8)]
    for name in names:
        desk.hub.put_image(name)
    desk.catalog(*names)
    desk.run("sync", "--concurrency", "1")
    assert gauge.most <= 4  # manifests, blobs, tokens, and what is sent


def test_without_one_there_are_more(desk: Desk, gauge: Gauge) -> None:
    names = [f"a/i{n}:1" for n in range(8)]
    for name in names:
        desk.hub.put_image(name)
    desk.catalog(*names)
    desk.run("sync")
    assert gauge.most > 4
