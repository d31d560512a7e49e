"""`plan`: what `sync` would copy, and what it would cost; nothing is fetched or written."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import SeederError, StoppedError, TargetMissingError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Plan
from seeder.model.outcome import Outcome, Told
from seeder.model.pin import Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import shared
from seeder.resolve import Wishes, resolve
from seeder.run import breaking_off
from seeder.run.diary import Diary
from seeder.run.look import Looked, look
from seeder.run.prepare import NOWHERE, Preparer
from seeder.run.project import Project
from seeder.run.session import Session, opened
from seeder.settings import Settings


class Options(Struct, frozen=True, kw_only=True):
    """As those of `sync`; `update` and what is not pinned is asked for, and not written."""

    target: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    update: tuple[ImageReference, ...] | None = ()


class Planned(Struct, frozen=True, kw_only=True):
    """`target` is None where the catalog names none; `unpinned` could not be pinned.

    Where the run was told to end, `stopped` is set and there is no plan: what does not fit a quota, or is in another's
    place, is known of all images or of none.
    """

    plan: Plan
    target: TargetSettings | None
    looked: Looked
    unpinned: tuple[Outcome, ...] = ()
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    stopped: StoppedError | None = None

    @property
    def settled(self) -> tuple[Told, ...]:
        """What is not to be copied: it could not be pinned, stands there, cannot be, or is left where it is."""
        return (*self.unpinned, *self.plan.settled, *self.looked.skipped)


def work_out(project: Project, settings: Settings, options: Options) -> Planned:
    """Raises UsageError, DocumentError, FileError."""
    target = _target(project, options.target)
    looked, diary = look(project, options.variables), Diary()
    try:
        with opened(settings, target) as session:
            return _planned(project, session, options, Planned(plan=Plan(), target=target, looked=looked), diary)
    except StoppedError as stopped:
        ended = breaking_off.outcomes(looked.places, diary, project.catalog, target or NOWHERE, stopped)
        return Planned(plan=Plan(), target=target, looked=looked, unpinned=ended, stopped=stopped)


def _planned(project: Project, session: Session, options: Options, begun: Planned, diary: Diary) -> Planned:
    places = begun.looked.places
    update = options.update != ()
    with Preparer(session=session, project=project, target=begun.target, update=update).asking_early() as preparer:

        def hear(reference: ImageReference, found: Pin | SeederError) -> None:
            if isinstance(found, SeederError):
                diary.note([preparer.refusal(reference, found)])
            else:
                preparer.expect(found)

        wishes = Wishes(update=options.update)
        resolution = resolve(places, project.lock, session.client, wishes=wishes, on_answer=hear)
        prepared = preparer.prepare(pin for pin in resolution.lock if pin.reference not in resolution.failures)
        unpinned = tuple(preparer.refusal(reference, error) for reference, error in resolution.failures.items())
        told = shared(prepared.plan, session.homes)
        return replace(begun, plan=told, unpinned=unpinned, quotas=prepared.quotas)


def _target(project: Project, name: str | None) -> TargetSettings | None:
    """The target, if the catalog has one: a plan without says what all would cost."""
    try:
        return project.target(name)
    except TargetMissingError:
        if name is not None:
            raise
        return None
