from __future__ import annotations

import threading

import pytest

from seeder.errors import SeederError
from seeder.threads import each


def test_every_item_gets_its_result_whatever_the_order() -> None:
    assert dict(each(lambda n: n * n, range(100), 7)) == {n: n * n for n in range(100)}


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
