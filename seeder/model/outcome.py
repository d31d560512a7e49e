"""What becomes of a reference: a closed set, in the words of the reports.

Standing    it is at the target
├── Copied      by this run
└── Present     by an earlier one
Missed      it is not, or not whole, and an error says why
├── Deferred    a later run will do: the quota is spent, or this run was told to end
└── Failed
Skipped     nobody wants it there
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from seeder.errors import DeferredError, SeederError
from seeder.model.digest import Digest
from seeder.model.pin import Pin
from seeder.model.placed import Placed
from seeder.model.reference import ImageReference


class Result(StrEnum):
    """Its word, in the order in which they are counted."""

    COPIED = "copied"
    PRESENT = "present"
    DEFERRED = "deferred"
    SKIPPED = "skipped"
    FAILED = "failed"


class Standing(Placed, frozen=True, kw_only=True):
    """`root` is the digest that stands under the destination's tags, `pulls` the manifest GETs that it took.

    `pin` is as it is known now: with the platforms that were read and what was served.
    """

    root: Digest
    pulls: int = 0

    def broken(self, error: SeederError) -> Failed:
        """The outcome where the target was found not to serve it whole."""
        return Failed(of=self, error=error, required=self.required, pulls=self.pulls)


class Copied(Standing, frozen=True, kw_only=True):
    """`confirmed` says that the target took every part of it in this run and named the same digests."""

    result: ClassVar[Result] = Result.COPIED
    confirmed: bool = False


class Present(Standing, frozen=True, kw_only=True):
    result: ClassVar[Result] = Result.PRESENT


class _Absent(Struct, frozen=True, kw_only=True):
    """`of` is what was known of it by then: its pin, its place, or (`Standing`) that it stands there in part."""

    of: ImageReference | Pin | Placed
    required: bool = True

    @property
    def reference(self) -> ImageReference:
        return self.of if isinstance(self.of, ImageReference) else self.of.reference


class Missed(_Absent, frozen=True, kw_only=True):
    error: SeederError
    pulls: int = 0


class Deferred(Missed, frozen=True, kw_only=True):
    result: ClassVar[Result] = Result.DEFERRED


class Failed(Missed, frozen=True, kw_only=True):
    result: ClassVar[Result] = Result.FAILED


class Skipped(_Absent, frozen=True, kw_only=True):
    result: ClassVar[Result] = Result.SKIPPED
    reason: str


# Of what a run takes up; a report tells of what it leaves alone, too.
Outcome = Copied | Present | Deferred | Failed
Told = Outcome | Skipped


def missed(of: Placed, error: SeederError, pulls: int = 0) -> Deferred | Failed:
    """Put off where a spent quota is why, else failed."""
    kind = Deferred if isinstance(error, DeferredError) else Failed
    return kind(of=of, error=error, required=of.required, pulls=pulls)
