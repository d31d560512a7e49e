from __future__ import annotations

import threading

import pytest

from seeder.registry.pace import Lane, Pace

R = Lane("r", "manifests")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_room_triples_a_round_trip_up_to_the_ceiling() -> None:
    pace = Pace(first=8, ceiling=32)
    for _ in range(8):
        pace.went_well(R)
    assert pace.room(R) == 24
    for _ in range(100):
        pace.went_well(R)
    assert pace.room(R) == 32


def test_a_new_kind_begins_with_half_of_what_the_host_keeps_up_with() -> None:
    pace = Pace(first=8, ceiling=32)
    for _ in range(100):
        pace.went_well(R)
    assert pace.room(Lane("r", "blobs")) == 16
    assert pace.room(Lane("other", "blobs")) == 8


def test_a_new_kind_begins_small_where_the_host_has_complained() -> None:
    pace = Pace(first=8, ceiling=32)
    for _ in range(100):
        pace.went_well(R)
    pace.complained(R, 0.0)
    assert pace.room(Lane("r", "blobs")) == 8


def test_what_leads_on_begins_with_fewer_and_grows_by_half_a_round_trip() -> None:
    pace = Pace(first=8, ceiling=32)
    for _ in range(100):
        pace.went_well(R)
    reads = Lane("r", "manifests", leads_on=True)
    assert pace.room(reads) == 6
    for _ in range(6):
        pace.went_well(reads)
    assert pace.room(reads) == 9
    assert Pace(first=2, ceiling=2).room(reads) == 2


def test_a_lane_that_leads_nowhere_is_opened_at_once() -> None:
    pace = Pace(first=8, ceiling=32)
    pins = Lane("r", "pins", leads_on=True)
    waiting = threading.Barrier(33, timeout=10)

    def work() -> None:
        with pace.turn(pins):
            waiting.wait()

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    pace.open(pins)
    waiting.wait()
    for thread in threads:
        thread.join()


def test_a_burst_of_complaints_halves_once() -> None:
    clock = Clock()
    pace = Pace(first=16, ceiling=32, clock=clock)
    for _ in range(10):
        pace.complained(R, 0.0)
    assert pace.room(R) == 8
    clock.now += 2
    pace.complained(R, 0.0)
    assert pace.room(R) == 4
    assert pace.room(Lane("other", "manifests")) == 16
    assert pace.room(Lane("r", "blobs")) == 16


def test_after_a_complaint_room_grows_slowly_and_never_goes_below_one() -> None:
    clock = Clock()
    pace = Pace(first=4, ceiling=32, clock=clock)
    for _ in range(6):
        pace.complained(R, 0.0)
        clock.now += 2
    assert pace.room(R) == 1
    for _ in range(3):
        pace.went_well(R)
    assert pace.room(R) == 2


def test_no_more_are_under_way_than_there_is_room() -> None:
    pace = Pace(first=3, ceiling=3)
    lock, gauge = threading.Lock(), [0, 0]

    def work() -> None:
        for _ in range(20):
            with pace.turn(R):
                with lock:
                    gauge[0] += 1
                    gauge[1] = max(gauge)
                with lock:
                    gauge[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gauge[0] == 0
    assert 1 <= gauge[1] <= 3


@pytest.mark.parametrize("kind", ["manifests", "blobs"])
def test_a_pause_holds_everyone_back_until_it_is_over(kind: str) -> None:
    pace = Pace()
    pace.complained(R, 0.05)
    order: list[str] = []

    def work() -> None:
        with pace.turn(Lane("r", kind)):
            order.append("asked")

    thread = threading.Thread(target=work)
    thread.start()
    order.append("first")
    thread.join()
    assert order == ["first", "asked"]
