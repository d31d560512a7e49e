"""Drives a run: all images at once, an outcome for each as it ends."""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.engines.direct.attempts import Attempts
from seeder.engines.direct.body import BodyTools
from seeder.engines.direct.crew import Crew, Urgency
from seeder.engines.direct.job import Job
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.engines.direct.relay import Relay
from seeder.engines.direct.shelf import Shelf
from seeder.engines.direct.streams import Streams
from seeder.engines.direct.tools import Tools
from seeder.engines.direct.work import Piece, Work, piece_of
from seeder.engines.events import Finished, Started
from seeder.engines.protocol import OnEvent
from seeder.homes import Homes
from seeder.manifests import ManifestReader
from seeder.model.copy import Copy
from seeder.model.outcome import Outcome, Standing
from seeder.registry.client import Client

WORKERS = 64
OPEN = 256  # images whose manifests are in memory at the same time: enough for every worker to find a blob to move
TIMEOUT = 3600.0
_EACH = 2  # workers for each request that a host may get at once: the others move bytes
_LOOK = 5.0  # seconds between looks at images that take too long
_Ended = SimpleQueue[tuple[Job, Copy, Outcome] | BaseException]
_ENDING = 5.0  # seconds that what is under way gets when the run is told to end


class DirectEngine(Struct, kw_only=True):
    """`workers` is the ceiling of what is done at once; the registries' own pace may be lower.

    `open` images are under way at the most, so that memory does not grow with the plan; none takes longer than
    `timeout` seconds. `homes` are where targets have blobs of images that nobody copies; `attempts` what blobs have
    left, over all runs.
    """

    client: Client
    reader: ManifestReader
    homes: Homes = field(default_factory=Homes)
    workers: int = WORKERS
    open: int = OPEN
    timeout: float = TIMEOUT
    attempts: Attempts = field(default_factory=Attempts)
    _begun: Work | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ahead(self, copy: Copy) -> None:
        """See `engines.protocol.Engine`."""
        with self._lock:
            if self._begun is None:
                self._begun = self._work()
            self._begun.send(copy, self.open)

    def close(self) -> None:
        """See `engines.protocol.Engine`."""
        with self._lock:
            begun, self._begun = self._begun, None
        if begun is not None:
            begun.close(_ENDING)

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]:
        """See `engines.protocol.Engine`. A second run tries once more what the first gave up."""
        self.attempts.cooled()
        with self._lock:
            work, self._begun = self._begun or self._work(), None
        images = _Images(copies, work, on_event)
        try:
            self.client.expect(copy.source for copy in copies if not copy.present)
            for copy, outcome in self._results(images, work.streams, len(copies)):
                on_event(Finished(copy, outcome))
                images.told(copy)
                yield outcome
        finally:
            work.close(_ENDING)
            for copy, outcome in images.ended_well():
                on_event(Finished(copy, outcome))

    def _results(self, images: _Images, streams: Streams, count: int) -> Iterator[tuple[Copy, Outcome]]:
        """Images as they end, for whatever reason; raises a bug of any thread."""
        look, looked = min(_LOOK, self.timeout), time.monotonic()
        while count:
            images.open(self.open)
            result = images.next(look)
            if result is not None:
                count -= 1
                yield result
            if time.monotonic() - looked >= look:
                looked = time.monotonic()
                images.expire(looked, self.timeout)
                streams.drop()

    def _work(self) -> Work:
        ended: _Ended = SimpleQueue()
        streams = Streams()
        crew = Crew(min(self.workers, _EACH * self.client.limits.at_once), ended.put)
        ledger = Ledger(self.client)
        relay = Relay(self.client, BodyTools(self.client, streams, self.attempts))
        tools = Tools(
            client=self.client,
            reading=Reading(self.reader, ledger),
            ledger=ledger,
            shelf=Shelf(self.client, relay, crew, self.homes),
            crew=crew,
            homes=self.homes,
        )
        return Work(tools=tools, streams=streams, ended=ended)


class _Images:
    """The images that are under way, and those that wait for one of them to end; driven by one thread."""

    def __init__(self, copies: Sequence[Copy], work: Work, on_event: OnEvent) -> None:
        groups = _groups(copies)
        work.keep(groups.keys())
        self._waiting = iter(groups.items())
        self._tools = replace(work.tools, on_event=on_event)
        self._scouts = work.scouts
        self._ended: _Ended = work.ended
        self._jobs: dict[Job, None] = {}
        self._untold: dict[int, tuple[Copy, Outcome]] = {}  # a signal may end the run between any two steps of it

    def open(self, most: int) -> None:
        """Begins with so many that `most` are under way."""
        for piece, group in itertools.islice(self._waiting, most - len(self._jobs)):
            job = Job(group, self._tools, self._finished, self._scouts.pop(piece, None))
            self._jobs[job] = None
            for copy in group:
                self._tools.on_event(Started(copy))
            self._tools.crew.add(Urgency.READ, job.start)

    def _finished(self, job: Job, copy: Copy, outcome: Outcome) -> None:
        self._untold[id(copy)] = copy, outcome
        self._ended.put((job, copy, outcome))

    def told(self, copy: Copy) -> None:
        """Somebody knows what became of it."""
        self._untold.pop(id(copy), None)

    def next(self, seconds: float) -> tuple[Copy, Outcome] | None:
        """The next image to end; None where none does within so many seconds. Raises a bug of any thread."""
        try:
            result = self._ended.get(timeout=seconds)
        except Empty:
            return None
        if isinstance(result, BaseException):
            raise result
        job, copy, outcome = result
        self._jobs.pop(job, None)
        return copy, outcome

    def ended_well(self) -> Iterator[tuple[Copy, Outcome]]:
        """What was copied while the run was told to end; whatever else ended then only did because of that."""
        return ((copy, outcome) for copy, outcome in list(self._untold.values()) if isinstance(outcome, Standing))

    def expire(self, now: float, timeout: float) -> None:
        """Ends what takes too long."""
        for job in self._jobs:
            if job.is_under_way and job.began + timeout <= now:
                job.expire(timeout)


def _groups(copies: Sequence[Copy]) -> dict[Piece, list[Copy]]:
    """The copies by what is one piece of work, in the order of the plan."""
    groups: dict[Piece, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[piece_of(copy)].append(copy)
    return groups
