"""Drives a run: all images at once, an outcome for each as it ends."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from seeder.engines.direct.crew import Crew, Urgency
from seeder.engines.direct.job import Job
from seeder.engines.direct.ledger import Ledger
from seeder.engines.direct.reading import Reading
from seeder.engines.direct.relay import Relay, Streams
from seeder.engines.direct.shelf import Shelf
from seeder.engines.direct.tools import Tools
from seeder.engines.events import Finished, Started
from seeder.engines.protocol import Manifests, OnEvent
from seeder.model.copy import Copy, Outcome
from seeder.registry.client import Client

WORKERS = 64
TIMEOUT = 3600.0
_LOOK = 5.0  # seconds between looks at images that take too long
_Ended = SimpleQueue[tuple[Copy, Outcome] | BaseException]
_ENDING = 5.0  # seconds that what is under way gets when the run is told to end


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectEngine:
    """`workers` is the ceiling of what is done at once; the registries' own pace may be lower.

    No image takes longer than `timeout` seconds.
    """

    client: Client
    store: Manifests
    workers: int = WORKERS
    timeout: float = TIMEOUT
    name: str = "direct"

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]:
        """See `engines.protocol.Engine`."""
        ended: _Ended = SimpleQueue()
        streams = Streams()
        crew = Crew(self.workers, ended.put)
        tools = self._tools(crew, streams, on_event)
        jobs = [Job(group, tools, lambda copy, outcome: ended.put((copy, outcome))) for group in _groups(copies)]
        try:
            self.client.expect(copy.source for copy in copies if not copy.present)
            for job, group in zip(jobs, _groups(copies), strict=True):
                for copy in group:
                    on_event(Started(copy))
                crew.add(Urgency.READ, job.start)
            for copy, outcome in self._results(ended, jobs, len(copies)):
                on_event(Finished(copy, outcome))
                yield outcome
        finally:
            streams.stop()
            crew.close(_ENDING)

    def _results(self, ended: _Ended, jobs: Sequence[Job], count: int) -> Iterator[tuple[Copy, Outcome]]:
        """Images as they end, for whatever reason; raises a bug of any thread."""
        look, looked = min(_LOOK, self.timeout), time.monotonic()
        while count:
            try:
                result = ended.get(timeout=look)
            except Empty:
                result = None
            if isinstance(result, BaseException):
                raise result
            if result is not None:
                count -= 1
                yield result
            if time.monotonic() - looked >= look:
                looked = time.monotonic()
                self._expire(jobs, looked)

    def _expire(self, jobs: Sequence[Job], now: float) -> None:
        for job in jobs:
            if job.is_under_way and job.began + self.timeout <= now:
                job.expire(self.timeout)

    def _tools(self, crew: Crew, streams: Streams, on_event: OnEvent) -> Tools:
        ledger = Ledger(self.client)
        relay = Relay(self.client, streams, self.client.policy)
        return Tools(
            client=self.client,
            reading=Reading(self.client, self.store, ledger),
            ledger=ledger,
            shelf=Shelf(self.client.blobs, relay, crew),
            crew=crew,
            policy=self.client.policy,
            on_event=on_event,
        )


def _groups(copies: Sequence[Copy]) -> list[tuple[Copy, ...]]:
    """Copies of the same content to the same repository are one piece of work, in the order of the plan."""
    groups: dict[tuple[object, ...], list[Copy]] = defaultdict(list)
    for copy in copies:
        wanted = () if copy.root is not None and not copy.trims else copy.platforms
        groups[copy.place.name, copy.source.digest, wanted, copy.present and not copy.repair].append(copy)
    return [tuple(group) for group in groups.values()]
