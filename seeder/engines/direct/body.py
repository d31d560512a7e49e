"""The bytes of one blob as they come from a source: taken up again where they broke off, and hashed as they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from seeder.engines.direct.attempts import Attempts
from seeder.engines.direct.pull_sources import pull_sources
from seeder.engines.direct.streams import Streams
from seeder.errors import (
    DigestMismatchError,
    EngineError,
    RegistryError,
    SeederError,
    UnreachableError,
)
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.endpoint import Endpoint
from seeder.registry.open_blob import OpenBlob
from seeder.registry.retry import Policy

T = TypeVar("T")

_ONCE = Policy(attempts=1)


class Blob(Struct, frozen=True, kw_only=True):
    """What is to be moved: `sources` are repositories that have it, the likeliest first; the last has the last word.

    `kept` takes the bytes on the way, for the few that are small and wanted: configs. `is_wanted` says whether anybody
    still waits for it.
    """

    digest: Digest
    size: int
    sources: Sequence[ImageReference]
    is_wanted: Callable[[], bool]
    kept: bytearray | None = None


class SourceError(Exception):
    """The source failed while its bytes were being sent on: `error` says how. No fault of the target."""

    def __init__(self, error: SeederError) -> None:
        super().__init__(error)
        self.error = error


class UnwantedError(EngineError):
    """Nobody waits for the blob any more."""

    code = "unwanted"


class AgainError(Exception):
    """The upload begins anew at once, since what hindered it was learnt."""


class BodyTools(Struct, frozen=True):
    """What all bodies of a run share."""

    client: Client
    streams: Streams
    attempts: Attempts


class Body:
    """The blocks of a blob; goes on by Range where a source is cut off, and never gives the last one of wrong bytes.

    A block is good until the next one is asked for.
    """

    def __init__(self, tools: BodyTools, blob: Blob, target: str, on_bytes: Callable[[int], None]) -> None:
        self._tools = tools
        self._tries = tools.attempts.of(blob.sources[-1].registry, blob.digest, tools.client.policy)
        sources = pull_sources(tools.client, blob.sources, blob.digest, target)
        self._sources = [source for source in sources if source.name not in self._tries.refused]
        self._mirrors: list[Endpoint] = []
        self._blob = blob
        self._on_bytes = on_bytes
        if blob.kept is not None:
            blob.kept.clear()
        self._hash = hashlib.new(blob.digest.algorithm)
        self._offset = 0
        self._current: OpenBlob | None = None
        self.is_complete = False

    def open(self) -> None:
        """Asks the source, unless it was given up or has refused; raises SourceError."""
        if self._tries.spent is not None:
            raise SourceError(self._tries.spent)
        if not self._sources:
            raise SourceError(self._tries.refused[self._blob.sources[-1].name])
        self._tried(self._opened)

    def close(self) -> None:
        if self._current is not None:
            self._tools.streams.ended(self._current)
            self._current.close()
            self._current = None

    def __iter__(self) -> Iterator[memoryview]:
        try:
            with self._tools.streams.memory() as memory:
                yield from self._blocks(memory)
        finally:
            self.close()

    def _blocks(self, memory: memoryview) -> Iterator[memoryview]:
        if self._blob.size == 0:
            self._check()
        while self._offset < self._blob.size:
            block = self._next(memory)
            self._hash.update(block)
            self._offset += len(block)
            if self._offset >= self._blob.size:
                self._check()
            if self._blob.kept is not None:
                self._blob.kept.extend(block)
            self._on_bytes(len(block))
            yield block

    def _next(self, memory: memoryview) -> memoryview:
        """Some bytes from the offset on, from a new answer where the old one broke off; raises SourceError."""
        most = min(self._tools.streams.block, self._blob.size - self._offset)
        return self._tried(lambda: self._read(memory[:most]))

    def _read(self, block: memoryview) -> memoryview:
        count = self._opened().read_into(block)
        if count:
            return block[:count]
        fault = f"blob {self._blob.digest} ended after {self._offset} of {self._blob.size} bytes"
        raise UnreachableError(fault, where=self._sources[0].host)

    def _tried(self, step: Callable[[], T]) -> T:
        """Takes a step as often as it needs and may have; whoever fails is left for the next one, if there is one."""
        try:
            while True:
                try:
                    return step()
                except SeederError as error:
                    self.close()
                    self._check_wanted(error)
                    self._tries.refused_by(self._sources[0].name, error)
                    if not self._left(error):
                        self._tries.failed(error, self._offset)
        except SeederError as error:
            raise SourceError(error) from error

    def _check_wanted(self, error: SeederError) -> None:
        """Raises what ends a body that is not to go on."""
        if self._tools.streams.is_stopped:
            raise error
        if not self._blob.is_wanted():
            raise UnwantedError(f"nobody waits for the blob {self._blob.digest} any more") from error

    def _opened(self) -> OpenBlob:
        """The answer that is being read; a new one, from the offset on, where there is none."""
        if self._current is None:
            self._current = found = self._fitting(self._asked())
            self._tools.streams.began(found, self._blob.is_wanted)
            found.skip(self._offset - found.start)
        return self._current

    def _fitting(self, found: OpenBlob) -> OpenBlob:
        source = self._sources[0]
        if found.total is not None and found.total != self._blob.size:
            found.close()
            raise DigestMismatchError(
                f"blob {self._blob.digest} of {source.name} has {found.total} bytes, not {self._blob.size}",
                where=source.host,
            )
        if source.mirror is not None:
            self._mirrors.append(source.mirror)
        return found

    def _left(self, error: SeederError) -> bool:
        """Goes on to the next one; False for the last."""
        if len(self._sources) == 1:
            return False
        left = self._sources.pop(0)
        if left.mirror is not None:
            self._tools.client.mirror_failed(left.mirror, error)
        return True

    def _asked(self) -> OpenBlob:
        self._tools.streams.check()
        source = self._sources[0]
        blobs = self._tools.client.blobs(source.reference, source.mirror)
        try:
            return blobs.open(self._blob.digest, start=self._offset, policy=_ONCE)
        except RegistryError as error:
            # A source that cannot go on from there can still send all of it again.
            if error.status != 416 and error.code != "range":
                raise
        return blobs.open(self._blob.digest, policy=_ONCE)

    def _check(self) -> None:
        found = self._hash.hexdigest()
        if found == self._blob.digest.hex:
            self.is_complete = True
            self._tools.attempts.settled(self._blob.sources[-1].registry, self._blob.digest)
            return
        error = DigestMismatchError(
            f"{self._sources[0].name} sent other bytes for the blob {self._blob.digest}, {found[:12]}…",
            where=self._sources[0].host,
            hint="a proxy or the registry changes content; nothing of it was kept",
        )
        for mirror in self._mirrors:
            self._tools.client.mirror_failed(mirror, error)
        if self._mirrors:
            raise AgainError
        raise SourceError(error)
