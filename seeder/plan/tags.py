"""Whose a plain tag is: among the wanted images, and beside what stands at the target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from seeder import targets
from seeder.errors import ConflictError
from seeder.model.digest import Digest
from seeder.model.placed import Destination
from seeder.plan.wanted import Known, Wanted

Claims = Mapping[tuple[str, str], Sequence[Wanted]]


def claims_of(wanted: Sequence[Wanted]) -> Claims:
    """Who wants which plain tag of which repository."""
    claims: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for want in wanted:
        plain = targets.plain_tag(want.destination)
        if plain is not None:
            claims[want.destination.repository, plain].append(want)
    return claims


def tag_fault(want: Wanted, plain: str, known: Known, claims: Claims, *, update: bool) -> ConflictError | None:
    """Why the plain tag cannot be put: another pin is to have it, or it stands there and is not known to be ours."""
    rival = _rival(want, claims[want.destination.repository, plain])
    if rival is not None:
        return _rivalry(want, rival, plain)
    stands = known.tags.get(plain)
    if stands is None or stands == known.root or update or stands in _history(want, plain, known):
        return None
    return _conflict(want.destination, plain, stands)


def _rival(want: Wanted, claim: Sequence[Wanted]) -> Wanted | None:
    """Another pin that has as good a right to the tag; one whose reference has a digest steps back for others."""
    by_digest = want.pin.reference.digest is not None
    for other in claim:
        if other.pin.descriptor.digest != want.pin.descriptor.digest and (by_digest or not other.pin.reference.digest):
            return other
    return None


def _history(want: Wanted, plain: str, known: Known) -> set[Digest]:
    """The digests that seeder itself may have put under the tag, by what the lock says now and said before.

    Where a child was put in its index's stead, it stands under the tag that names the index's digest too.
    """
    found = set()
    for digest in past_digests(want):
        found |= {digest, known.tags.get(targets.suffixed(plain, digest), digest)}
    for pin in (want.pin, want.earlier):
        if pin is not None:
            found |= {*pin.served.values(), *(child.digest for child in pin.platforms.values())}
    return found


def past_digests(want: Wanted) -> tuple[Digest, ...]:
    """What the reference is and was pinned to, as far as the lock remembers."""
    pins = [pin for pin in (want.pin, want.earlier) if pin is not None]
    return tuple(dict.fromkeys(digest for pin in pins for digest in (pin.descriptor.digest, *pin.earlier)))


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
