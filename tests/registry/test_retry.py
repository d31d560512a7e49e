from __future__ import annotations

import pytest

from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.registry.retry import Policy, is_temporary


class Work:
    """Fails with each of these in turn, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def throttled(seconds: float | None) -> ThrottledError:
    error = ThrottledError("slow down", status=429)
    error.retry_after = seconds
    return error


def policy(slept: list[float], attempts: int = 5) -> Policy:
    return Policy(attempts=attempts, sleep=slept.append)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnreachableError("x"), True),
        (UnreachableError("x", code="certificate"), False),
        (throttled(None), True),
        *((RegistryError("x", status=status), True) for status in (408, 500, 502, 503, 504)),
        *((RegistryError("x", status=status), False) for status in (0, 400, 405, 413, 415, 416, 501)),
        (MissingError("x", status=404), False),
        (DeniedError("x", status=403), False),
        (DigestMismatchError("x"), False),
        (QuotaError("x"), False),
        (SeederError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_what_is_worth_another_try(error: Exception, expected: bool) -> None:
    assert is_temporary(error) is expected


def test_success_at_once_waits_for_nothing() -> None:
    slept: list[float] = []
    assert policy(slept).call(Work()) == "done"
    assert slept == []


def test_it_tries_as_often_as_it_says_and_raises_the_last_failure() -> None:
    slept: list[float] = []
    failures = [UnreachableError(str(n)) for n in range(9)]
    work = Work(*failures)
    with pytest.raises(UnreachableError) as caught:
        policy(slept, attempts=3).call(work)
    assert caught.value is failures[2]
    assert (work.calls, len(slept)) == (3, 2)


def test_layers_do_not_multiply() -> None:
    """What one layer tried as often as it may, none above it tries again."""
    slept: list[float] = []
    work = Work(*[UnreachableError("x")] * 99)
    with pytest.raises(UnreachableError) as caught:
        policy(slept).call(lambda: policy(slept).call(work))
    assert caught.value.is_final
    assert work.calls == 5


def test_one_attempt_is_no_last_word() -> None:
    once, work = policy([], attempts=1), Work(UnreachableError("x"), UnreachableError("x"))
    assert policy([]).call(lambda: once.call(work)) == "done"


def test_pauses_grow_and_stay_below_the_ceiling() -> None:
    slept: list[float] = []
    Policy(attempts=12, first=1.0, ceiling=4.0, sleep=slept.append).call(Work(*[UnreachableError("x")] * 11))
    assert all(0.5 <= pause <= 4.5 for pause in slept)
    assert max(slept[3:]) > 1.5


def test_retry_after_is_kept_up_to_the_patience() -> None:
    slept: list[float] = []
    policy(slept).call(Work(throttled(7.0), throttled(4000.0), throttled(0.0)))
    assert slept == [7.0, 120.0, 0.0]


def test_what_lasts_is_not_repeated() -> None:
    slept: list[float] = []
    work = Work(UnreachableError("x"), MissingError("gone"))
    with pytest.raises(MissingError):
        policy(slept).call(work)
    assert work.calls == 2


def test_a_bug_comes_through() -> None:
    work = Work(UnreachableError("x"), ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        policy([]).call(work)
