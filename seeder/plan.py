"""Lock and what is known of the target: what to copy, what stands there already, what cannot be and why (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seeder import targets
from seeder.errors import ConflictError, QuotaError, SeederError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.copy import Copy, Destination, Outcome, Plan, Pulls, Result
from seeder.model.digest import Digest
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference

# Bytes of an index for each manifest that it names: 10,229 for the sixteen of nginx:1.27.3 on Docker Hub.
_ENTRY_BYTES = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A pin, and where it is to stand. `earlier` is the pin that the lock had before this run."""

    pin: Pin
    destination: Destination
    platforms: tuple[Platform, ...] = ()
    required: bool = True
    earlier: Pin | None = None

    @property
    def is_child_wanted(self) -> bool:
        """Whether one child stands in for the whole index."""
        return self.pin.descriptor.is_index and len(self.platforms) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a wanted image before anything is fetched.

    `root` is the digest that is to stand at the destination, None where an index has to be read first; `present`
    whether it does; `tags` what stands under the destination's tags. `children` is how many manifests the index
    names, None where it was never read.
    """

    root: Digest | None = None
    present: bool = False
    tags: Mapping[str, Digest] = field(default_factory=dict, hash=False)
    children: int | None = None


_Claims = Mapping[tuple[str, str], Sequence[Wanted]]


def place(pin: Pin, catalog: Catalog, target: TargetSettings, earlier: Pin | None = None) -> Wanted:
    """Where a pin goes, and what of it; raises UsageError where it has no name there."""
    entry = catalog.entry(pin.reference)
    platforms = catalog.platforms_for(pin.reference)
    return Wanted(
        pin=pin,
        destination=targets.destination(pin.reference, pin.descriptor.digest, target, entry),
        platforms=platforms,
        required=entry.required if entry else True,
        earlier=earlier,
    )


def plan(
    wanted: Iterable[Wanted],
    standing: Mapping[ImageReference, Standing],
    *,
    quotas: Mapping[str, Quota] | None = None,
    update: bool = False,
) -> Plan:
    """What a run will do, in the order of the references, required images first.

    `standing` is what is known, by reference; `quotas` what sources say is left, by registry. A tag that stands at the
    target with other content is a ConflictError, unless `update` or the lock's own pins explain it.
    """
    ordered = sorted(wanted, key=lambda want: (not want.required, str(want.pin.reference)))
    claims = _claims(ordered)
    judged = [_judged(want, standing.get(want.pin.reference, Standing()), claims, update=update) for want in ordered]
    settled = [found for found in judged if isinstance(found, Outcome)]
    copies, deferred = _within_quota(_priced(found for found in judged if isinstance(found, Copy)), quotas or {})
    return Plan(
        copies=tuple(copies),
        settled=(*settled, *deferred),
        pulls=sum((copy.pulls for copy in copies), Pulls()),
    )


def _claims(wanted: Sequence[Wanted]) -> _Claims:
    """Who wants which plain tag of which repository."""
    claims: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for want in wanted:
        plain = targets.plain_tag(want.destination)
        if plain is not None:
            claims[want.destination.repository, plain].append(want)
    return claims


def _judged(want: Wanted, known: Standing, claims: _Claims, *, update: bool) -> Copy | Outcome:
    destination = targets.rooted(want.destination, known.root)
    leaves: tuple[str, ...] = ()
    plain = targets.plain_tag(destination)
    if plain is not None and (error := _tag_fault(want, plain, known, claims, update=update)):
        if want.pin.reference.digest is None:
            return _outcome(want, Result.FAILED, destination, error=error)
        leaves = (plain,)  # who named a digest needs no plain tag
    ours = tuple(tag for tag in destination.tags if tag not in leaves)
    missing = [tag for tag in ours if known.root is None or known.tags.get(tag) != known.root]
    if known.present and not missing:
        return _outcome(want, Result.PRESENT, replace(destination, tags=ours), root=known.root)
    return Copy(
        pin=want.pin,
        destination=destination,
        platforms=want.platforms,
        root=known.root,
        required=want.required,
        tags=tuple(missing),
        leaves=leaves,
        present=known.present,
        pulls=_price(want, known),
        size=_size(want),
    )


def _tag_fault(want: Wanted, plain: str, known: Standing, claims: _Claims, *, update: bool) -> ConflictError | None:
    """Why the plain tag cannot be put: another pin is to have it, or it stands there and is not known to be ours."""
    rival = _rival(want, claims[want.destination.repository, plain])
    if rival is not None:
        return _rivalry(want, rival, plain)
    stands = known.tags.get(plain)
    if stands is None or stands == known.root or update or stands in _history(want):
        return None
    return _conflict(want.destination, plain, stands)


def _rival(want: Wanted, claim: Sequence[Wanted]) -> Wanted | None:
    """Another pin that has as good a right to the tag; one whose reference has a digest steps back for others."""
    by_digest = want.pin.reference.digest is not None
    for other in claim:
        if other.pin.descriptor.digest != want.pin.descriptor.digest and (by_digest or not other.pin.reference.digest):
            return other
    return None


def _history(want: Wanted) -> set[Digest]:
    """The digests that seeder itself may have put under the tag, by what the lock says now and said before."""
    pins = [pin for pin in (want.pin, want.earlier) if pin is not None]
    return {
        digest
        for pin in pins
        for digest in (
            pin.descriptor.digest,
            *(child.digest for child in pin.platforms.values()),
            *pin.served.values(),
        )
    }


def _rivalry(want: Wanted, rival: Wanted, plain: str) -> ConflictError:
    return ConflictError(
        f"{want.pin.reference} and {rival.pin.reference} would both be {want.destination.repository}:{plain} "
        "at the target",
        hint="give one of them another name with `as:`",
    )


def _conflict(destination: Destination, tag: str, stands: Digest) -> ConflictError:
    return ConflictError(
        f"{destination.registry}/{destination.repository}:{tag} stands there with other content, {stands}",
        hint="`sync --update` moves the tag; or give the image another name with `as:`",
        where=destination.registry,
    )


def _outcome(
    want: Wanted,
    result: Result,
    destination: Destination,
    *,
    error: SeederError | None = None,
    root: Digest | None = None,
) -> Outcome:
    return Outcome(
        reference=want.pin.reference,
        result=result,
        destination=destination,
        pin=want.pin,
        root=root,
        required=want.required,
        error=error,
    )


def _price(want: Wanted, known: Standing) -> Pulls:
    """Manifest GETs at the source: one a manifest; an index costs one, and one for each that it names."""
    if known.present:
        return Pulls()
    if not want.pin.descriptor.is_index:
        return Pulls(at_least=1, assumed=1)
    if want.is_child_wanted:
        pulls = 1 if known.root else 2
        return Pulls(at_least=pulls, assumed=pulls)
    if known.children is not None:
        return Pulls(at_least=1 + known.children, assumed=1 + known.children)
    return Pulls(at_least=2, assumed=1 + max(1, round(want.pin.descriptor.size / _ENTRY_BYTES)), exact=False)


def _size(want: Wanted) -> int | None:
    sizes = {platform: child.size for platform, child in want.pin.platforms.items()}
    if want.is_child_wanted:
        return next((size for platform, size in sizes.items() if want.platforms[0].accepts(platform)), None)
    return sum(sizes.values()) if sizes else None


def _priced(copies: Iterable[Copy]) -> list[Copy]:
    """What is copied to one repository under two references is paid for once."""
    paid: set[tuple[str, Digest]] = set()
    found = []
    for copy in copies:
        key = (copy.destination.repository, copy.source.digest or copy.pin.descriptor.digest)
        found.append(replace(copy, pulls=Pulls(), size=0) if key in paid else copy)
        paid.add(key)
    return found


def _within_quota(copies: Sequence[Copy], quotas: Mapping[str, Quota]) -> tuple[list[Copy], list[Outcome]]:
    kept: list[Copy] = []
    deferred: list[Outcome] = []
    by_source: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_source[copy.pin.reference.registry].append(copy)
    refusals = {name: _refusal(name, group, quotas[name]) for name, group in by_source.items() if name in quotas}
    left = {name: quota.available for name, quota in quotas.items()}
    for copy in copies:
        source = copy.pin.reference.registry
        error = refusals.get(source) if copy.pulls.assumed else None
        if source in left and error is None and copy.pulls.assumed > left[source]:
            error = _spent(copy, quotas[source], left[source])
        if error is not None:
            deferred.append(deferral(copy, error))
            continue
        kept.append(copy)
        if source in left:
            left[source] -= copy.pulls.assumed
    return kept, deferred


def _refusal(source: str, copies: Sequence[Copy], quota: Quota) -> QuotaError | None:
    """Why a run that copies all platforms does not begin: begun, it would spend the quota and not come to its end."""
    whole = [copy for copy in copies if not copy.platforms and copy.pin.descriptor.is_index and copy.pulls.assumed]
    price = sum((copy.pulls for copy in copies), Pulls())
    if not whole or price.assumed <= quota.available:
        return None
    one = sum(2 if copy in whole else copy.pulls.assumed for copy in copies)
    about = "" if price.exact else "about "
    return QuotaError(
        f"all platforms take {about}{price.assumed} pulls, one platform takes {one}; {source} leaves {quota.available} "
        f"({quota.remaining} of {quota.limit}, {quota.reserve} of them kept for the nodes)",
        hint="name the platforms that the class needs: `platforms: [linux/amd64]`",
        where=source,
    )


def _spent(copy: Copy, quota: Quota, left: int) -> QuotaError:
    return QuotaError(
        f"takes {copy.pulls.assumed} pulls, and {max(0, left)} are left "
        f"({quota.remaining} of {quota.limit}, {quota.reserve} of them kept for the nodes)",
        hint="run again when the window has moved on; what was copied stays",
        where=copy.pin.reference.registry,
    )


def deferral(copy: Copy, error: SeederError) -> Outcome:
    """A copy that is left for a later run."""
    return Outcome(
        reference=copy.pin.reference,
        result=Result.DEFERRED,
        destination=copy.destination,
        pin=copy.pin,
        required=copy.required,
        error=error,
    )
