"""Brings what refers to copied images: signatures, SBOMs and attestations that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import targets
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.errors import MissingError, SeederError
from seeder.model.copy import Outcome, Result
from seeder.model.digest import Digest
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.plan import Wanted
from seeder.referrers.finding import Entry, Finder, Found, tagged
from seeder.referrers.listing import Lister
from seeder.run.prepare import Preparer
from seeder.run.session import Session
from seeder.run.settle import Settler
from seeder.threads import each
from seeder.verify import Expected, verify

WORKERS = 8
# What became of each manifest, by the repository at the target and its name at the source.
Ended = dict[tuple[str, ImageReference], Outcome]


class Companions(Struct, frozen=True, kw_only=True):
    """For a run of `sync`. What refers to an image is found anew each time, since it may come long after the image.

    `read` are the pulls that finding took, by image.
    """

    session: Session
    settler: Settler
    preparer: Preparer
    read: dict[ImageReference, int] = field(default_factory=dict)

    def bring(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """The outcomes, failed or put off where something that refers to the image did not arrive."""
        results = list(outcomes)
        wanted = [o for o in results if o.stands and self.preparer.catalog.wants_referrers(o.reference)]
        found: dict[ImageReference, list[Found] | SeederError] = {}
        with closing(each(self._found, wanted, WORKERS)) as answers:
            found = {outcome.reference: answer for outcome, answer in answers}
        ended = self._copied(wanted, found)
        faults = self._named(wanted, found, ended)
        read = [replace(o, pulls=o.pulls + self.read.get(o.reference, 0)) for o in results]
        return [
            self._judged(o, found[o.reference], ended, faults.get(o.reference)) if o.reference in found else o
            for o in read
        ]

    def _found(self, outcome: Outcome) -> list[Found]:
        ledger = Ledger(self.session.client)
        reading = Reading(self.session.client, self.session.store, ledger)
        place = ImageReference(outcome.reference.registry, outcome.reference.repository)
        promise = ledger.promise(place, 0)
        finder = Finder(self.session.client, lambda source: reading.read(source, promise))
        try:
            return finder.find(place, subjects_of(self.session, outcome))
        finally:
            ledger.release(promise)
            self.read[outcome.reference] = promise.spent

    def _copied(self, wanted: Iterable[Outcome], found: dict[ImageReference, list[Found] | SeederError]) -> Ended:
        by_repository: dict[str, dict[ImageReference, Wanted]] = {}
        for outcome in wanted:
            beside = found[outcome.reference]
            for each_found in beside if isinstance(beside, list) else ():
                want = _want(outcome, each_found)
                by_repository.setdefault(want.destination.repository, {})[want.pin.reference] = want
        return {
            (repository, outcome.reference): outcome
            for repository, wants in by_repository.items()
            for outcome in self.settler.carry_out(self.preparer.prepare_placed(wants.values()))
        }

    def _named(
        self, wanted: Iterable[Outcome], found: Mapping[ImageReference, list[Found] | SeederError], ended: Ended
    ) -> dict[ImageReference, SeederError]:
        """Puts cosign's tags, and sees that the target lists the others; what failed, by image."""
        faults: dict[ImageReference, SeederError] = {}
        entries: dict[ImageReference, dict[str, Entry]] = {}
        subjects: dict[ImageReference, list[ImageReference]] = {}
        for outcome in wanted:
            beside, place = found[outcome.reference], _place(outcome)
            if isinstance(beside, SeederError) or _fault(outcome, beside, ended) is not None:
                continue
            try:
                for one in beside:
                    if one.entry is None:
                        self._tag(place, one)
                        continue
                    subject = place.at(one.subject)
                    entries.setdefault(subject, {})[str(one.descriptor.digest)] = one.entry
                    subjects.setdefault(outcome.reference, []).append(subject)
            except SeederError as fault:
                faults[outcome.reference] = fault
        unlisted = Lister(client=self.session.client, pause=self.settler.pause).list(entries)
        for reference, names in subjects.items():
            faults.update((reference, unlisted[subject]) for subject in names if subject in unlisted)
        return faults

    def _tag(self, place: ImageReference, one: Found) -> None:
        client, name = self.session.client, tagged(place, one.tag)
        stands = client.find_manifest(name)
        if stands is None or stands.digest != one.descriptor.digest:
            client.put_manifest(name, client.get_manifest(place.at(one.descriptor.digest), mirrors=False))

    def _judged(
        self, outcome: Outcome, found: list[Found] | SeederError, ended: Ended, unnamed: SeederError | None
    ) -> Outcome:
        if isinstance(found, SeederError):
            return _failed(outcome, found, 0)
        keys = _keys(outcome, found)
        pulls = sum(ended[key].pulls for key in keys)
        error = _fault(outcome, found, ended) or unnamed
        # Two references may share what stands beside them; it is paid for once.
        ended.update({key: replace(ended[key], pulls=0) for key in keys})
        if error is not None:
            return _failed(outcome, error, pulls)
        digests = tuple(sorted({one.descriptor.digest for one in found}, key=str))
        pin = replace(outcome.pin, referrers=digests) if outcome.pin is not None else None
        return replace(outcome, pin=pin, pulls=outcome.pulls + pulls)


