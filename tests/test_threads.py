from __future__ import annotations

import threading
import time

import pytest

from seeder.early import Early
from seeder.errors import MissingError, SeederError
from seeder.threads import each, within


def test_every_item_gets_its_result_whatever_the_order() -> None:
    assert dict(each(lambda n: n * n, range(100), 7)) == {n: n * n for n in range(100)}


def test_work_begins_before_a_result_is_wanted() -> None:
    began = threading.Event()
    results = each(lambda _: began.set(), [1], 1)
    assert began.wait(10)
    assert list(results) == [(1, None)]


def test_no_items_no_threads() -> None:
    before = threading.active_count()
    assert list(each(str, [], 8)) == []
    assert threading.active_count() == before


def test_an_expected_failure_is_a_result_and_the_rest_goes_on() -> None:
    def work(n: int) -> int:
        if n % 2:
            raise SeederError(f"odd {n}")
        return n

    results = dict(each(work, range(10), 3))
    assert {n for n, result in results.items() if isinstance(result, SeederError)} == {1, 3, 5, 7, 9}
    assert results[4] == 4


def test_a_bug_is_raised_here() -> None:
    def work(n: int) -> int:
        raise ZeroDivisionError(n)

    with pytest.raises(ZeroDivisionError):
        list(each(work, range(10), 3))


def test_stopping_early_starts_no_more() -> None:
    started: list[int] = []

    def work(n: int) -> int:
        started.append(n)
        return n

    for item, _ in each(work, range(100_000), 1):
        if item == 3:
            break
    assert len(started) < 100_000


def test_what_was_begun_early_is_done_once_and_taken_once() -> None:
    done: list[int] = []

    def square(n: int) -> int:
        done.append(n)
        return n * n

    early = Early(square, 3)
    for n in (*range(50), *range(50)):
        early.begin(n)
    assert [early.take(n) for n in range(50)] == [n * n for n in range(50)]
    assert sorted(done) == list(range(50))
    assert early.take(7) == 49
    assert done.count(7) == 2


def test_who_wants_what_is_under_way_waits_for_it() -> None:
    began, held = threading.Event(), threading.Event()

    def work(n: int) -> int:
        began.set()
        held.wait(10)
        return n + 1

    early = Early(work, 1)
    early.begin(1)
    assert began.wait(10)
    threading.Timer(0.05, held.set).start()
    assert early.take(1) == 2


def test_an_early_failure_is_raised_where_the_result_is_taken() -> None:
    def work(n: int) -> int:
        raise SeederError(f"no {n}")

    early = Early(work, 1)
    early.begin(1)
    with pytest.raises(SeederError, match="no 1"):
        early.take(1)


def test_after_the_close_nothing_more_begins() -> None:
    held, done = threading.Event(), []

    def work(n: int) -> None:
        held.wait(10)
        done.append(n)

    early = Early(work, 1)
    early.begin(1)
    early.begin(2)
    early.close()
    held.set()
    early.take(3)
    assert 2 not in done


def test_what_takes_too_long_is_left_behind() -> None:
    never = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.01, never.wait)
    assert within(60, lambda: 5) == 5
    with pytest.raises(MissingError):
        within(60, lambda: throw(MissingError("x")))


def throw(error: Exception) -> None:
    raise error


def test_threads_are_kept_for_the_next_work() -> None:
    seen: set[int] = set()
    for _ in range(20):
        list(each(lambda _: seen.add(threading.get_ident()), [1], 1))
        list(each(lambda _: time.sleep(0.001), range(3), 3))
    assert len(seen) < 20
