from __future__ import annotations

import itertools

import pytest

from seeder.errors import EngineError, PinMissingError, QuotaError, SeederError, UsageError
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.outcome import Copied, Deferred, Failed, Present, Skipped, Told
from seeder.model.pin import Pin
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from seeder.report.exit_code import decide
from seeder.report.outcomes import of_outcomes

NGINX = ImageReference.parse("nginx")


DIGEST = Digest.of(b"index")
PIN = Pin(reference=NGINX, descriptor=Descriptor(media_type=OCI_INDEX, digest=DIGEST, size=5))
PLACE = Destination(target="event", registry="r.example.com", written="r.example.com", repository="nginx", tags=())
COPIED = Copied(pin=PIN, destination=PLACE, root=DIGEST)
PRESENT = Present(pin=PIN, destination=PLACE, root=DIGEST)


def failed(error: SeederError, *, required: bool = True) -> Failed:
    return Failed(of=NGINX, error=error, required=required)


def late(*, required: bool = True) -> Deferred:
    return Deferred(of=NGINX, error=QuotaError("spent"), required=required)


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
        ([COPIED, PRESENT, Skipped(of=NGINX, reason="ignored")], 0),
        ([COPIED, late()], 4),
        ([failed(EngineError("x")), late()], 1),
        ([failed(PinMissingError("x")), failed(EngineError("x"))], 2),
        ([failed(UsageError("as:"))], 2),
        ([failed(QuotaError("as a failure"))], 1),
        ([failed(EngineError("x"), required=False)], 0),
        ([late(required=False)], 0),
    ],
)
def test_outcomes_decide(outcomes: list[Told], code: int) -> None:
    assert of_outcomes(outcomes) == code
