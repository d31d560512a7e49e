"""Gives all copies to an engine, and what may pass a second time once the registries have cooled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from seeder.engines.protocol import Engine, OnEvent
from seeder.errors import RegistryError, SeederError, ThrottledError, UnreachableError
from seeder.model.copy import Copy
from seeder.model.outcome import Failed, Outcome

COOLING = 5.0
LONGEST_COOLING = 60.0
# What does not change by itself between two passes.
_LASTING = frozenset({"no-tls", "certificate", "proxy"})


def transfer(
    copies: Sequence[Copy], engine: Engine, on_event: OnEvent, pause: Callable[[float], None]
) -> Iterator[Outcome]:
    """An outcome for each copy, in the order in which they end; failures that may pass are tried once more.

    `pause` waits for a number of seconds. A failed image never ends the run; a bug does.
    """
    by_reference = {copy.pin.reference: copy for copy in copies}
    again: list[Failed] = []
    for outcome in engine.run(copies, on_event):
        if isinstance(outcome, Failed) and may_pass(outcome.error):
            again.append(outcome)
        else:
            yield outcome
    if not again:
        return
    pause(cooling(again))
    yield from engine.run([by_reference[outcome.reference] for outcome in again], on_event)


def may_pass(error: SeederError) -> bool:
    """Whether a second try may end otherwise: no answer, a server's fault, too many requests."""
    if error.code in _LASTING:
        return False
    if isinstance(error, RegistryError) and error.status >= 500:
        return True
    return isinstance(error, UnreachableError | ThrottledError)


def cooling(outcomes: Sequence[Failed]) -> float:
    """Seconds to wait before the second pass: as long as a registry asked for, within a minute."""
    asked = [_asked(outcome.error) for outcome in outcomes]
    return min(LONGEST_COOLING, max([COOLING, *asked]))


def _asked(error: SeederError) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ThrottledError) else 0.0
