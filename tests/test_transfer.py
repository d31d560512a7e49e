"""The second pass, and who gets one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from seeder.engines.protocol import OnEvent
from seeder.errors import (
    ConflictError,
    DeniedError,
    EngineError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.model.copy import Copy
from seeder.model.outcome import Outcome, Result
from seeder.transfer import transfer
from tests.copies import copy


class Scripted:
    """An engine that fails as it is told, one error a try."""

    def __init__(self, errors: dict[str, list[SeederError]]) -> None:
        self.errors = errors
        self.passes: list[list[str]] = []

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]:
        self.passes.append([c.pin.reference.familiar() for c in copies])
        for each in copies:
            waiting = self.errors.get(each.pin.reference.familiar().removesuffix(":1"), [])
            error = waiting.pop(0) if waiting else None
            yield each.copied(each.pin.descriptor.digest) if error is None else each.failed(error)


def throttled(seconds: float) -> ThrottledError:
    error = ThrottledError("slow down")
    error.retry_after = seconds
    return error


def test_what_may_pass_is_tried_once_more_after_a_pause() -> None:
    engine = Scripted({"a": [UnreachableError("reset")], "b": [MissingError("gone")]})
    pauses: list[float] = []
    outcomes = list(transfer([copy("a:1"), copy("b:1"), copy("c:1")], engine, lambda _: None, pauses.append))
    assert engine.passes == [["a:1", "b:1", "c:1"], ["a:1"]]
    assert pauses == [5.0]
    assert {o.reference.familiar(): o.result for o in outcomes} == {
        "a:1": Result.COPIED,
        "b:1": Result.FAILED,
        "c:1": Result.COPIED,
    }


def test_the_second_failure_stands() -> None:
    engine = Scripted({"a": [UnreachableError("first"), UnreachableError("second")]})
    (outcome,) = transfer([copy("a:1")], engine, lambda _: None, lambda _: None)
    assert str(outcome.error) == "second"


@pytest.mark.parametrize(("asked", "waited"), [(1.0, 5.0), (20.0, 20.0), (3600.0, 60.0)])
def test_it_waits_as_long_as_a_registry_asks_within_a_minute(asked: float, waited: float) -> None:
    pauses: list[float] = []
    list(transfer([copy("a:1")], Scripted({"a": [throttled(asked)]}), lambda _: None, pauses.append))
    assert pauses == [waited]


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (UnreachableError("reset"), True),
        (ThrottledError("slow"), True),
        (RegistryError("fault", status=503), True),
        (RegistryError("fault", status=500), True),
        (UnreachableError("no TLS", code="no-tls"), False),
        (UnreachableError("unknown CA", code="certificate"), False),
        (UnreachableError("no proxy", code="proxy"), False),
        (RegistryError("bad", status=400), False),
        (DeniedError("no", status=401), False),
        (MissingError("no", status=404), False),
        (ConflictError("taken"), False),
        (EngineError("what"), False),
        (QuotaError("spent"), False),
    ],
)
def test_who_gets_a_second_try(error: SeederError, again: bool) -> None:
    engine = Scripted({"a": [error]})
    list(transfer([copy("a:1")], engine, lambda _: None, lambda _: None))
    assert len(engine.passes) == (2 if again else 1)


def test_nothing_to_copy_asks_the_engine_for_nothing_again() -> None:
    engine = Scripted({})
    assert list(transfer([], engine, lambda _: None, lambda _: None)) == []
    assert engine.passes == [[]]
