"""Whether what refers to images stands beside them: signatures, SBOMs and attestations at the target."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from msgspec.structs import replace

from seeder.errors import MissingError, SeederError
from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Outcome, Present, Standing, missed
from seeder.referrers.finding import Finder
from seeder.run.session import Session
from seeder.threads import each
from seeder.verify import Expected, verify

WORKERS = 8


def check(session: Session, images: Iterable[Copied | Present], *, deep: bool) -> list[Outcome]:
    """Outcomes of `verify`, failed where something beside the image is not whole.

    That is all that the target lists, and all that the lock knows was brought.
    """
    with closing(each(lambda image: _fault_beside(session, image, deep=deep), images, WORKERS)) as results:
        return [image if fault is None else missed(image, fault, image.pulls) for image, fault in results]


def _fault_beside(session: Session, image: Standing, *, deep: bool) -> SeederError | None:
    """Raises what the target answers where it is asked what there is."""
    finder = Finder(session.client, lambda there: session.client.get_manifest(there, mirrors=False))
    subjects = subjects_of(session, image)
    found = {one.descriptor.digest for one in finder.find(image.destination.place, subjects)}
    bare = replace(image.destination, tags=())
    expected = [Expected(bare, digest) for digest in sorted(found.union(image.pin.referrers), key=str)]
    faults = list(filter(None, verify(session.client, expected, deep=deep).values()))
    unlisted = [digest for digest in image.pin.referrers if digest not in found]
    if not faults and unlisted:
        faults = _unlisted(finder, image, unlisted, subjects)
    return next(iter(faults), None)


def _unlisted(
    finder: Finder, outcome: Standing, digests: Iterable[Digest], subjects: Iterable[Digest]
) -> list[SeederError]:
    """What stands there, and is found by nobody: a registry may have lost its list, or somebody wrote over the index.

    Where a registry has the API and does not list what it is given, the tag schema is what sync fell back to.
    """
    place = outcome.destination.place
    listed = {str(entry.get("digest")) for subject in subjects for entry in finder.fallback(place, subject)}
    return [
        MissingError(
            f"{place.at(digest)} refers to {outcome.reference.familiar()}, and is listed there no more",
            where=place.registry,
            hint="run `seeder sync` again: it lists what is missing",
        )
        for digest in digests
        if str(digest) not in listed
    ]


def subjects_of(session: Session, outcome: Standing) -> list[Digest]:
    """What stands at the target: the root, and below an index its children. Raises what the target answers."""
    pinned = outcome.pin.descriptor
    if outcome.root == pinned.digest and not pinned.is_index:
        return [outcome.root]
    place = outcome.destination.place.at(outcome.root)
    root = session.store.get(outcome.root) or session.client.get_manifest(place, mirrors=False)
    return [outcome.root, *dict.fromkeys(child.digest for child in root.children())]
