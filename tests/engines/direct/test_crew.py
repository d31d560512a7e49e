"""Which task comes next, and how many bytes move at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from seeder.engines.direct.crew import AHEAD, FEW, LOAD, Crew, Urgency


class Hands:
    """Tasks that begin when the crew lets them, and end when the test does."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.begun: list[str] = []
        self._changed = threading.Condition()
        self._ends: dict[str, threading.Event] = {}

    def task(self, name: str) -> Callable[[], None]:
        end = self._ends[name] = threading.Event()

        def work() -> None:
            with self._changed:
                self.begun.append(name)
                self._changed.notify_all()
            end.wait(20)

        return work

    def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()

    def wait_for(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.begun) >= count, 20)
            self._changed.wait(0.05)  # nothing more begins
            return list(self.begun)


@pytest.fixture
def hands() -> Iterator[Hands]:
    bugs: list[BaseException] = []
    hands = Hands(Crew(64, bugs.append))
    yield hands
    hands.end(*hands._ends)
    hands.crew.close(20)
    assert bugs == []


def test_large_blobs_move_a_few_at_a_time(hands: Hands) -> None:
    for n in range(FEW + 3):
        hands.crew.move("hub", hands.task(f"m{n}"), load=LOAD)
    assert hands.wait_for(FEW) == [f"m{n}" for n in range(FEW)]
    hands.end("m0")
    assert hands.wait_for(FEW + 1)[-1] == f"m{FEW}"


def test_small_blobs_move_as_many_as_a_line_takes(hands: Hands) -> None:
    for n in range(40):
        hands.crew.move("hub", hands.task(f"m{n}"), load=LOAD // 30)
    assert len(hands.wait_for(30)) == 30


def test_a_source_that_stalls_holds_up_no_other(hands: Hands) -> None:
    for n in range(FEW + 1):
        hands.crew.move("hub", hands.task(f"m{n}"), load=LOAD)
    hands.wait_for(FEW)
    hands.crew.move("elsewhere", hands.task("other"), load=LOAD)
    assert hands.wait_for(FEW + 1)[-1] == "other"


def test_the_heavier_image_moves_first(hands: Hands) -> None:
    for n in range(FEW):
        hands.crew.move("hub", hands.task(f"m{n}"), load=LOAD)
    hands.wait_for(FEW)
    hands.crew.move("hub", hands.task("light"), load=LOAD)
    hands.crew.move("hub", hands.task("heavy"), load=LOAD, weight=LOAD)
    hands.end("m0", "m1")
    assert hands.wait_for(FEW + 2)[-2:] == ["heavy", "light"]


def test_no_manifest_is_read_while_enough_waits_to_be_moved(hands: Hands) -> None:
    for n in range(FEW):
        hands.crew.move("hub", hands.task(f"m{n}"), load=LOAD)
    hands.wait_for(FEW)
    hands.crew.move("hub", hands.task("waits"), load=AHEAD + 1)
    hands.crew.add(Urgency.READ, hands.task("read"))
    hands.crew.add(Urgency.MOUNT, hands.task("mount"))
    assert hands.wait_for(FEW + 1)[FEW:] == ["mount"]
    hands.end("m0")
    assert sorted(hands.wait_for(FEW + 3)[FEW + 1 :]) == ["read", "waits"]


def test_tasks_that_come_together_get_a_thread_each_although_one_idles() -> None:
    bugs: list[BaseException] = []
    crew, together = Crew(3, bugs.append), threading.Barrier(4)
    crew.add(Urgency.READ, lambda: None)
    while not crew._idle:
        time.sleep(0.001)
    with crew._ready:  # the idle thread wakes once all of them are there
        for _ in range(3):
            crew.add(Urgency.READ, lambda: together.wait(20) and None)
    together.wait(20)
    crew.close(20)
    assert bugs == []
