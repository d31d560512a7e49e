"""Which exit code a run ends with."""

from __future__ import annotations

from collections.abc import Iterable

BUG, USAGE, FAILED, DEFERRED, DONE = 3, 2, 1, 4, 0
INTERRUPTED, TERMINATED = 130, 143
# From the gravest on: where several hold, the first is the run's.
_PRECEDENCE = (BUG, INTERRUPTED, TERMINATED, USAGE, FAILED, DEFERRED, DONE)


def decide(codes: Iterable[int]) -> int:
    """The gravest of some codes; 0 of none. A code that seeder does not have counts as a bug."""
    found = {code if code in _PRECEDENCE else BUG for code in codes}
    return next((code for code in _PRECEDENCE if code in found), DONE)
