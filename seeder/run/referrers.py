"""Brings what refers to copied images: signatures, SBOMs and attestations that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace

from seeder import targets
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.errors import DeferredError, SeederError
from seeder.model.copy import Destination, Outcome, Result
from seeder.model.digest import Digest
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.plan import Wanted
from seeder.referrers import Entry, Finder, Found, fallback_tag, index_of, tagged
from seeder.run.prepare import Preparer
from seeder.run.session import Session
from seeder.run.settle import Settler
from seeder.threads import each
from seeder.verify import Expected, verify

WORKERS = 8
_STANDS = (Result.COPIED, Result.PRESENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companions:
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
        wanted = [o for o in results if o.result in _STANDS and self.preparer.catalog.wants_referrers(o.reference)]
        found: dict[ImageReference, list[Found] | SeederError] = {}
        with closing(each(self._found, wanted, WORKERS)) as answers:
            found = {outcome.reference: answer for outcome, answer in answers}
        ended = self._copied(wanted, found)
        read = [replace(o, pulls=o.pulls + self.read.get(o.reference, 0)) for o in results]
        return [self._judged(o, found[o.reference], ended) if o.reference in found else o for o in read]

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

    def _copied(
        self, wanted: Iterable[Outcome], found: dict[ImageReference, list[Found] | SeederError]
    ) -> dict[tuple[str, ImageReference], Outcome]:
        """What became of each manifest, by the repository at the target and its name at the source."""
        by_repository: dict[str, dict[ImageReference, Wanted]] = {}
        for outcome in wanted:
            beside = found[outcome.reference]
            for each_found in beside if isinstance(beside, list) else ():
                want = _want(outcome, each_found)
                by_repository.setdefault(want.destination.repository, {})[want.pin.reference] = want
        return {
            (repository, outcome.reference): outcome
            for repository, wants in by_repository.items()
            for outcome in self.settler.carry_out(self.preparer.prepared(wants.values()))
        }

    def _judged(
        self, outcome: Outcome, found: list[Found] | SeederError, ended: dict[tuple[str, ImageReference], Outcome]
    ) -> Outcome:
        if isinstance(found, SeederError):
            return _failed(outcome, found, 0)
        place = _place(outcome)
        names = {_source(outcome, each_found) for each_found in found}
        keys = [(place.repository, name) for name in sorted(names, key=str)]
        pulls = sum(ended[key].pulls for key in keys)
        error = next((fault for key in keys if (fault := ended[key].error) is not None), None)
        # Two references may share what stands beside them; it is paid for once.
        ended.update({key: replace(ended[key], pulls=0) for key in keys})
        try:
            if error is None:
                self._name(place, found)
        except SeederError as fault:
            error = fault
        return _failed(outcome, error, pulls) if error else replace(outcome, pulls=outcome.pulls + pulls)

    def _name(self, place: ImageReference, found: Iterable[Found]) -> None:
        """Puts cosign's tags, and the indexes of the tag schema where the target has no referrers API."""
        client = self.session.client
        listed: dict[Digest, dict[str, Entry]] = {}
        for one in found:
            if one.entry is not None:
                listed.setdefault(one.subject, {})[str(one.descriptor.digest)] = one.entry
                continue
            name = tagged(place, one.tag)
            stands = client.find_manifest(name)
            if stands is None or stands.digest != one.descriptor.digest:
                client.put_manifest(name, client.get_manifest(place.at(one.descriptor.digest), mirrors=False))
        finder = Finder(client, lambda there: client.get_manifest(there, mirrors=False))
        for subject, entries in listed.items():
            if client.referrers(place.at(subject)) is not None:
                continue
            before = {str(entry["digest"]): entry for entry in finder.fallback(place, subject)}
            if entries.keys() - before.keys():
                client.put_manifest(tagged(place, fallback_tag(subject)), index_of({**entries, **before}.values()))


def check(session: Session, outcomes: Iterable[Outcome], *, deep: bool) -> list[Outcome]:
    """Outcomes of `verify`, failed where the target lists something beside the image and does not serve it whole."""
    return [_checked(session, outcome, deep=deep) for outcome in outcomes]


def _checked(session: Session, outcome: Outcome, *, deep: bool) -> Outcome:
    if outcome.result is not Result.PRESENT or outcome.destination is None:
        return outcome
    finder = Finder(session.client, lambda there: session.client.get_manifest(there, mirrors=False))
    try:
        found = finder.find(_place(outcome), subjects_of(session, outcome))
    except SeederError as error:
        return _failed(outcome, error, 0)
    bare = replace(outcome.destination, tags=())
    expected = {
        one.descriptor.digest: Expected(
            reference=_source(outcome, one), destination=bare, root=one.descriptor.digest, required=outcome.required
        )
        for one in found
    }
    faults = [o.error for o in verify(session.client, expected.values(), deep=deep) if o.error is not None]
    return _failed(outcome, faults[0], 0) if faults else outcome


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
        pin=Pin(reference=_source(outcome, found), descriptor=found.descriptor),
        destination=targets.rooted(bare, found.descriptor.digest),
        required=outcome.required,
    )


def _source(outcome: Outcome, found: Found) -> ImageReference:
    return ImageReference(outcome.reference.registry, outcome.reference.repository, digest=found.descriptor.digest)


def _place(outcome: Outcome) -> ImageReference:
    assert outcome.destination is not None  # noqa: S101 - what stands has a place
    where: Destination = outcome.destination
    return ImageReference(where.registry, where.repository)


def _failed(outcome: Outcome, error: SeederError, pulls: int) -> Outcome:
    late = isinstance(error, DeferredError)
    return replace(outcome, result=Result.DEFERRED if late else Result.FAILED, error=error, pulls=outcome.pulls + pulls)
