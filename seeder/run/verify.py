"""`verify`: whether the target serves every pin whole; only the target is asked."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import MissingError, PinMissingError, StoppedError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Outcome
from seeder.run import breaking_off
from seeder.run.diary import Diary
from seeder.run.prepare import Preparer
from seeder.run.project import Project
from seeder.run.remember import remember
from seeder.run.session import Session, opened
from seeder.settings import Settings
from seeder.verify import Expected, verify


class Verified(Struct, frozen=True, kw_only=True):
    """An outcome for each pin of the lock; `stopped` is set where the run was told to end."""

    target: TargetSettings
    outcomes: tuple[Outcome, ...]
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
            return Verified(target=target, outcomes=tuple(_checked(project, session, target, diary, deep=deep)))
    except StoppedError as stopped:
        references = (pin.reference for pin in project.lock)
        ended = breaking_off.outcomes(references, diary, project.catalog, target, stopped)
        return Verified(target=target, outcomes=ended, stopped=stopped)


def _checked(project: Project, session: Session, target: TargetSettings, diary: Diary, *, deep: bool) -> list[Outcome]:
    """The diary gets what is known where it breaks off."""

    def note(outcomes: Sequence[Outcome]) -> None:
        diary.note(outcomes)
        remember(session.checked, outcomes)

    preparer = Preparer(session=session, catalog=project.catalog, target=target, earlier=project.lock.by_reference())
    made = preparer.survey(project.lock.pins).plan()
    settled = [outcome for outcome in made.settled if not outcome.stands]
    settled += [_unknown(copy) for copy in made.copies if copy.root is None]
    diary.note(settled)
    expected = [*map(Expected.of, made.settled), *map(_expected, made.copies)]
    found = verify(session.client, [want for want in expected if want is not None], deep=deep, on_stop=note)
    note(found)
    wanted = [outcome for outcome in found if project.catalog.wants_referrers(outcome.reference)]
    if not wanted:
        return [*settled, *found]
    from seeder.run.referrers import check as check_referrers  # noqa: PLC0415 - only who asks for them pays

    better = {each.reference: each for each in check_referrers(session, wanted, deep=deep)}
    return [*settled, *(better.get(outcome.reference, outcome) for outcome in found)]


def _expected(copy: Copy) -> Expected | None:
    if copy.root is None:
        return None
    tags = tuple(tag for tag in copy.destination.tags if tag not in copy.leaves)
    return Expected(
        reference=copy.pin.reference,
        destination=replace(copy.destination, tags=tags),
        root=copy.root,
        pin=copy.pin,
        required=copy.required,
    )


def _unknown(copy: Copy) -> Outcome:
    """A pin of whose index nobody knows the wanted child: it was never copied to this target."""
    return copy.failed(
        MissingError(
            f"{copy.place.name}:{copy.destination.tags[0]} is not there",
            where=copy.destination.registry,
            hint="run `seeder sync`: it copies what is missing",
        )
    )
