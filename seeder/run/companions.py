"""Brings what refers to copied images: signatures, SBOMs and attestations that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import targets
from seeder.engines.direct.ledger import Ledger, Promise
from seeder.engines.direct.reading import Reading
from seeder.errors import SeederError
from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Missed, Outcome, Present, Standing, missed
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.plan import Wanted
from seeder.referrers.finding import Finder, Found, tagged
from seeder.referrers.listing import Lister
from seeder.registry.listing import Entry
from seeder.run.prepare import Preparer
from seeder.run.referrers import subjects_of
from seeder.run.session import Session
from seeder.run.settle import Settler
from seeder.threads import each

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
        catalog = self.preparer.project.catalog
        wanted = [o for o in results if isinstance(o, Standing) and catalog.wants_referrers(o.reference)]
        found: dict[ImageReference, list[Found] | SeederError] = {}
        reading = Reading(self.session.reader, Ledger(self.session.client))
        with closing(each(lambda outcome: self._found(outcome, reading), wanted, WORKERS)) as answers:
            found = {outcome.reference: answer for outcome, answer in answers}
        ended = self._copied(wanted, found)
        faults = self._named(wanted, found, ended)
        judged = {o.reference: self._judged(o, found[o.reference], ended, faults.get(o.reference)) for o in wanted}
        return [judged.get(outcome.reference, outcome) for outcome in results]

    def _found(self, outcome: Standing, reading: Reading) -> list[Found]:
        place = ImageReference(outcome.reference.registry, outcome.reference.repository)
        promise = Promise(place)
        finder = Finder(self.session.client, lambda source: reading.read(source, promise))
        try:
            return finder.find(place, subjects_of(self.session, outcome))
        finally:
            self.read[outcome.reference] = promise.spent

    def _copied(self, wanted: Iterable[Standing], found: dict[ImageReference, list[Found] | SeederError]) -> Ended:
        ended: Ended = {}
        for wants in _rounds(wanted, found):
            repositories = {want.pin.reference: want.destination.repository for want in wants}
            for outcome in self.settler.carry_out(self.preparer.prepare_placed(wants)):
                ended[repositories[outcome.reference], outcome.reference] = outcome
        return ended

    def _named(
        self, wanted: Iterable[Standing], found: Mapping[ImageReference, list[Found] | SeederError], ended: Ended
    ) -> dict[ImageReference, SeederError]:
        """Puts cosign's tags, and sees that the target lists the others; what failed, by image."""
        faults: dict[ImageReference, SeederError] = {}
        entries: dict[ImageReference, dict[str, Entry]] = {}
        subjects: dict[ImageReference, list[ImageReference]] = {}
        for outcome in wanted:
            beside, place = found[outcome.reference], outcome.destination.place
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
        self,
        outcome: Copied | Present,
        found: list[Found] | SeederError,
        ended: Ended,
        unnamed: SeederError | None,
    ) -> Outcome:
        pulls = outcome.pulls + self.read.get(outcome.reference, 0)
        if isinstance(found, SeederError):
            return missed(outcome, found, pulls)
        keys = _keys(outcome, found)
        pulls += sum(ended[key].pulls for key in keys)
        error = _fault(outcome, found, ended) or unnamed
        # Two references may share what stands beside them; it is paid for once.
        ended.update({key: replace(ended[key], pulls=0) for key in keys})
        if error is not None:
            return missed(outcome, error, pulls)
        digests = tuple(sorted({one.descriptor.digest for one in found}, key=str))
        return replace(outcome, pin=replace(outcome.pin, referrers=digests), pulls=pulls)


def _rounds(
    wanted: Iterable[Standing], found: Mapping[ImageReference, list[Found] | SeederError]
) -> Iterator[list[Wanted]]:
    """What is to stand beside the images, in few plans: each has a reference once, and two repositories may want it."""
    left: dict[tuple[str, ImageReference], Wanted] = {}
    for outcome in wanted:
        beside = found[outcome.reference]
        for one in beside if isinstance(beside, list) else ():
            want = _want(outcome, one)
            left[want.destination.repository, want.pin.reference] = want
    while left:
        firsts = {key[1]: key for key in left}
        yield [left.pop(key) for key in firsts.values()]


def _keys(outcome: Standing, found: Iterable[Found]) -> list[tuple[str, ImageReference]]:
    names = {_source(outcome, one.descriptor.digest) for one in found}
    return [(outcome.destination.repository, name) for name in sorted(names, key=str)]


def _fault(outcome: Standing, found: Iterable[Found], ended: Ended) -> SeederError | None:
    """Why something beside an image did not arrive."""
    results = (ended[key] for key in _keys(outcome, found))
    return next((result.error for result in results if isinstance(result, Missed)), None)


def _want(outcome: Standing, found: Found) -> Wanted:
    bare = replace(outcome.destination, tags=())
    return Wanted(
        pin=Pin(reference=_source(outcome, found.descriptor.digest), descriptor=found.descriptor),
        destination=targets.rooted(bare, found.descriptor.digest),
        required=outcome.required,
    )


def _source(outcome: Standing, digest: Digest) -> ImageReference:
    return ImageReference(outcome.reference.registry, outcome.reference.repository, digest=digest)
