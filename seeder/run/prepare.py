"""From pins to a plan: places them, asks the target what stands there, and the sources what they allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.early import Early
from seeder.errors import SeederError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Plan
from seeder.model.outcome import Failed
from seeder.model.pin import Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import Known, Wanted, agreed, place
from seeder.run import quotas
from seeder.run.project import Project
from seeder.run.session import Session
from seeder.run.survey import WORKERS, Survey, Surveyor

# Where the catalog names no target, everything would have to be copied.
NOWHERE = TargetSettings(name="")


class Prepared(Struct, frozen=True, kw_only=True):
    """A plan and what it was made from; `quotas` by registry."""

    plan: Plan
    survey: Survey
    quotas: Mapping[str, Quota] = field(default_factory=dict)


class Preparer(Struct, frozen=True, kw_only=True, dict=True):
    """For what a project wants; without a target nothing is asked of one.

    `update` lets tags move, `spares` is that of `Surveyor`. `early` has answers of the target that were asked for while
    other references were still being pinned. Each serves the first plan alone; a later one asks anew.
    """

    session: Session
    project: Project
    target: TargetSettings | None
    update: bool = False
    spares: bool = True
    early: Early[Wanted, Known] | None = None

    @cached_property
    def _earlier(self) -> Mapping[ImageReference, Pin]:
        """The pins of the lock as it stood before this run."""
        return self.project.lock.by_reference()

    @contextmanager
    def asking_early(self, ahead: Callable[[Copy], None] = lambda _: None) -> Iterator[Preparer]:
        """The same, asking early if there is a target; at the end it forgets what nobody wanted to know.

        `ahead` hears of copies that are sure before the plan is made; see `Surveyor.sure`.
        """
        surveyor = self._surveyor(update=self.update)

        def look(want: Wanted) -> Known:
            known = surveyor.look(want)
            for copy in surveyor.sure(want, known):
                ahead(copy)
            return known

        with closing(Early(look, WORKERS)) as early:
            yield replace(self, early=early if self.target is not None else None)

    def expect(self, pin: Pin) -> None:
        """Has the target asked about a pin that will be planned for, if it does not move before that."""
        if self.early is not None:
            with suppress(SeederError):  # it is said when it is planned for
                self.early.begin(self._place(pin))

    def prepare(self, pins: Iterable[Pin]) -> Prepared:
        """A plan for the pins; what cannot be placed or asked for is among its settled outcomes."""
        return self._prepared(self.survey(pins, update=self.update))

    def prepare_placed(self, wanted: Iterable[Wanted]) -> Prepared:
        """A plan for what has its place, whose tags do not move."""
        return self._prepared(self._survey(wanted, update=False))

    def survey(self, pins: Iterable[Pin], *, update: bool = False) -> Survey:
        """What is known of the pins; no source is asked. What cannot be placed failed."""
        wanted, refused = self._placed(pins)
        found = self._survey(wanted, update=update)
        return replace(found, failed=(*refused, *found.failed))

    def _prepared(self, survey: Survey) -> Prepared:
        allowed = quotas.allowed(self.session.client, survey.plan().copies)
        return Prepared(plan=survey.plan(allowed), survey=survey, quotas=allowed)

    def _placed(self, pins: Iterable[Pin]) -> tuple[tuple[Wanted, ...], list[Failed]]:
        wanted, refused = [], []
        for pin in pins:
            try:
                wanted.append(self._place(pin))
            except SeederError as error:
                refused.append(self.refusal(pin, error))
        return agreed(wanted), refused

    def _place(self, pin: Pin) -> Wanted:
        return place(pin, self.project.catalog, self.target or NOWHERE, self._earlier.get(pin.reference))

    def refusal(self, of: ImageReference | Pin, error: SeederError) -> Failed:
        """The outcome of a reference that got no pin, or of a pin that got no place."""
        reference = of if isinstance(of, ImageReference) else of.reference
        return Failed(of=of, error=error, required=self.project.catalog.requires(reference))

    def _survey(self, wanted: Iterable[Wanted], *, update: bool) -> Survey:
        surveyor = self._surveyor(update=update)
        if self.target is None:
            return surveyor.survey_without_target(wanted)
        early = self.early if update == self.update else None
        return surveyor.survey(wanted, early if early is not None else surveyor.early())

    def _surveyor(self, *, update: bool) -> Surveyor:
        return Surveyor(session=self.session, update=update, spares=self.spares)
