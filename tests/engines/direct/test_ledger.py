"""The pulls that images are promised."""

from __future__ import annotations

import threading
from typing import NoReturn

import pytest

from seeder.engines.direct.ledger import Ledger, Promise
from seeder.errors import EngineError, QuotaError, RegistryError
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.endpoint import Endpoint
from seeder.registry.quotas import Quotas
from seeder.threads import each


class Sources:
    """As much of a client as a ledger asks; one registry says nothing until it is let go."""

    def __init__(self) -> None:
        self.quotas = Quotas()
        self.let_go = threading.Event()

    def endpoint(self, reference: ImageReference) -> Endpoint:
        return Endpoint.of(reference)

    def quota(self, reference: ImageReference) -> None:
        if reference.registry == "slow.test":
            self.let_go.wait(5)


def test_a_source_that_does_not_answer_holds_up_no_other() -> None:
    sources = Sources()
    ledger = Ledger(sources)
    slow, quick = ImageReference("slow.test", "a", "1"), ImageReference("quick.test", "a", "1")
    promises = {source: Promise(source) for source in (slow, quick)}
    promised = each(lambda source: ledger.extend(promises[source], 1), promises, 2)
    assert next(promised) == (quick, None)
    sources.let_go.set()
    assert next(promised) == (slow, None)
    assert [promise.left for promise in promises.values()] == [1, 1]


class Limited(Sources):
    """One that leaves ten pulls."""

    def quota(self, reference: ImageReference) -> Quota:
        return Quota(limit=10, remaining=10, source="7e1e44e3-0e4e-4f83-8b1c-6b9c1ed1ac7f")


IMAGE = ImageReference("hub.test", "a", "1")


def room(ledger: Ledger) -> int:
    """How many pulls could be promised to another image."""
    probe = Promise(IMAGE)
    for pulls in range(1, 99):
        try:
            ledger.extend(probe, 1)
        except QuotaError:
            ledger.release(probe)
            return pulls - 1
    return 99


def test_what_was_not_spent_is_given_back() -> None:
    ledger, promise = Ledger(Limited()), Promise(IMAGE)
    ledger.extend(promise, 4)
    ledger.spend(promise)
    assert room(ledger) == 6
    ledger.release(promise)
    assert room(ledger) == 9


def test_what_ended_gets_no_pull_and_keeps_none() -> None:
    ledger, promise = Ledger(Limited()), Promise(IMAGE)
    ledger.extend(promise, 1)
    ledger.spend(promise)
    ledger.release(promise)
    for late in (lambda: ledger.extend(promise, 3), lambda: ledger.spend(promise)):
        with pytest.raises(EngineError):
            late()
    assert (promise.left, promise.spent) == (0, 1)
    assert room(ledger) == 9


def test_what_ends_while_its_source_is_asked_keeps_nothing() -> None:
    promise = Promise(IMAGE)

    class Slow(Limited):
        def quota(self, reference: ImageReference) -> Quota:
            ledger.release(promise)
            return super().quota(reference)

    ledger = Ledger(Slow())
    with pytest.raises(EngineError):
        ledger.extend(promise, 3)
    assert room(ledger) == 10


class Blocked:
    """A client whose source has no host."""

    def endpoint(self, reference: ImageReference) -> NoReturn:
        raise RegistryError("is blocked", code="blocked")


def test_where_nothing_was_set_aside_nothing_is_asked_when_it_is_given_back() -> None:
    Ledger(Blocked()).release(Promise(ImageReference("blocked.test", "a", "1")))
