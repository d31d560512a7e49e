"""How often a source is asked for a blob, decided here alone.

A blob may break off as often as the policy says. New bytes earn attempts back, so that a large one gets through a line
that is cut again and again; a source that brings nothing new is given up soon, for every image that wants the blob.
"""

from __future__ import annotations

import threading

from msgspec import Struct, field

from seeder.errors import RegistryError, SeederError, UnreachableError
from seeder.model.digest import Digest
from seeder.registry.retry import Policy, is_temporary

EARNS = 256 << 10  # new bytes that are worth one attempt
_REFUSED = frozenset({401, 403, 404, 410, 451})


class Tries(Struct):
    """What one blob may still cost: `left` attempts. `paid` are the bytes that earned some already, from its start.

    `spent` is how the last one ended where none is left; `refused` what repositories and mirrors said, by their names,
    that will not give it however often they are asked.
    """

    policy: Policy
    left: int
    paid: int = 0
    made: int = 0
    spent: SeederError | None = None
    refused: dict[str, SeederError] = field(default_factory=dict)

    def refused_by(self, name: str, error: SeederError) -> None:
        """After an attempt at that place; whatever else went wrong there may pass."""
        if isinstance(error, RegistryError) and error.status in _REFUSED:
            self.refused[name] = error

    def failed(self, error: SeederError, offset: int) -> None:
        """After an attempt that ended at an offset: rests before the next. Raises the error where there is none."""
        earned = max(0, offset - self.paid) // EARNS
        self.paid += earned * EARNS
        self.left = min(self.policy.attempts, self.left + earned) - 1
        self.made += 1
        if not is_temporary(error):
            raise error
        if self.left < 1:
            self.spent = self._advised(error)
            raise self.spent
        self.policy.rest(self.policy.attempts - self.left, error)

    def _advised(self, error: SeederError) -> SeederError:
        if isinstance(error, UnreachableError) and not error.hint:
            error.hint = (
                f"it broke off {self.made} times: look at the network, and at proxies on the way; then run again"
            )
        return error


class Attempts:
    """The tries of all blobs that an engine moves, by the registry they come from. Thread-safe."""

    def __init__(self) -> None:
        self._tries: dict[tuple[str, Digest], Tries] = {}
        self._lock = threading.Lock()

    def of(self, registry: str, digest: Digest, policy: Policy) -> Tries:
        """What is left for a blob; at first as much as the policy allows."""
        with self._lock:
            return self._tries.setdefault((registry, digest), Tries(policy, policy.attempts))

    def settled(self, registry: str, digest: Digest) -> None:
        """The blob was read whole: what it cost matters no more."""
        with self._lock:
            self._tries.pop((registry, digest), None)

    def cooled(self) -> None:
        """Some time has passed: what was given up may be tried once more."""
        with self._lock:
            for tries in self._tries.values():
                if tries.spent is not None:
                    tries.left, tries.spent = 1, None
