"""The one retry policy, a value, applied in one layer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from seeder.errors import RegistryError, SeederError, ThrottledError, UnreachableError

T = TypeVar("T")
_JITTER = random.Random()  # noqa: S311 - of its own: threads draw from it while others count on the module's
_TEMPORARY = frozenset({408, 500, 502, 503, 504})


class Policy(Struct, frozen=True, kw_only=True):
    """`attempts` in all; pauses double from `first` seconds up to `ceiling`, with jitter.

    A registry's `Retry-After` is kept, up to `patience` seconds.
    """

    attempts: int = 5
    first: float = 0.5
    ceiling: float = 20.0
    patience: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def call(self, work: Callable[[], T]) -> T:
        """Does the work; again while it fails for a while only. Raises the last failure, as final if it is another
        such.
        """
        try:
            return work()
        except SeederError as error:
            if self.attempts < 2 or not is_temporary(error):
                raise
            failed = error
        try:
            return self._again(work, failed)
        except RegistryError as error:
            error.is_final = error.is_final or is_temporary(error)
            raise

    def pause(self, attempt: int, error: BaseException | None) -> float:
        """Seconds to wait after so many failed attempts, the last of them with this error."""
        asked = error.retry_after if isinstance(error, ThrottledError) else None
        if asked is not None:
            return min(asked, self.patience)
        return self.first / 2 + _JITTER.uniform(0, min(self.ceiling, self.first * 2**attempt))

    def rest(self, attempt: int, error: SeederError) -> None:
        """Waits as long as `pause` says."""
        self.sleep(self.pause(attempt, error))

    def _again(self, work: Callable[[], T], failed: SeederError) -> T:
        import tenacity  # noqa: PLC0415 - 25 ms that only a failure pays for

        def wait(state: tenacity.RetryCallState) -> float:
            return self.pause(state.attempt_number, state.outcome.exception() if state.outcome else None)

        first_failure: list[SeederError] = [failed]

        def attempt() -> T:
            if first_failure:
                raise first_failure.pop()
            return work()

        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=wait,
            retry=tenacity.retry_if_exception(is_temporary),
            sleep=self.sleep,
            reraise=True,
        )(attempt)


def is_temporary(error: BaseException) -> bool:
    """Whether the same request may succeed a little later, and was not made often enough already.

    Never: 400, 403, 404, 413, 415, a certificate, a digest that does not fit, a spent quota.
    """
    if not isinstance(error, RegistryError) or error.is_final:
        return False
    if isinstance(error, UnreachableError):
        return error.code == UnreachableError.code
    return isinstance(error, ThrottledError) or error.status in _TEMPORARY
