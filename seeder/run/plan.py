"""`plan`: what `sync` would copy, and what it would cost; nothing is fetched or written."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from seeder.errors import TargetMissingError
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Outcome, Plan
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.resolve import Wishes, resolve
from seeder.run.look import Looked, look
from seeder.run.prepare import Preparer
from seeder.run.project import Project
from seeder.run.session import opened
from seeder.settings import Settings


class Options(Struct, frozen=True, kw_only=True):
    """As those of `sync`; `update` and what is not pinned is asked for, and not written."""

    target: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    update: tuple[ImageReference, ...] | None = ()


class Planned(Struct, frozen=True, kw_only=True):
    """`target` is None where the catalog names none; `unpinned` could not be pinned."""

    plan: Plan
    target: TargetSettings | None
    looked: Looked
    unpinned: tuple[Outcome, ...] = ()
    quotas: Mapping[str, Quota] = field(default_factory=dict)

    @property
    def settled(self) -> tuple[Outcome, ...]:
        """What is not to be copied: it could not be pinned, stands there, cannot be, or is left where it is."""
        return (*self.unpinned, *self.plan.settled, *self.looked.skipped)


def work_out(project: Project, settings: Settings, options: Options) -> Planned:
    """Raises UsageError, DocumentError, FileError."""
    target = _target(project, options.target)
    looked = look(project, options.variables)
    with (
        opened(settings, target) as session,
        Preparer.asking_early(session, project, target, update=options.update != ()) as preparer,
    ):
        wishes = Wishes(update=options.update)
        resolution = resolve(looked.places, project.lock, session.client, wishes=wishes, on_pin=preparer.expect)
        pins = [pin for pin in resolution.lock if pin.reference not in resolution.failures]
        prepared = preparer.prepare(pins)
        return Planned(
            plan=prepared.plan,
            target=target,
            looked=looked,
            unpinned=tuple(preparer.refusal(reference, error) for reference, error in resolution.failures.items()),
            quotas=prepared.quotas,
        )


def _target(project: Project, name: str | None) -> TargetSettings | None:
    """The target, if the catalog has one: a plan without says what all would cost."""
    try:
        return project.target(name)
    except TargetMissingError:
        if name is not None:
            raise
        return None
