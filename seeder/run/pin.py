"""`pin`: tags to digests, written to the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from seeder.errors import PinMissingError, SeederError, StoppedError
from seeder.manifests import ManifestReader
from seeder.model.copy import Pulls
from seeder.model.pin import Lock, Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.platforms import Sizer, pulls
from seeder.registry.client import Client
from seeder.resolve import OnAnswer, Resolution, Wishes, resolve
from seeder.run import quotas
from seeder.run.artifact import shown
from seeder.run.look import Looked, Places, known, look
from seeder.run.project import Project
from seeder.run.session import Session, opened
from seeder.settings import Settings
from seeder.store import ManifestStore

_NAMED = 5
Announce = Callable[[Pulls, Mapping[str, Quota]], None]


class Options(Struct, frozen=True, kw_only=True):
    """`update`: () for nothing, None for every tag, else the references to ask again.

    `frozen` asks nothing, `check` writes nothing. `leads_on` as in `resolve.Wishes`.
    """

    update: tuple[ImageReference, ...] | None = ()
    frozen: bool = False
    check: bool = False
    read_manifests: bool = False
    leads_on: bool = False


class Pinned(Struct, frozen=True, kw_only=True):
    """What pinning made: the lock (already written where it changed), what is new or moved, and what failed.

    `quotas` are those of the sources that have one, by registry; `pulls` is what this run spent. `stale`, where that is
    checked, says whether the lock would change. `stopped` is set where the run was told to end: then it is what was
    known until then, and nothing was written.
    """

    lock: Lock
    added: frozenset[ImageReference] = frozenset()
    moved: Mapping[ImageReference, Pin] = field(default_factory=dict)
    failures: Mapping[ImageReference, SeederError] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    pulls: int = 0
    written: bool = False
    stale: bool | None = None
    stopped: StoppedError | None = None


def pin(
    project: Project,
    settings: Settings,
    options: Options,
    variables: Mapping[str, str],
    announce: Announce,
) -> tuple[Pinned, Looked]:
    """Pins and writes the lock; told to end, it says what was known until then, and writes nothing.

    Raises UsageError, DocumentError, PinMissingError, FileError.
    """
    looked, heard = look(project, variables), _Heard()
    session: Session | None = None
    try:
        with opened(settings) as session:
            pinner = Pinner(project, session.client, session.store, announce)
            return pinner.pin(looked.places, options, heard.hear), looked
    except StoppedError as stopped:
        known = Resolution.of(project.lock, heard.pins, heard.failures)
        return Pinned(
            lock=known.lock,
            added=known.added,
            moved=known.moved,
            failures=known.failures,
            places=looked.places,
            pulls=session.client.quotas.pulls() if session is not None else 0,
            stopped=stopped,
        ), looked


class _Heard(Struct, kw_only=True):
    """What sources answered so far."""

    pins: dict[ImageReference, Pin] = field(default_factory=dict)
    failures: dict[ImageReference, SeederError] = field(default_factory=dict)

    def hear(self, reference: ImageReference, found: Pin | SeederError) -> None:
        if isinstance(found, SeederError):
            self.failures[reference] = found
        else:
            self.pins[reference] = found


class Pinner(Struct, frozen=True):
    """Pins for one catalog. `announce` hears, before the first GET, what reading manifests will cost."""

    project: Project
    client: Client
    store: ManifestStore
    announce: Announce

    def pin(self, places: Places, options: Options, on_answer: OnAnswer = lambda *_: None) -> Pinned:
        """Pins what is missing, asks again what is to be updated, and writes the lock if its bytes change.

        `on_answer` hears of pins as they become known (see `resolve`), before the lock is written.
        Raises PinMissingError, UsageError for an update of what the catalog does not have, FileError.
        """
        if options.frozen:
            resolution = _frozen(self.project, places, on_answer)
        else:
            wishes = Wishes(
                update=_updates(places, options), may_pull=options.read_manifests, leads_on=options.leads_on
            )
            resolution = resolve(places, self.project.lock, self.client, wishes=wishes, on_answer=on_answer)
        lock, failures = resolution.lock, dict(resolution.failures)
        if options.read_manifests and not options.frozen:
            lock, unread = self._read(lock)
            failures |= unread
        return Pinned(
            lock=lock,
            added=resolution.added,
            moved=resolution.moved,
            failures=failures,
            places=places,
            quotas=quotas.seen(self.client, places),
            pulls=self.client.quotas.pulls(),
            written=not (options.frozen or options.check) and self.project.save(lock),
            stale=self.project.would_change(lock) if options.check else None,
        )

    def _read(self, lock: Lock) -> tuple[Lock, Mapping[ImageReference, SeederError]]:
        platforms_for = self.project.catalog.platforms_for
        cost = pulls(lock, self.store.get, platforms_for)
        self.announce(cost, quotas.seen(self.client, (pin.reference for pin in lock)))
        return Sizer(ManifestReader(self.client, self.store), self.client, platforms_for).read(lock)


def _frozen(project: Project, places: Places, on_answer: OnAnswer) -> Resolution:
    """What the lock says, and nothing is asked. Raises PinMissingError."""
    pins = project.lock.by_reference()
    missing = sorted((reference for reference in places if reference not in pins), key=str)
    if missing:
        named = [f"{reference.familiar()} ({places[reference][0]})" for reference in missing[:_NAMED]]
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise PinMissingError(
            f"has no pin for {', '.join(named)}{more}",
            where=shown(project.lock_path),
            hint=f"run `seeder pin {project.path}` and commit the lock, or leave out --frozen",
        )
    for reference in places:
        on_answer(reference, pins[reference])
    return Resolution(lock=Lock.of({reference: pins[reference] for reference in places}))


def _updates(places: Places, options: Options) -> frozenset[ImageReference] | None:
    if options.update is None:
        return None
    return known(places, options.update, "--update names ")