def _keys(outcome: Outcome, found: Iterable[Found]) -> list[tuple[str, ImageReference]]:
    names = {_source(outcome, one.descriptor.digest) for one in found}
    return [(_place(outcome).repository, name) for name in sorted(names, key=str)]


def _fault(outcome: Outcome, found: Iterable[Found], ended: Ended) -> SeederError | None:
    """Why something beside an image did not arrive."""
    return next((fault for key in _keys(outcome, found) if (fault := ended[key].error) is not None), None)


def check(session: Session, outcomes: Iterable[Outcome], *, deep: bool) -> list[Outcome]:
    """Outcomes of `verify`, failed where something beside the image is not whole.

    That is all that the target lists, and all that the lock knows was brought.
    """
    asked = list(outcomes)
    checked: dict[ImageReference, Outcome] = {}
    with closing(each(lambda outcome: _checked(session, outcome, deep=deep), asked, WORKERS)) as results:
        checked = {o.reference: _failed(o, r, 0) if isinstance(r, SeederError) else r for o, r in results}
    return [checked[outcome.reference] for outcome in asked]


def _checked(session: Session, outcome: Outcome, *, deep: bool) -> Outcome:
    if outcome.result is not Result.PRESENT or outcome.destination is None:
        return outcome
    finder = Finder(session.client, lambda there: session.client.get_manifest(there, mirrors=False))
    try:
        subjects = subjects_of(session, outcome)
        found = finder.find(_place(outcome), subjects)
    except SeederError as error:
        return _failed(outcome, error, 0)
    digests = {one.descriptor.digest for one in found}
    known = outcome.pin.referrers if outcome.pin is not None else ()
    bare = replace(outcome.destination, tags=())
    expected = [
        Expected(reference=_source(outcome, digest), destination=bare, root=digest, required=outcome.required)
        for digest in sorted(digests.union(known), key=str)
    ]
    faults = [o.error for o in verify(session.client, expected, deep=deep) if o.error is not None]
    unlisted = [digest for digest in known if digest not in digests]
    if not faults and unlisted:
        faults = _unlisted(finder, outcome, unlisted, subjects)
    return _failed(outcome, faults[0], 0) if faults else outcome


def _unlisted(
    finder: Finder, outcome: Outcome, digests: Iterable[Digest], subjects: Iterable[Digest]
) -> list[SeederError]:
    """What stands there, and is found by nobody: a registry may have lost its list, or somebody wrote over the index.

    Where a registry has the API and does not list what it is given, the tag schema is what sync fell back to.
    """
    place = _place(outcome)
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


def subjects_of(session: Session, outcome: Outcome) -> list[Digest]:
    """What stands at the target: the root, and below an index its children. Raises what the target answers."""
    if outcome.root is None:
        return []
    if (
        outcome.pin is not None
        and outcome.root == outcome.pin.descriptor.digest
        and not outcome.pin.descriptor.is_index
    ):
        return [outcome.root]
    root = session.store.get(outcome.root) or session.client.get_manifest(
        _place(outcome).at(outcome.root), mirrors=False
    )
    return [outcome.root, *dict.fromkeys(child.digest for child in root.children())]


def _want(outcome: Outcome, found: Found) -> Wanted:
    assert outcome.destination is not None  # noqa: S101 - what stands has a place
    bare = replace(outcome.destination, tags=())
    return Wanted(
        pin=Pin(reference=_source(outcome, found.descriptor.digest), descriptor=found.descriptor),
        destination=targets.rooted(bare, found.descriptor.digest),
        required=outcome.required,
    )


def _source(outcome: Outcome, digest: Digest) -> ImageReference:
    return ImageReference(outcome.reference.registry, outcome.reference.repository, digest=digest)


def _place(outcome: Outcome) -> ImageReference:
    assert outcome.destination is not None  # noqa: S101 - what stands has a place
    return outcome.destination.place


def _failed(outcome: Outcome, error: SeederError, pulls: int) -> Outcome:
    return replace(outcome, result=Result.of(error), error=error, pulls=outcome.pulls + pulls)
