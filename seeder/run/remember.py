"""What verifying found, kept for the runs to come."""

from __future__ import annotations

from collections.abc import Iterable

from seeder.checked import CheckedRoots
from seeder.model.copy import Outcome


def remember(checked: CheckedRoots, outcomes: Iterable[Outcome]) -> None:
    """Adds what is whole and drops what is not."""
    for outcome in outcomes:
        if outcome.destination is None or outcome.root is None:
            continue
        if outcome.stands:
            checked.add(outcome.destination.repository, outcome.root)
        else:
            checked.forget(outcome.destination.repository, outcome.root)
    checked.save()
