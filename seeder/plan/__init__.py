"""Lock and what is known of the target: what to copy, what stands there already, what cannot be and why (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from seeder import targets
from seeder.model.copy import Copy, Plan
from seeder.model.outcome import Outcome, Present
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan.prices import paid_once, price, size
from seeder.plan.quota import within_quota
from seeder.plan.sharing import shared
from seeder.plan.tags import Claims, claims_of, past_digests, tag_fault
from seeder.plan.wanted import Known, Wanted, agreed, place

__all__ = ["Known", "Wanted", "agreed", "past_digests", "place", "plan", "shared"]


def plan(
    wanted: Iterable[Wanted],
    known: Mapping[ImageReference, Known],
    *,
    quotas: Mapping[str, Quota] | None = None,
    update: bool = False,
) -> Plan:
    """What a run will do, in the order of the references, required images first.

    `known` is by reference; `quotas` what sources say is left, by registry. A tag that stands at the
    target with other content is a ConflictError, unless `update` or the lock's own pins explain it.
    """
    ordered = sorted(wanted, key=lambda want: (not want.required, str(want.pin.reference)))
    claims = claims_of(ordered)
    judged = [_judged(want, known.get(want.pin.reference, Known()), claims, update=update) for want in ordered]
    settled = [found for found in judged if isinstance(found, Outcome)]
    copies, late = within_quota(paid_once(found for found in judged if isinstance(found, Copy)), quotas or {})
    return Plan(
        copies=tuple(copies),
        settled=(*settled, *(copy.failed(error) for copy, error in late)),
        late=tuple(copy for copy, _ in late),
    )


def _judged(want: Wanted, known: Known, claims: Claims, *, update: bool) -> Copy | Outcome:
    want = replace(want, destination=targets.rooted(want.destination, known.root))
    leaves: tuple[str, ...] = ()
    plain = targets.plain_tag(want.destination)
    if plain is not None and (error := tag_fault(want, plain, known, claims, update=update)):
        if want.pin.reference.digest is None:
            return want.failed(error)
        leaves = (plain,)  # who named a digest needs no plain tag
    ours = tuple(tag for tag in want.destination.tags if tag not in leaves)
    missing = [tag for tag in ours if known.root is None or known.tags.get(tag) != known.root]
    if known.root is not None and known.present and not missing:
        destination = replace(want.destination, tags=ours)
        return Present(pin=want.pin, destination=destination, root=known.root, required=want.required)
    return Copy(
        pin=want.pin,
        destination=want.destination,
        platforms=want.platforms,
        trims=want.trims,
        root=known.root,
        required=want.required,
        tags=tuple(missing),
        leaves=leaves,
        present=known.present,
        pulls=price(want, known),
        size=size(want),
    )
