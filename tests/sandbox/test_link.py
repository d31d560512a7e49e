"""Latency, bandwidth and the limit of requests, against clocks of our own."""

from __future__ import annotations

import threading

import pytest

from seeder.sandbox import Sandbox
from seeder.sandbox.link import Link, RequestLimit
from tests.sandbox.raw import Client


class Waits(threading.Event):
    """Does not wait, and keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return False


def test_latency_is_waited_for_once_an_answer() -> None:
    waits = Waits()
    Link(stopping=waits, latency=0.04).wait()
    assert waits.seconds == [0.04]


def test_bytes_pass_no_faster_than_the_bandwidth() -> None:
    waits = Waits()
    link = Link(stopping=waits, bandwidth=1_000_000)
    content = [bytes(300_000), bytes(700_000)]
    assert b"".join(link.paced(content)) == b"".join(content)
    # The waits do not sleep, so the last one stands for all bytes before it, less the credit of the start.
    assert waits.seconds[-1] == pytest.approx(1.0, abs=0.1)
    assert waits.seconds == sorted(waits.seconds)


def test_without_a_cap_nothing_waits() -> None:
    waits = Waits()
    link = Link(stopping=waits)
    link.wait()
    assert b"".join(link.paced([b"data"])) == b"data"
    assert waits.seconds == []


def test_the_limit_refuses_beyond_a_second_s_worth_and_recovers() -> None:
    now = 100.0
    limit = RequestLimit(per_second=5, clock=lambda: now)
    assert [limit.exceeded() for _ in range(7)] == [False] * 5 + [True] * 2
    now += 0.4
    assert [limit.exceeded() for _ in range(3)] == [False, False, True]
    assert limit.refused == 3


def test_answers_pass_over_the_link() -> None:
    with Sandbox(token_auth=False, cdn=False, latency=0.001, bandwidth=50_000_000) as far:
        digest = far.put_blob("a/b", bytes(100_000))
        assert Client(far.address).ask("GET", f"/v2/a/b/blobs/{digest}").body == bytes(100_000)
