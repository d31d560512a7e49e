"""Where a blob can be pulled from: mirrors of registries.conf before the repository that they are mirrors of."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.endpoint import Endpoint


class PullSource(Struct, frozen=True):
    """A repository, or a mirror of it."""

    reference: ImageReference
    mirror: Endpoint | None = None

    @property
    def name(self) -> str:
        return str(self.mirror) if self.mirror is not None else self.reference.name

    @property
    def host(self) -> str:
        return self.mirror.host if self.mirror is not None else self.reference.registry


def pull_sources(client: Client, sources: Iterable[ImageReference], digest: Digest, target: str) -> list[PullSource]:
    """All there are for a blob, the likeliest first. What the `target` has itself is read from there."""
    found: list[PullSource] = []
    for source in sources:
        mirrors = client.mirrors(source.at(digest)) if source.registry != target else ()
        found += [PullSource(source, mirror) for mirror in mirrors]
        found.append(PullSource(source))
    return found
