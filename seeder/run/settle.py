"""Copies what a plan says, and sees to it that the target serves all of it whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.engines.protocol import OnEvent
from seeder.model.copy import Copy
from seeder.model.outcome import Copied, Missed, Outcome, Present, Standing
from seeder.model.pin import Pin
from seeder.plan import Known, plan
from seeder.registry.answers import is_incomplete
from seeder.run.ahead import Ahead
from seeder.run.diary import Diary
from seeder.run.prepare import Prepared, Preparer
from seeder.run.remember import remember
from seeder.run.session import Session
from seeder.run.traffic import Traffic
from seeder.transfer import transfer
from seeder.verify import Expected, Faults, verify

Watch = Callable[[Sequence[Copy]], AbstractContextManager[OnEvent]]


class Settler(Struct, frozen=True, kw_only=True):
    """`ahead` has an engine where there is something to copy.

    Without `is_charged` what is read is no pull. `pause` sleeps for so many seconds.
    """

    session: Session
    ahead: Ahead
    watch: Watch
    is_charged: bool = True
    pause: Callable[[float], None] = time.sleep
    traffic: Traffic = field(default_factory=Traffic)
    diary: Diary = field(default_factory=Diary)

    def settle(self, preparer: Preparer, pins: Iterable[Pin]) -> list[Outcome]:
        """Plans, and carries it out."""
        return self.carry_out(preparer.prepare(pins))

    def carry_out(self, prepared: Prepared) -> list[Outcome]:
        """Copies and verifies; what stands there and is not whole is copied once more."""
        self.diary.note(prepared.plan.settled)
        outcomes = self._verified([*prepared.plan.settled, *self._copied(prepared.plan.copies)])
        repairs = self._repairs(prepared, outcomes)
        if not repairs:
            return outcomes
        mended = {outcome.reference: outcome for outcome in self._verified(self._copied(repairs))}
        return [mended.get(outcome.reference, outcome) for outcome in outcomes]

    def _copied(self, copies: Sequence[Copy]) -> list[Outcome]:
        if not copies:
            return []
        with self.watch(copies) as on_event:
            heard = self.diary.heard(self.traffic.heard(on_event))
            outcomes = list(transfer(copies, self.ahead.take(), heard, self.pause))
        # What is read from a folder is no pull.
        return outcomes if self.is_charged else [replace(outcome, pulls=0) for outcome in outcomes]

    def _verified(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The outcomes, failed where the target does not serve the image whole.

        What the target itself has just confirmed, and what was found whole today and still stands, is not walked.
        """
        checked = self.session.checked
        confirmed: Faults = {Expected.of(o): None for o in outcomes if isinstance(o, Copied) and o.confirmed}
        stands = [Expected.of(o) for o in outcomes if isinstance(o, Standing)]
        known = {want for want in stands if checked.has(want.destination.repository, want.root)}
        found = verify(self.session.client, [want for want in stands if want not in confirmed and want not in known])
        remember(checked, {**found, **confirmed})
        verified = [_verified(outcome, found) for outcome in outcomes]
        self.diary.note(verified)
        return verified

    def _repairs(self, prepared: Prepared, outcomes: Iterable[Outcome]) -> list[Copy]:
        """What was found standing by its digest, and lacks something below it: the target lost it since, and verifying
        found that, or the target itself when it was to put a tag.
        """
        failed = {
            o.reference
            for o in outcomes
            if isinstance(o, Missed) and (isinstance(o.of, Standing) or is_incomplete(o.error))
        }
        held = {outcome.reference for outcome in prepared.plan.settled if isinstance(outcome, Present)}
        held |= {copy.pin.reference for copy in prepared.plan.copies if copy.present}
        broken = [prepared.survey.wanted[reference] for reference in sorted(failed & held, key=str)]
        known = {want.pin.reference: _absent(prepared.survey.known[want.pin.reference]) for want in broken}
        made = plan(broken, known, quotas=prepared.quotas, update=True)
        return [replace(copy, repair=True) for copy in made.copies]


def _verified(outcome: Outcome, faults: Faults) -> Outcome:
    if isinstance(outcome, Standing) and (fault := faults.get(Expected.of(outcome))) is not None:
        return outcome.broken(fault)
    return outcome


def _absent(known: Known) -> Known:
    return replace(known, present=False, tags={})
