"""Copies images by running skopeo, several at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from seeder.engines.allowance import Allowance
from seeder.engines.events import Finished, Started
from seeder.engines.protocol import Manifests, OnEvent
from seeder.engines.skopeo import binary, surroundings
from seeder.engines.skopeo.mover import Mover
from seeder.engines.skopeo.surroundings import Sources
from seeder.errors import DeferredError, QuotaError, SeederError
from seeder.model.copy import Copy, Outcome, Result
from seeder.model.digest import Digest
from seeder.process import Cancellation
from seeder.registry.client import Client

AT_ONCE = 6
IMAGE_TIMEOUT = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkopeoEngine:
    """`at_once` images run at a time, none longer than `timeout` seconds. See `engines.protocol.Engine`."""

    client: Client
    store: Manifests
    sources: Sources
    insecure_hosts: frozenset[str] = frozenset()
    at_once: int = AT_ONCE
    timeout: float = IMAGE_TIMEOUT
    name: str = "skopeo"

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]:
        """Copies that share a repository and a digest go one after the other: the later ones then find it there."""
        found = self._binary(copies)
        if isinstance(found, SeederError):
            yield from (failure(copy, found) for copy in copies)
            return
        cancellation = Cancellation()
        named = [reference for copy in copies for reference in (copy.source, copy.place)]
        with surroundings.made(self.sources, self.client, named) as around:
            mover = Mover(
                client=self.client,
                store=self.store,
                binary=found,
                around=around,
                insecure_hosts=self.insecure_hosts,
                timeout=self.timeout,
                cancellation=cancellation,
                allowance=Allowance(self.client),
            )
            yield from self._all(mover, copies, on_event, cancellation)

    def _binary(self, copies: Sequence[Copy]) -> binary.Binary | SeederError | None:
        """Tags alone need no skopeo."""
        if all(copy.present for copy in copies):
            return None
        try:
            return binary.find(self.sources.environment)
        except SeederError as error:
            return error

    def _all(
        self, mover: Mover, copies: Sequence[Copy], on_event: OnEvent, cancellation: Cancellation
    ) -> Iterator[Outcome]:
        pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="skopeo")
        try:
            futures = [pool.submit(_each, mover, group, on_event) for group in _groups(copies)]
            for future in as_completed(futures):
                yield from future.result()
        finally:
            cancellation.cancel()
            pool.shutdown(cancel_futures=True)


def _groups(copies: Sequence[Copy]) -> list[list[Copy]]:
    groups: dict[tuple[str, Digest | None], list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[copy.destination.repository, copy.source.digest].append(copy)
    return list(groups.values())


def _each(mover: Mover, copies: Sequence[Copy], on_event: OnEvent) -> list[Outcome]:
    outcomes = []
    for copy in copies:
        on_event(Started(copy))
        outcome = _one(mover, copy)
        on_event(Finished(copy, outcome))
        outcomes.append(outcome)
    return outcomes


def _one(mover: Mover, copy: Copy) -> Outcome:
    try:
        return mover.move(copy)
    except QuotaError as error:
        mover.allowance.spent(copy.pin.reference.registry, error)
        return failure(copy, error)
    except SeederError as error:
        return failure(copy, error)


def failure(copy: Copy, error: SeederError) -> Outcome:
    """A copy that did not come about: put off where the quota is why, else failed."""
    return Outcome(
        reference=copy.pin.reference,
        result=Result.DEFERRED if isinstance(error, DeferredError) else Result.FAILED,
        destination=copy.destination,
        pin=copy.pin,
        required=copy.required,
        error=error,
    )
