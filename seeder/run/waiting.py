"""Goes on with what a quota put off, as soon as its window allows and for as long as the run may wait."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import QuotaError
from seeder.model.outcome import Copied, Deferred, Outcome, Present
from seeder.model.pin import Pin
from seeder.model.placed import Placed
from seeder.model.reference import ImageReference
from seeder.numbers import counted
from seeder.run.prepare import Prepared, Preparer
from seeder.run.quotas import asked_of
from seeder.run.settle import Settler

log = logging.getLogger(__name__)

# Seconds between two looks at a source. A look is a HEAD, which is free; Docker Hub tells no time to come back at.
NAP = 60.0
_GOING_ON = "the quota allows more: going on"
Late = Mapping[ImageReference, Deferred]
Bring = Callable[[Iterable[Outcome]], list[Outcome]]


class Naps(Struct, kw_only=True):
    """The seconds of sleep that are `left`."""

    left: float

    def next(self) -> float:
        """How long to sleep now; 0 where no time is left."""
        nap = min(NAP, self.left)
        self.left -= nap
        return max(0.0, nap)


class Waiter(Struct, frozen=True, kw_only=True):
    """Settles pins, and again what was put off. Each time is a run of its own: what failed is tried again too."""

    settler: Settler
    preparer: Preparer
    naps: Naps
    _tried: dict[str, int] = field(default_factory=dict)

    def settle(self, pins: Iterable[Pin]) -> list[Outcome]:
        """An outcome for each pin, after as much sleep as there is at the most.

        Whatever interrupts a nap passes on; what was copied stays.
        """
        wanted = tuple(pins)
        outcomes = self.settler.settle(self.preparer, wanted)
        while (late := _late(outcomes)) and (prepared := self._awaited(wanted, late)) is not None:
            outcomes = _merged(outcomes, self.settler.carry_out(prepared))
        return outcomes

    def beside(self, bring: Bring, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """The outcomes as `bring` makes them, which fetches more for images that stand; again what a quota put off.

        It takes one pull at the least, so that a window that leaves more than before may be enough.
        """
        standing = {outcome.reference: outcome for outcome in outcomes}
        brought = {outcome.reference: outcome for outcome in bring(standing.values())}
        while late := {r: o for r, o in _late(brought.values()).items() if not isinstance(standing[r], Deferred)}:
            if not self._more(late):
                break
            again = [replace(standing[reference], pulls=o.pulls) for reference, o in late.items()]
            brought |= {outcome.reference: outcome for outcome in bring(again)}
        return list(brought.values())

    def _more(self, late: Late) -> bool:
        """Whether a source leaves more now than it did, after some naps."""
        self._tried.clear()
        if self.naps.left <= 0 or not self._allows_anything(late):
            return False
        self._has_more(late)
        for _ in self._chances(late):
            log.info(_GOING_ON)
            return True
        return False

    def _allows_anything(self, late: Late) -> bool:
        quotas = [asked_of(self.preparer.session.client, reference) for reference in _sources(late).values()]
        return any(quota is not None and replace(quota, remaining=quota.limit).available > 0 for quota in quotas)

    def _awaited(self, pins: tuple[Pin, ...], late: Late) -> Prepared | None:
        """A plan that copies something of what is late; None where time is up, or no window would ever be enough."""
        if self.naps.left <= 0 or not self._is_hopeful(pins, late):
            return None
        for _ in self._chances(late):
            prepared = self.preparer.prepare(pins)
            if any(copy.pin.reference in late for copy in prepared.plan.copies):
                log.info(_GOING_ON)
                self._tried.clear()
                return prepared
        return None

    def _chances(self, late: Late) -> Iterator[None]:
        """Naps, and comes back each time that a source leaves more than before, for as long as there is time."""
        log.info("%s", _told(late, self.naps.left))
        while seconds := self.naps.next():
            self.settler.pause(seconds)
            if self._has_more(late):
                yield

    def _has_more(self, late: Late) -> bool:
        """Whether a source leaves more than what was not enough the last time."""
        more = False
        for source, reference in _sources(late).items():
            quota = asked_of(self.preparer.session.client, reference, fresh=True)
            available = quota.available if quota is not None else 0
            more = more or (quota is not None and available > self._tried.get(source, 0))
            self._tried[source] = available
        return more

    def _is_hopeful(self, pins: tuple[Pin, ...], late: Late) -> bool:
        """Whether a full window would be enough for anything that is late."""
        self._has_more(late)
        prepared = self.preparer.prepare(pins)
        full = {source: replace(quota, remaining=quota.limit) for source, quota in prepared.quotas.items()}
        if any(copy.pin.reference in late for copy in prepared.survey.plan(full).copies):
            return True
        log.warning("waiting does not help: what was put off takes more than a full window allows")
        return False


def _late(outcomes: Iterable[Outcome]) -> dict[ImageReference, Deferred]:
    """What a quota put off, by reference."""
    return {o.reference: o for o in outcomes if isinstance(o, Deferred) and isinstance(o.error, QuotaError)}


def _sources(late: Late) -> dict[str, ImageReference]:
    """One pinned reference of each source."""
    return {
        reference.registry: reference.at(outcome.of.pin.descriptor.digest)
        if isinstance(outcome.of, Placed)
        else reference
        for reference, outcome in late.items()
    }


def _told(late: Collection[ImageReference], seconds: float) -> str:
    sources = ", ".join(sorted({reference.registry for reference in late}))
    return f"{counted(len(late), 'image')} put off: waiting for the quota of {sources}, {_span(seconds)} at the longest"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def _merged(before: Iterable[Outcome], after: Iterable[Outcome]) -> list[Outcome]:
    """What became of each image over both passes: what was copied in the first is only found there in the second."""
    now = {outcome.reference: outcome for outcome in after}
    return [_both(outcome, now.get(outcome.reference)) for outcome in before]


def _both(first: Outcome, second: Outcome | None) -> Outcome:
    if second is None:
        return first
    there = isinstance(first, Copied) and isinstance(second, Present)
    return replace(first if there else second, pulls=first.pulls + second.pulls)
