"""`sync`: pins what is not pinned, copies what is missing, verifies it, and rewrites if asked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import files
from seeder.errors import PinMissingError, SeederError, StoppedError
from seeder.model.catalog import RewriteMode, TargetKind, TargetSettings
from seeder.model.outcome import Outcome, Standing, Told
from seeder.model.pin import Lock, Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.transport import AT_ONCE
from seeder.resolve import OnAnswer
from seeder.run import breaking_off, engines, quotas
from seeder.run.ahead import Ahead
from seeder.run.artifact import shown
from seeder.run.diary import Diary
from seeder.run.fill import learn
from seeder.run.look import Looked, look, narrowed
from seeder.run.pin import Options as PinOptions
from seeder.run.pin import Pinned, Pinner
from seeder.run.prepare import Preparer
from seeder.run.project import Project
from seeder.run.session import Carried, Session, opened
from seeder.run.settle import Settler, Watch
from seeder.run.traffic import Traffic
from seeder.run.waiting import Naps, Waiter
from seeder.settings import Settings

if TYPE_CHECKING:
    from seeder.run import rewrite as rewriting


class Options(Struct, frozen=True, kw_only=True):
    """`update`: () for nothing, None for every tag, else the references to ask again. `frozen` asks and writes nothing.

    `rewrite` is what is done with the files of what was verified (LOOK: nothing), None for what the catalog says.
    `engine` is one of `engines.ENGINES`, `concurrency` the most requests of a kind at one registry, `image_timeout` in
    seconds. `source` is an OCI layout that is asked in the stead of every source. `wait` is how many seconds the run
    may sleep, in all, until the quota allows the rest. `store_lock` puts the lock beside the images, None for what the
    target's settings say. `only` are the references to take up, () for all.
    """

    target: str | None = None
    only: tuple[ImageReference, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    update: tuple[ImageReference, ...] | None = ()
    frozen: bool = False
    rewrite: rewriting.Order | None = None
    engine: str = engines.DEFAULT
    image_timeout: float = engines.IMAGE_TIMEOUT
    concurrency: int = AT_ONCE
    source: Path | None = None
    wait: float = 0.0
    store_lock: bool | None = None


class Synced(Struct, frozen=True, kw_only=True):
    """`outcomes` has one for each reference, `quotas` what sources leave now, `pulls` what this run spent.

    `stored` is what became of the lock at the target, None where it is not kept there. `stopped` is set where the run
    was told to end: then files and the stored lock were left as they are.
    """

    target: TargetSettings
    outcomes: tuple[Told, ...]
    looked: Looked
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    pulls: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    rewritten: rewriting.Rewritten | None = None
    stored: Told | None = None
    stopped: StoppedError | None = None


def sync(project: Project, settings: Settings, options: Options, watch: Watch) -> Synced:
    """Raises UsageError, DocumentError, PinMissingError, TargetMissingError, FileError before anything is copied.

    `watch` is entered for each pass of copies, and hears what becomes of them.
    """
    target = project.target(options.target)
    order = _order(project, target, options.rewrite)
    looked = look(project, options.variables)
    if options.only:
        project, looked = narrowed(project, looked, options.only)
    engines.check(options.engine, project.catalog, target, from_layout=options.source is not None)
    keeps_lock = target.store_lock if options.store_lock is None else options.store_lock
    if keeps_lock:
        from seeder.run import stored  # noqa: PLC0415 - only who asks for it pays

        stored.check(project.catalog, target)
    run: _Run | None = None
    try:
        source = Carried(options.source, project.catalog) if options.source is not None else None
        with opened(settings, target, source=source, writes=True, at_once=options.concurrency) as session:
            run = _Run(
                project=project, session=session, target=target, options=options, order=order, keeps_lock=keeps_lock
            )
            return run.carry_out(looked, watch)
    except StoppedError as stopped:
        if run is None:
            raise
        return run.broken_off(looked, stopped)


class _Run(Struct, frozen=True, kw_only=True):
    """What the steps of one sync share; `order` is what becomes of the files, None for nothing."""

    project: Project
    session: Session
    target: TargetSettings
    options: Options
    order: rewriting.Order | None
    keeps_lock: bool
    diary: Diary = field(default_factory=Diary)
    traffic: Traffic = field(default_factory=Traffic)

    def carry_out(self, looked: Looked, watch: Watch) -> Synced:
        """See `sync`."""
        ahead = Ahead(partial(engines.ENGINES[self.options.engine], self.session, self.options.image_timeout))
        begin = ahead.begin if self._goes_ahead else lambda _: None
        with closing(ahead), self._preparer().asking_early(begin) as preparer:
            pinned = self._pinned(looked, preparer)
            outcomes = self._settled(pinned, self._settler(ahead, watch), preparer)
        return self._synced(looked, pinned, outcomes)

    def _preparer(self) -> Preparer:
        return Preparer(
            session=self.session,
            project=self.project,
            target=self.target,
            update=self.options.update != (),
            spares=self.options.engine in engines.SPARING,
        )

    def _settler(self, ahead: Ahead, watch: Watch) -> Settler:
        return Settler(
            session=self.session,
            ahead=ahead,
            watch=watch,
            is_charged=self.options.source is None,
            traffic=self.traffic,
            diary=self.diary,
        )

    def _synced(self, looked: Looked, pinned: Pinned, outcomes: Sequence[Outcome]) -> Synced:
        """What came of it; the lock learns, is stored, and the files are rewritten."""
        stands = [outcome for outcome in outcomes if isinstance(outcome, Standing)]
        frozen = self.options.frozen
        lock = learn(self.session, self.project, pinned.lock, stands, write=not frozen)
        return Synced(
            target=self.target,
            outcomes=(*outcomes, *looked.skipped),
            looked=looked,
            quotas=quotas.left(self.session.client, outcomes, pinned.quotas),
            pulls=self._pulls(looked, outcomes),
            traffic=self.traffic,
            rewritten=self._rewritten(self.order, lock, outcomes) if self.order else None,
            stored=self._stored(pinned.lock if frozen else lock, outcomes) if self.keeps_lock else None,
        )

    @property
    def _goes_ahead(self) -> bool:
        """Whether copies may begin before the plan: not into a folder, where what a plan leaves out would stay, and not
        before it is known that the lock, which explains what is copied, can be written.
        """
        is_far = self.options.source is None and self.target.kind is not TargetKind.OCI_LAYOUT
        return is_far and (self.options.frozen or files.may_write(self.project.lock_path))

    def broken_off(self, looked: Looked, stopped: StoppedError) -> Synced:
        """What became of each image until the run was told to end."""
        outcomes = breaking_off.outcomes(looked.places, self.diary, self.project.catalog, self.target, stopped)
        return Synced(
            target=self.target,
            outcomes=(*outcomes, *looked.skipped),
            looked=looked,
            quotas=quotas.seen(self.session.client, looked.places),
            pulls=self._pulls(looked, outcomes),
            traffic=self.traffic,
            stopped=stopped,
        )

    def _pulls(self, looked: Looked, outcomes: Iterable[Outcome]) -> int:
        """The manifest GETs at sources. What is read from a folder is none; what an engine's program asks is told by
        its outcomes alone.
        """
        if self.options.source is not None:
            return 0
        made = quotas.spent(self.session.client, looked.places)
        return made if self.options.engine in engines.SPARING else max(made, sum(o.pulls for o in outcomes))

    def _pinned(self, looked: Looked, preparer: Preparer) -> Pinned:
        """What stands in the lock now; of what a frozen run can do without, a failure each."""
        options = self.options
        dispensable = _dispensable(self.project, looked.places) if options.frozen else {}
        places = {reference: where for reference, where in looked.places.items() if reference not in dispensable}
        if places.keys() - self.project.lock.by_reference().keys():
            engines.load(options.engine)  # what is new will be copied; nobody knows yet what moves
        pinner = Pinner(self.project, self.session.client, self.session.store, lambda *_: None)
        asked = PinOptions(update=options.update, frozen=options.frozen, leads_on=self._goes_ahead)
        found = pinner.pin(places, asked, self._heard(preparer))
        return replace(found, failures={**found.failures, **dispensable})

    def _heard(self, preparer: Preparer) -> OnAnswer:
        """Gets ready for a pin: the target is asked, and for one that is new the engine will be needed."""
        known = self.project.lock.by_reference()

        def hear(reference: ImageReference, found: Pin | SeederError) -> None:
            if isinstance(found, SeederError):
                self.diary.note([preparer.refusal(reference, found)])
                return
            if found != known.get(reference):
                engines.load(self.options.engine)
            preparer.expect(found)

        return hear

    def _settled(self, pinned: Pinned, settler: Settler, preparer: Preparer) -> list[Outcome]:
        """An outcome for each reference, and with what is to stand beside it."""
        outcomes: list[Outcome] = [preparer.refusal(*failure) for failure in pinned.failures.items()]
        self.diary.note(outcomes)
        waiter = Waiter(settler=settler, preparer=preparer, naps=Naps(left=self.options.wait))
        outcomes += waiter.settle(pin for pin in pinned.lock if pin.reference not in pinned.failures)
        if not self.project.catalog.wants_any_referrers:
            return outcomes
        from seeder.run.companions import Companions  # noqa: PLC0415 - only who asks for them pays

        companions = Companions(session=self.session, settler=settler, preparer=preparer)
        outcomes = waiter.beside(companions.bring, outcomes)
        self.diary.note(outcomes)
        self.diary.has_beside = True
        return outcomes

    def _stored(self, lock: Lock, outcomes: Iterable[Outcome]) -> Told:
        from seeder.run import stored  # noqa: PLC0415

        return stored.store(self.session, self.project.catalog, self.target, lock, outcomes)

    def _rewritten(self, order: rewriting.Order, lock: Lock, outcomes: Iterable[Outcome]) -> rewriting.Rewritten:
        stands = {o.reference: o.root for o in outcomes if isinstance(o, Standing)}
        order = replace(order, variables=self.options.variables, verified=frozenset(stands), roots=stands)
        from seeder.run import rewrite as rewriting  # noqa: PLC0415 - see _order

        return rewriting.rewrite(self.project, self.target, order, lock=lock)


def _dispensable(project: Project, places: Iterable[ImageReference]) -> dict[ImageReference, SeederError]:
    """What a frozen run can do without: images that are not required, and that no lock could ever pin."""
    pinned = project.lock.by_reference()
    return {
        reference: PinMissingError(
            f"{shown(project.lock_path)} has no pin for it", hint=f"run `seeder pin {project.path}`"
        )
        for reference in places
        if reference not in pinned and not project.catalog.requires(reference)
    }


def _order(project: Project, target: TargetSettings, order: rewriting.Order | None) -> rewriting.Order | None:
    """What is to become of the files, None for nothing; raises UsageError, while nothing was copied yet."""
    if order is None and project.catalog.rewrite is RewriteMode.NONE:
        return None
    from seeder.run import rewrite as rewriting  # noqa: PLC0415 - a run that only copies pays for no rewriting

    if order is None:
        mode, output = rewriting.mode_of(project)
        order = rewriting.Order(mode=mode, output=output)
    if order.mode is rewriting.Mode.LOOK:
        return None
    rewriting.check(project, target, order)
    return order
