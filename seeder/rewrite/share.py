"""Text that belongs to several names changes for all of them, or for none.

`ARG BASE=golang` serves `FROM $BASE:1.22` and `FROM $BASE:1.22-alpine`; a list's word may be a part of two names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from seeder.model.occurrence import Occurrence, Span
from seeder.rewrite.change import Change, Left


class _Claim(Struct, frozen=True):
    """What a name wants to stand in a span; `text` is None where it stays."""

    span: Span
    text: str | None
    owner: Occurrence


def share(changes: Sequence[Change], left: Sequence[Left]) -> tuple[list[Change], list[Left]]:
    """Takes back changes of text that another name, which stays or would have it otherwise, stands on as well."""
    kept, refused = list(changes), list(left)
    while True:
        reasons = {owner: reason for group in _groups(kept, refused) for owner, reason in _conflicts(group)}
        taken_back = [change for change in kept if change.occurrence in reasons]
        if not taken_back:
            return kept, refused
        kept = [change for change in kept if change.occurrence not in reasons]
        refused += [
            Left(
                occurrence=change.occurrence,
                reason=reasons[change.occurrence],
                hint="write each name whole in its own place, or make both ready to be rewritten",
            )
            for change in taken_back
        ]


def _groups(changes: Iterable[Change], left: Iterable[Left]) -> Iterator[list[_Claim]]:
    """Claims whose spans overlap, two or more together."""
    claims: dict[tuple[str, str], list[_Claim]] = {}
    for change in changes:
        found = change.occurrence
        for part, text in zip(found.parts, change.texts, strict=True):
            claims.setdefault((found.root, found.file), []).append(_Claim(part.span, text, found))
    for each in left:
        found = each.occurrence
        for part in found.parts:
            claims.setdefault((found.root, found.file), []).append(_Claim(part.span, None, found))
    for mine in claims.values():
        yield from _overlapping(sorted(mine, key=lambda claim: claim.span))


def _overlapping(claims: Sequence[_Claim]) -> Iterator[list[_Claim]]:
    group: list[_Claim] = []
    end = -1
    for claim in claims:
        if claim.span.start >= end:
            if len(group) > 1:
                yield group
            group = []
        group.append(claim)
        end = max(end, claim.span.end)
    if len(group) > 1:
        yield group


def _conflicts(group: Sequence[_Claim]) -> Iterator[tuple[Occurrence, str]]:
    """The changes of a group that cannot be made, with the reason; none where all want the same."""
    if len({(claim.span, claim.text) for claim in group}) == 1:
        return
    stays = next((claim.owner for claim in group if claim.text is None), None)
    for claim in group:
        if claim.text is None:
            continue
        if stays is not None:
            yield claim.owner, f"its text is part of {stays.canonical} as well, which stays"
        else:
            other = next(each.owner for each in group if (each.span, each.text) != (claim.span, claim.text))
            yield claim.owner, f"its text is part of {other.canonical} as well, which would be written otherwise"
