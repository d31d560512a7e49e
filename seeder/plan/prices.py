"""What a copy costs: manifest GETs at its source, and bytes as far as the lock knows them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from seeder.model.copy import Copy, Pulls
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, OCI_INDEX
from seeder.plan.wanted import Known, Wanted

# Bytes of an index for each manifest that it names: 10,229 for the sixteen of nginx:1.27.3 on Docker Hub. Docker's own
# lists have no annotations and no attestations: some 230 without blanks, 300 as `docker manifest` writes them.
_ENTRY_BYTES = {DOCKER_LIST: 280, OCI_INDEX: 600}
# Manifests of each platform in an index that nobody has read: most have an attestation beside the image.
_TRIMMED = 2

# What is assumed to refer to an image, where it is copied too: a signature. Only the source knows.
_REFERRERS = Pulls(at_least=0, assumed=1, exact=False)

Bill = tuple[str, Digest]


def price(want: Wanted, known: Known) -> Pulls:
    """Manifest GETs at the source: of the image, and of what refers to it where that is wanted."""
    if known.present:
        return Pulls()
    whole = _whole(want, known)
    left = replace(whole, at_least=max(0, whole.at_least - known.held), assumed=max(0, whole.assumed - known.held))
    return left + (_REFERRERS if want.referrers else Pulls())


def _whole(want: Wanted, known: Known) -> Pulls:
    """With an empty store: one a manifest; an index costs one, and one for each that it names and that is wanted."""
    if not want.pin.descriptor.is_index:
        return Pulls(at_least=1, assumed=1)
    if want.is_child_wanted:
        pulls = 1 if known.root else 2
        return Pulls(at_least=pulls, assumed=pulls)
    if known.children is not None:
        return Pulls(at_least=1 + known.children, assumed=1 + known.children)
    if want.trims:
        wanted = len(want.platforms)
        return Pulls(at_least=1 + wanted, assumed=1 + wanted * _TRIMMED, exact=False)
    return Pulls(at_least=2, assumed=1 + max(1, _children(want.pin.descriptor)), exact=False)


def _children(index: Descriptor) -> int:
    """How many manifests an index of that size is likely to name."""
    return round(index.size / _ENTRY_BYTES.get(index.media_type, _ENTRY_BYTES[OCI_INDEX]))


def size(want: Wanted) -> int | None:
    """Bytes of config and layers, None where the lock does not know them."""
    if want.is_child_wanted:
        child = want.pin.child(want.platforms[0])
        return child.size if child is not None else None
    sizes = {platform: child.size for platform, child in want.pin.platforms.items()}
    if want.trims:
        sizes = {platform: of for platform, of in sizes.items() if any(w.accepts(platform) for w in want.platforms)}
    return sum(sizes.values()) if sizes else None


def paid_once(copies: Iterable[Copy]) -> list[Copy]:
    """What is copied to one repository under two references is paid for once."""
    paid: set[Bill] = set()
    found = []
    for copy in copies:
        found.append(replace(copy, pulls=Pulls(), size=0) if bill(copy) in paid else copy)
        paid.add(bill(copy))
    return found


def bill(copy: Copy) -> Bill:
    """What copies have in common of which one alone is paid for."""
    return copy.destination.repository, copy.source.digest or copy.pin.descriptor.digest
