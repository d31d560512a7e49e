"""From pins to a plan: places them, asks the target what stands there, and the sources what they allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace

from seeder.errors import SeederError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.copy import Copy, Outcome, Plan, Result
from seeder.model.pin import Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import Standing, Wanted, agreed, place, plan
from seeder.run.project import Project
from seeder.run.session import Session
from seeder.run.survey import Survey, Surveyor
from seeder.threads import Early

# Where the catalog names no target, everything would have to be copied.
NOWHERE = TargetSettings(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan and what it was made from; `quotas` by registry."""

    plan: Plan
    wanted: Mapping[ImageReference, Wanted] = field(default_factory=dict)
    standing: Mapping[ImageReference, Standing] = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """`earlier` are the pins of the lock as it stood before this run; without a target nothing is asked of one.

    `update` lets tags move, `spares` is that of `Surveyor`. `early` has answers of the target that were asked for while
    other references were still being pinned. Each serves the first plan alone; a later one asks anew.
    """

    session: Session
    catalog: Catalog
    target: TargetSettings | None
    earlier: Mapping[ImageReference, Pin] = field(default_factory=dict)
    update: bool = False
    spares: bool = True
    early: Early[Wanted, Standing] | None = None

    @classmethod
    @contextmanager
    def asking_early(
        cls, session: Session, project: Project, target: TargetSettings | None, *, update: bool, spares: bool = True
    ) -> Iterator[Preparer]:
        """One that asks early, if there is a target; at the end it forgets what nobody wanted to know."""
        surveyor = Surveyor(session.client, session.store, session.checked, update, spares)
        with closing(surveyor.early()) as early:
            yield cls(
                session=session,
                catalog=project.catalog,
                target=target,
                earlier=project.lock.by_reference(),
                update=update,
                spares=spares,
                early=early if target is not None else None,
            )

    def expect(self, pin: Pin) -> None:
        """Has the target asked about a pin that will be planned for, if it does not move before that."""
        if self.early is not None:
            with suppress(SeederError):  # it is said when it is planned for
                self.early.begin(self._place(pin))

    def prepare(self, pins: Iterable[Pin]) -> Prepared:
        """A plan for the pins; what cannot be placed or asked for is among its settled outcomes."""
        wanted, refused = self._placed(pins)
        made = self._prepared(wanted.values(), update=self.update)
        return replace(made, plan=replace(made.plan, settled=(*refused, *made.plan.settled)))

    def prepared(self, placed: Iterable[Wanted]) -> Prepared:
        """A plan for what has its place, whose tags do not move."""
        return self._prepared(placed, update=False)

    def _prepared(self, placed: Iterable[Wanted], *, update: bool) -> Prepared:
        wanted = {want.pin.reference: want for want in placed}
        survey = self._survey(wanted.values(), update=update)
        failed = [wanted[reference].failed(error) for reference, error in survey.failures.items()]
        able = [want for reference, want in wanted.items() if reference not in survey.failures]
        quotas = self._quotas(plan(able, survey.standing, update=update).copies)
        made = plan(able, survey.standing, quotas=quotas, update=update)
        return Prepared(
            plan=replace(made, settled=(*failed, *made.settled)),
            wanted=wanted,
            standing=survey.standing,
            quotas=quotas,
        )

    def survey_only(self, pins: Iterable[Pin]) -> Plan:
        """As `prepare`, and no source is asked for its quota."""
        wanted, refused = self._placed(pins)
        survey = self._survey(wanted.values(), update=False)
        failed = [wanted[reference].failed(error) for reference, error in survey.failures.items()]
        made = plan([w for ref, w in wanted.items() if ref not in survey.failures], survey.standing)
        return replace(made, settled=(*refused, *failed, *made.settled))

    def _placed(self, pins: Iterable[Pin]) -> tuple[dict[ImageReference, Wanted], list[Outcome]]:
        wanted: dict[ImageReference, Wanted] = {}
        refused = []
        for pin in pins:
            try:
                wanted[pin.reference] = self._place(pin)
            except SeederError as error:
                refused.append(self.refusal(pin.reference, error, pin))
        return {want.pin.reference: want for want in agreed(wanted.values())}, refused

    def _place(self, pin: Pin) -> Wanted:
        return place(pin, self.catalog, self.target or NOWHERE, self.earlier.get(pin.reference))

    def refusal(self, reference: ImageReference, error: SeederError, pin: Pin | None = None) -> Outcome:
        """The outcome of a reference that got no place, or no pin."""
        entry = self.catalog.entry(reference)
        required = entry.required if entry else True
        return Outcome(reference=reference, result=Result.FAILED, pin=pin, required=required, error=error)

    def _survey(self, wanted: Iterable[Wanted], *, update: bool) -> Survey:
        surveyor = Surveyor(self.session.client, self.session.store, self.session.checked, update, self.spares)
        if self.target is not None:
            early = self.early if update == self.update else None
            return surveyor.survey(wanted, early if early is not None else surveyor.early())
        standing: dict[ImageReference, Standing] = {}
        failures: dict[ImageReference, SeederError] = {}
        for want in wanted:
            try:
                standing[want.pin.reference] = surveyor.without_target(want)
            except SeederError as error:
                failures[want.pin.reference] = error
        return Survey(standing=standing, failures=failures)

    def _quotas(self, copies: Iterable[Copy]) -> dict[str, Quota]:
        """What the sources of copies allow, by one HEAD each, which is free; a source that fails tells nothing."""
        found: dict[str, Quota] = {}
        asked: set[str] = set()
        for copy in copies:
            source = copy.pin.reference.registry
            if source in asked or not copy.pulls.assumed:
                continue
            asked.add(source)
            quota = quota_of(self.session, copy.source)
            if quota is not None:
                found[source] = quota
        return found


def quota_of(session: Session, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
    """The quota of a source; None where it has none, or does not answer."""
    try:
        return session.client.quota(reference, fresh=fresh)
    except SeederError:
        return None
