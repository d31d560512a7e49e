"""`verify`: whether the target serves every pin whole; only the target is asked."""

from __future__ import annotations

from msgspec import Struct, field

from seeder.errors import MissingError, PinMissingError, SeederError, StoppedError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy
from seeder.model.outcome import Deferred, Failed, Missed, Outcome, Standing
from seeder.run import breaking_off
from seeder.run.diary import Diary
from seeder.run.look import Places, look, wanted
from seeder.run.prepare import Preparer
from seeder.run.project import Project
from seeder.run.remember import remember
from seeder.run.session import Session, opened
from seeder.settings import Settings
from seeder.verify import Expected, Faults, verify


class Verified(Struct, frozen=True, kw_only=True):
    """An outcome for each pin of the lock; `stopped` is set where the run was told to end.

    `unpinned` is what the catalog names besides, as far as its workshops stand here.
    """

    target: TargetSettings
    outcomes: tuple[Outcome, ...]
    unpinned: Places = field(default_factory=dict)
    stopped: StoppedError | None = None


def check(project: Project, settings: Settings, target_name: str | None = None, *, deep: bool = False) -> Verified:
    """Raises TargetMissingError, DocumentError, and PinMissingError where the lock is empty and the catalog is not."""
    target = project.target(target_name)
    if not project.lock.pins and (project.catalog.images or project.catalog.workshops):
        raise PinMissingError(
            f"{project.lock_path} pins nothing, so there is nothing to verify",
            hint=f"run `seeder sync {project.path}` first",
        )
    diary = Diary()
    try:
        with opened(settings, target) as session:
            outcomes = tuple(_checked(project, session, target, diary, deep=deep))
        return Verified(target=target, outcomes=outcomes, unpinned=_unpinned(project))
    except StoppedError as stopped:
        references = (pin.reference for pin in project.lock)
        ended = breaking_off.outcomes(references, diary, project.catalog, target, stopped)
        return Verified(target=target, outcomes=ended, stopped=stopped)


def _unpinned(project: Project) -> Places:
    """What the catalog names and the lock does not; only `images`, where the workshops cannot be read."""
    try:
        places = look(project).places
    except SeederError:
        places = wanted(project.catalog, str(project.path))
    pinned = project.lock.by_reference()
    return {reference: where for reference, where in places.items() if reference not in pinned}


def _checked(project: Project, session: Session, target: TargetSettings, diary: Diary, *, deep: bool) -> list[Outcome]:
    """The diary gets what is known where it breaks off."""
    preparer = Preparer(session=session, project=project, target=target)
    made = preparer.survey(project.lock.pins).plan()
    stands = [outcome for outcome in made.settled if isinstance(outcome, Standing)]
    stands += [copy.standing(copy.root) for copy in made.copies if copy.root is not None]
    missed: list[Outcome] = [outcome for outcome in made.settled if isinstance(outcome, Missed)]
    missed += [_unknown(copy) for copy in made.copies if copy.root is None]
    diary.note(missed)

    def judged(faults: Faults) -> list[Outcome]:
        told = [(image, faults[want]) for image in stands if (want := Expected.of(image)) in faults]
        found: list[Outcome] = [image if fault is None else image.broken(fault) for image, fault in told]
        diary.note(found)
        remember(session.checked, faults)
        return found

    found = judged(verify(session.client, map(Expected.of, stands), deep=deep, on_stop=judged))
    if not project.catalog.wants_any_referrers:
        return [*missed, *found]
    from seeder.run.referrers import check as check_referrers  # noqa: PLC0415 - only who asks for them pays

    asked = [o for o in found if isinstance(o, Standing) and project.catalog.wants_referrers(o.reference)]
    better = {each.reference: each for each in check_referrers(session, asked, deep=deep)}
    return [*missed, *(better.get(outcome.reference, outcome) for outcome in found)]


def _unknown(copy: Copy) -> Deferred | Failed:
    """A pin of whose index nobody knows the wanted child: it was never copied to this target."""
    return copy.failed(
        MissingError(
            f"{copy.place.name}:{copy.destination.tags[0]} is not there",
            where=copy.destination.registry,
            hint="run `seeder sync`: it copies what is missing",
        )
    )
