"""Copies images by running skopeo, several at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing

from msgspec import Struct

from seeder.engines.allowance import Allowance
from seeder.engines.events import Finished, Started
from seeder.engines.protocol import OnEvent
from seeder.engines.skopeo import binary, surroundings
from seeder.engines.skopeo.mover import Mover
from seeder.errors import QuotaError, SeederError
from seeder.manifests import ManifestReader
from seeder.model.copy import Copy
from seeder.model.digest import Digest
from seeder.model.outcome import Outcome
from seeder.process import GRACE, Cancellation
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.threads import each

AT_ONCE = 6
_ENDING = 2 * GRACE  # seconds that skopeos which were told to end get before the run passes on
_Group = tuple[Copy, ...]


class SkopeoEngine(Struct, frozen=True, kw_only=True):
    """`at_once` images run at a time, and no skopeo longer than `timeout` seconds. See `engines.protocol.Engine`."""

    client: Client
    reader: ManifestReader
    sources: Sources
    insecure_hosts: frozenset[str] = frozenset()
    at_once: int = AT_ONCE
    timeout: float | None = None

    def ahead(self, copy: Copy) -> None:
        """A skopeo copies a whole image."""

    def close(self) -> None:
        """Nothing goes ahead."""

    def run(self, copies: Sequence[Copy], on_event: OnEvent) -> Iterator[Outcome]:
        """Copies that share a repository and a digest go one after the other: the later ones then find it there."""
        found = self._binary(copies)
        if isinstance(found, SeederError):
            yield from (copy.failed(found) for copy in copies)
            return
        cancellation = Cancellation()
        named = [reference for copy in copies for reference in (copy.source, copy.place)]
        with surroundings.made(self.sources, self.client, named) as around:
            mover = Mover(
                client=self.client,
                reader=self.reader,
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
        def work(group: _Group) -> list[Outcome]:
            return _each(mover, group, on_event)

        try:
            with closing(each(work, _groups(copies), self.at_once)) as results:
                for _, outcomes in results:
                    if isinstance(outcomes, SeederError):
                        raise outcomes  # each image's own was caught: there is none
                    yield from outcomes
        finally:
            cancellation.cancel()
            cancellation.drained(_ENDING)


def _groups(copies: Sequence[Copy]) -> list[_Group]:
    groups: dict[tuple[str, Digest | None], list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[copy.destination.repository, copy.source.digest].append(copy)
    return [tuple(group) for group in groups.values()]


def _each(mover: Mover, copies: _Group, on_event: OnEvent) -> list[Outcome]:
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
        return copy.failed(error)
    except SeederError as error:
        return copy.failed(error)
