"""Pulls that are set aside for images under way: by source, and nobody waits for another's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import Struct, field

from seeder.engines.allowance import Allowance
from seeder.errors import QuotaError
from seeder.model.copy import Copy
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from tests.copies import copy

PATIENCE = 10.0
ACCOUNT = "0c0ffee0-0000-4000-8000-000000000000"


class Source(Struct):
    """Answers with what it leaves; a registry of `silent` does not, before it is told to."""

    leaves: int = 10
    silent: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    told: threading.Event = field(default_factory=threading.Event)
    before: Callable[[], None] = lambda: None

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
        assert fresh
        leaves = self.leaves
        if reference.registry == self.silent:
            self.asked.set()
            assert self.told.wait(PATIENCE)
        self.before()
        return Quota(limit=1000, remaining=leaves, source=ACCOUNT)


def taken(allowance: Allowance, wanted: Copy) -> str:
    with allowance.granted(wanted):
        return wanted.pin.reference.registry


def test_a_source_that_does_not_answer_holds_up_no_other_and_no_end() -> None:
    source = Source(silent="silent.test")
    allowance = Allowance(source)
    with ThreadPoolExecutor(2) as pool:
        try:
            with allowance.granted(copy("quick.test/a:1", 1)):
                waits = pool.submit(taken, allowance, copy("silent.test/a:1", 1))
                assert source.asked.wait(PATIENCE)
            assert pool.submit(taken, allowance, copy("quick.test/b:1", 1)).result(PATIENCE) == "quick.test"
            allowance.spent("quick.test", QuotaError("spent"))
            assert not waits.done()
        finally:
            source.told.set()
        assert waits.result(PATIENCE) == "silent.test"


def test_what_ends_while_a_source_is_asked_counts_as_under_way() -> None:
    """The answer may be from before its pulls were counted."""
    source = Source(leaves=10, silent="slow.test")
    source.told.set()
    allowance = Allowance(source)
    running = allowance.granted(copy("slow.test/a:1", 8))
    running.__enter__()

    def end() -> None:
        source.before, source.leaves = (lambda: None), 2
        running.__exit__(None, None, None)

    source.before = end
    with pytest.raises(QuotaError, match="takes 8 pulls, and 2 are left"), allowance.granted(copy("slow.test/b:1", 8)):
        pass


def test_one_that_is_short_waits_for_what_is_under_way() -> None:
    source = Source(leaves=10)
    allowance = Allowance(source)
    with ThreadPoolExecutor(1) as pool:
        with allowance.granted(copy("hub.test/a:1", 8)):
            waits = pool.submit(taken, allowance, copy("hub.test/b:1", 8))
            with pytest.raises(TimeoutError):
                waits.result(0.1)
        assert waits.result(PATIENCE) == "hub.test"


def test_a_spent_source_gives_up_those_that_wait() -> None:
    allowance = Allowance(Source(leaves=10))
    with ThreadPoolExecutor(1) as pool, allowance.granted(copy("hub.test/a:1", 8)):
        waits = pool.submit(taken, allowance, copy("hub.test/b:1", 8))
        with pytest.raises(TimeoutError):
            waits.result(0.1)
        allowance.spent("hub.test", QuotaError("nothing is left"))
        with pytest.raises(QuotaError, match="nothing is left"):
            waits.result(PATIENCE)
