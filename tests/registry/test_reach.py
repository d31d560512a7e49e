"""A place that never answered is given up once; one that did keeps the whole patience."""

from __future__ import annotations

import pytest

from seeder.errors import UnreachableError
from seeder.registry.reach import Reach
from seeder.registry.retry import Policy, is_temporary

REFUSED = UnreachableError("no connection to r.test: Connection refused", where="r.test", hint="is it running?")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Place:
    """One that refuses, as a transport asks for it; `attempts` are those that went out."""

    def __init__(self, clock: Clock) -> None:
        self.reach = Reach(clock)
        self.attempts = 0
        self.is_up = False

    def ask(self) -> str:
        self.reach.check("r.test")
        self.attempts += 1
        if not self.is_up:
            error = UnreachableError(REFUSED.message, where=REFUSED.where, hint=REFUSED.hint)  # who gives up marks it
            raise self.reach.failed("r.test", error)
        self.reach.answered("r.test")
        return "answer"


def test_a_hundred_images_wait_for_a_silent_place_once() -> None:
    clock = Clock()
    place = Place(clock)
    began = clock.now
    policy = Policy(sleep=clock.sleep)
    for _ in range(100):
        with pytest.raises(UnreachableError) as caught:
            policy.call(place.ask)
        assert (caught.value.message, caught.value.where, caught.value.hint) == (
            REFUSED.message,
            REFUSED.where,
            REFUSED.hint,
        )
        assert caught.value.code == "unreachable"
    assert place.attempts <= policy.attempts
    assert clock.now - began < 20


def test_many_attempts_at_the_same_moment_give_nothing_up() -> None:
    place = Place(Clock())
    for _ in range(32):
        with pytest.raises(UnreachableError) as caught:
            place.ask()
        assert is_temporary(caught.value)
    assert place.attempts == 32


def test_a_place_that_answered_once_is_asked_again_and_again() -> None:
    clock = Clock()
    place = Place(clock)
    place.is_up = True
    place.ask()
    place.is_up = False
    for _ in range(10):
        clock.sleep(60)
        with pytest.raises(UnreachableError) as caught:
            place.ask()
        assert is_temporary(caught.value)


def test_a_place_that_was_given_up_gets_another_chance_later() -> None:
    clock = Clock()
    place = Place(clock)
    for _ in range(3):
        with pytest.raises(UnreachableError):
            place.ask()
        clock.sleep(3)
    with pytest.raises(UnreachableError) as caught:
        place.ask()
    assert caught.value.is_final
    assert not is_temporary(caught.value)
    clock.sleep(31)
    place.is_up = True
    assert place.ask() == "answer"
