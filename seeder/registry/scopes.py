"""What a token is asked for: repositories and what is to be done there, several together where that saves requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from seeder.registry.endpoint import Endpoint

# Repositories in one token, which has to fit into a header. Docker Hub takes a `scope` for each, as pushes with mounts
# need it (docker/hub-feedback#2215 was a lapse, and mended); whoever does not is asked for one at a time.
_AT_ONCE = 16
_ASKED_TOGETHER = 4 * _AT_ONCE  # repositories that are likely to be asked for at the same time


class Scope(Struct, frozen=True, kw_only=True):
    """What is to be done: `actions` (`pull` or `pull,push`) in the endpoint's repository; pull in those of `also`."""

    endpoint: Endpoint
    actions: str = "pull"
    also: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        first = f"repository:{self.endpoint.repository}:{self.actions}"
        return (first, *(f"repository:{name}:pull" for name in self.also))


class Together:
    """Repositories whose pulls share a token: the names of all that are in one, by host and repository.

    A token may grant less than was asked for without a word (token.md); then the repository is parted from the others.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], tuple[str, ...]] = {}

    def add(self, host: str, repositories: Iterable[str]) -> None:
        """Neighbours get different tokens, so that the first to be asked for fetch all of them at the same time."""
        new = sorted({name for name in repositories if (host, name) not in self._names})
        for start in range(0, len(new), _ASKED_TOGETHER):
            some = new[start : start + _ASKED_TOGETHER]
            tokens = -(-len(some) // _AT_ONCE)
            for first in range(tokens):
                self._share(host, some[first::tokens])

    def _share(self, host: str, repositories: Sequence[str]) -> None:
        names = tuple(f"repository:{name}:pull" for name in repositories)
        self._names.update(((host, name), names) for name in repositories)

    def names(self, scope: Scope) -> tuple[str, ...]:
        """The scopes to ask for in place of a scope; empty where it is asked for alone."""
        if scope.actions != "pull" or scope.also:
            return ()
        return self._names.get((scope.endpoint.host, scope.endpoint.repository), ())

    def part(self, scope: Scope) -> None:
        key = (scope.endpoint.host, scope.endpoint.repository)
        if key in self._names:
            self._names[key] = ()
