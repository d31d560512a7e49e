"""Where the requests for a repository go."""

from __future__ import annotations

from msgspec import Struct

from seeder.model.reference import HUB, HUB_ALIASES, ImageReference

# docker.io is a name in references and no API host (docker/cli#3793).
HUB_HOST = "registry-1.docker.io"


class Endpoint(Struct, frozen=True, kw_only=True):
    """A repository on the wire: `host` with its port, `repository` below it.

    `insecure` allows unknown certificates and, where no TLS answers, plain HTTP. `name` is what people call it.
    """

    host: str
    repository: str
    insecure: bool = False
    name: str = ""

    @classmethod
    def of(cls, reference: ImageReference, *, insecure: bool = False) -> Endpoint:
        """The place that a reference itself names."""
        host = HUB_HOST if reference.registry == HUB else reference.registry
        return cls(host=host, repository=reference.repository, insecure=insecure, name=reference.name)

    @classmethod
    def at(cls, location: str, name: str, *, insecure: bool) -> Endpoint:
        """The place that a location (`host[:port]/path`) of registries.conf names."""
        host, _, repository = location.partition("/")
        wire = HUB_HOST if host in HUB_ALIASES else host
        return cls(host=wire, repository=repository, insecure=insecure, name=name)

    def __str__(self) -> str:
        return self.name or f"{self.host}/{self.repository}"
