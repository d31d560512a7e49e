"""`verify`: whether the target serves every pin whole; only the target is asked."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import MissingError, PinMissingError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Outcome
from seeder.run.prepare import Preparer
from seeder.run.project import Project
from seeder.run.remember import remember
from seeder.run.session import opened
from seeder.settings import Settings
from seeder.verify import Expected, verify


class Verified(Struct, frozen=True, kw_only=True):
    """An outcome for each pin of the lock."""

    target: TargetSettings
    outcomes: tuple[Outcome, ...]


def check(project: Project, settings: Settings, target_name: str | None = None, *, deep: bool = False) -> Verified:
    """Raises TargetMissingError, DocumentError, and PinMissingError where the lock is empty and the catalog is not."""
    target = project.target(target_name)
    if not project.lock.pins and (project.catalog.images or project.catalog.workshops):
        raise PinMissingError(
            f"{project.lock_path} pins nothing, so there is nothing to verify",
            hint=f"run `seeder sync {project.path}` first",
        )
    with opened(settings, target) as session:
        preparer = Preparer(
            session=session, catalog=project.catalog, target=target, earlier=project.lock.by_reference()
        )
        made = preparer.survey(project.lock.pins).plan()
        settled = [outcome for outcome in made.settled if not outcome.stands]
        settled += [_unknown(copy) for copy in made.copies if copy.root is None]
        expected = [*map(Expected.of, made.settled), *map(_expected, made.copies)]
        found = verify(session.client, [want for want in expected if want is not None], deep=deep)
        remember(session.checked, found)
        asked = project.catalog.wants_referrers
        wanted = [outcome for outcome in found if asked(outcome.reference)]
        if wanted:
            from seeder.run.referrers import check as check_referrers  # noqa: PLC0415 - only who asks for them pays

            better = {each.reference: each for each in check_referrers(session, wanted, deep=deep)}
            found = tuple(better.get(outcome.reference, outcome) for outcome in found)
    return Verified(target=target, outcomes=(*settled, *found))


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
