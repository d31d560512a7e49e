"""Names that nothing pulls by themselves (a variable's value, `docker rmi`) change with what pulls them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seeder import targets
from seeder.model.catalog import TargetSettings
from seeder.model.occurrence import Occurrence, Puller
from seeder.rewrite.change import Change, Left


def follow(changes: Sequence[Change], left: Sequence[Left], target: TargetSettings) -> tuple[list[Change], list[Left]]:
    """Takes back changes of such names where every place that pulls the image stays: its fate is told there."""
    moving = _pulled(each.occurrence for each in changes)
    # A pull by a variable has no text of its own to change: it says what the value says.
    moving |= _pulled(
        each.occurrence
        for each in left
        if not (each.occurrence.rewritable or each.occurrence.elsewhere or targets.refusal(each.occurrence, target))
    )
    staying = _pulled(each.occurrence for each in left) - moving
    kept, refused = [], list(left)
    for change in changes:
        if change.occurrence.pulled_by is Puller.NONE and change.occurrence.canonical in staying:
            refused.append(Left(occurrence=change.occurrence, reason="what pulls it stays as it is", fails=False))
        else:
            kept.append(change)
    return kept, refused


def _pulled(occurrences: Iterable[Occurrence]) -> set[str]:
    return {each.canonical for each in occurrences if each.pulled_by is not Puller.NONE}
