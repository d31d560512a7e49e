"""Where a blob can be read: mirrors of registries.conf before the repository that they are mirrors of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository, or a mirror of it."""

    reference: ImageReference
    mirror: Endpoint | None = None

    @property
    def name(self) -> str:
        return str(self.mirror) if self.mirror is not None else self.reference.name

    @property
    def host(self) -> str:
        return self.mirror.host if self.mirror is not None else self.reference.registry


@dataclass(frozen=True, slots=True)
class Origins:
    """Thread-safe. A mirror that failed is asked no more in this run; that it lacks a blob is no failure."""

    client: Client
    _failed: set[str] = field(default_factory=set)

    def of(self, sources: Iterable[ImageReference], digest: Digest, target: str) -> list[Origin]:
        """All there are, the likeliest first. What the `target` has itself is read from there."""
        found: list[Origin] = []
        for source in sources:
            mirrors = self.client.mirrors(source.at(digest)) if source.registry != target else ()
            found += [Origin(source, mirror) for mirror in mirrors if mirror.host not in self._failed]
            found.append(Origin(source))
        return found

    def failed(self, origin: Origin) -> None:
        self._failed.add(origin.host)
