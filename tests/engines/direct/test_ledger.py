"""The pulls that images are promised."""

from __future__ import annotations

import threading
from typing import NoReturn

from seeder.engines.direct.ledger import Ledger, Promise
from seeder.errors import RegistryError
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
    promised = each(lambda source: ledger.promise(source, 1), [slow, quick], 2)
    assert next(promised) == (quick, Promise(quick, left=1))
    sources.let_go.set()
    assert next(promised) == (slow, Promise(slow, left=1))


class Blocked:
    """A client whose source has no host."""

    def endpoint(self, reference: ImageReference) -> NoReturn:
        raise RegistryError("is blocked", code="blocked")


def test_where_nothing_was_set_aside_nothing_is_asked_when_it_is_given_back() -> None:
    Ledger(Blocked()).release(Promise(ImageReference("blocked.test", "a", "1")))
