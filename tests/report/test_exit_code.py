from __future__ import annotations

import itertools

import pytest

from seeder.errors import EngineError, PinMissingError, QuotaError, UsageError
from seeder.model.copy import Outcome, Result
from seeder.model.reference import ImageReference
from seeder.report.exit_code import decide
from seeder.report.outcomes import of_outcomes

NGINX = ImageReference.parse("nginx")


def outcome(result: Result, error=None, required: bool = True) -> Outcome:
    return Outcome(reference=NGINX, result=result, error=error, required=required)


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], 0),
        ([0, 0], 0),
        ([4, 0], 4),
        ([1, 4], 1),
        ([2, 1, 4], 2),
        ([143, 2], 143),
        ([130, 143], 130),
        ([3, 130], 3),
        ([77], 3),
    ],
)
def test_the_gravest_counts_in_any_order(codes: list[int], code: int) -> None:
    assert {decide(order) for order in itertools.permutations(codes)} == {code}


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([outcome(Result.COPIED), outcome(Result.PRESENT), outcome(Result.SKIPPED)], 0),
        ([outcome(Result.COPIED), outcome(Result.DEFERRED, QuotaError("spent"))], 4),
        ([outcome(Result.FAILED, EngineError("x")), outcome(Result.DEFERRED, QuotaError("spent"))], 1),
        ([outcome(Result.FAILED, PinMissingError("x")), outcome(Result.FAILED, EngineError("x"))], 2),
        ([outcome(Result.FAILED, UsageError("as:"))], 2),
        ([outcome(Result.FAILED, QuotaError("as a failure"))], 1),
        ([outcome(Result.FAILED)], 1),
        ([outcome(Result.FAILED, EngineError("x"), required=False)], 0),
        ([outcome(Result.DEFERRED, QuotaError("x"), required=False)], 0),
    ],
)
def test_outcomes_decide(outcomes: list[Outcome], code: int) -> None:
    assert of_outcomes(outcomes) == code
