"""References to pins: each distinct reference is asked once, by HEAD, which no quota counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import RegistryError, SeederError
from seeder.model.descriptor import Descriptor
from seeder.model.pin import Lock, Pin
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.pace import Lane, Pace
from seeder.threads import each

OnAnswer = Callable[[ImageReference, Pin | SeederError], None]
WORKERS = 32
FIRST = 4  # of what is new and copied from at once: their blobs flow while others are pinned


class Wishes(Struct, frozen=True, kw_only=True):
    """What may change: `update` are the references whose tags are asked again, None for all that have a tag.

    `may_pull` allows a GET, which costs a pull, where a registry tells no digest by HEAD. `leads_on` says that what is
    new is copied from where no quota has to be saved up as soon as it is pinned.
    """

    update: Collection[ImageReference] | None = ()
    may_pull: bool = False
    leads_on: bool = False

    def asks_again(self, reference: ImageReference) -> bool:
        """What has a digest never moves."""
        return reference.digest is None and (self.update is None or reference in self.update)


NO_WISHES = Wishes()


class Resolution(Struct, frozen=True, kw_only=True):
    """The new lock and the references that could not be pinned; a failed update keeps its old pin in the lock."""

    lock: Lock
    failures: Mapping[ImageReference, SeederError] = field(default_factory=dict)
    added: frozenset[ImageReference] = frozenset()
    moved: Mapping[ImageReference, Pin] = field(default_factory=dict)

    @classmethod
    def of(
        cls, old: Lock, pins: Mapping[ImageReference, Pin], failures: Mapping[ImageReference, SeederError]
    ) -> Resolution:
        """What became of the old lock: `moved` has the old pin of each that names something else now."""
        known = old.by_reference()
        again = sorted(pins.keys() & known.keys(), key=str)
        return cls(
            lock=Lock.of(pins),
            failures={reference: failures[reference] for reference in sorted(failures, key=str)},
            added=frozenset(pins.keys() - known.keys()),
            moved={r: known[r] for r in again if known[r].descriptor.digest != pins[r].descriptor.digest},
        )


def resolve(
    references: Iterable[ImageReference],
    lock: Lock,
    client: Client,
    *,
    wishes: Wishes = NO_WISHES,
    on_answer: OnAnswer = lambda *_: None,
) -> Resolution:
    """Pins what the lock does not have, and asks again where `wishes` say so.

    The new lock holds the pins of `references` alone.
    `on_answer` hears of each pin, or why there is none, as soon as it is known: first of those of the old lock, which
    may move yet.
    """
    wanted = sorted({reference.or_latest() for reference in references}, key=str)
    known = lock.by_reference()
    asked = [reference for reference in wanted if reference not in known or wishes.asks_again(reference)]
    client.expect(asked)
    pins = {reference: known[reference] for reference in wanted if reference in known}
    failures: dict[ImageReference, SeederError] = {}
    answers = each(_Asker(client, wishes, known).ask, asked, WORKERS)
    for pin in pins.values():
        on_answer(pin.reference, pin)
    for reference, found in answers:
        if isinstance(found, SeederError):
            failures[reference] = found
            on_answer(reference, found)
            continue
        pins[reference] = _pin(reference, found, pins.get(reference))
        on_answer(reference, pins[reference])
    return Resolution.of(lock, pins, failures)


class _Asker(Struct, frozen=True):
    """Asks the source, what is in the lock already without waiting."""

    client: Client
    wishes: Wishes
    known: Mapping[ImageReference, Pin]
    pace: Pace = field(default_factory=partial(Pace, first=FIRST, ceiling=WORKERS))

    def ask(self, reference: ImageReference) -> Descriptor:
        if not self.wishes.leads_on or reference in self.known:
            return self._asked(reference)
        lane = Lane(reference.registry, "pins", leads_on=True)
        with self.pace.turn(lane):
            found = self._asked(reference)
        if self.client.is_unlimited(reference):
            self.pace.went_well(lane)
        else:  # nothing is copied before all are pinned
            self.pace.open(lane)
        return found

    def _asked(self, reference: ImageReference) -> Descriptor:
        try:
            return self.client.head_manifest(reference)
        except RegistryError as error:
            if error.code != "no-digest" or not self.wishes.may_pull:
                raise
            return self.client.get_manifest(reference).descriptor


def _pin(reference: ImageReference, found: Descriptor, old: Pin | None) -> Pin:
    """What is known of the platforms, and was served, holds for the old digest alone."""
    new = Pin(reference=reference, descriptor=found)
    if old is None:
        return new
    if old.descriptor.digest != found.digest:
        return new.moved_from(old)
    size = found.size or old.descriptor.size
    return replace(old, descriptor=replace(found, size=size))
