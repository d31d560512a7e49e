"""Keys of the catalog that are known and not yet served, and what to do instead: one line each.

Whoever brings a feature takes its line out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from seeder.errors import UsageError
from seeder.model.catalog import Catalog, TargetKind, TargetSettings


class Later(Struct, frozen=True, kw_only=True):
    """`paths` yields the keys that use the feature."""

    paths: Callable[[Catalog, TargetSettings], Iterable[str]]
    says: str
    instead: str


def _kind(kind: TargetKind) -> Callable[[Catalog, TargetSettings], Iterable[str]]:
    return lambda _, target: [f"targets.{target.name}.kind"] if target.kind is kind else []


LATER = (
    Later(
        paths=_kind(TargetKind.OCI_CACHE),
        says="seeder cannot fill Educates' shared image cache, which is read-only for everyone",
        instead="use a target of kind registry, and name its host as the cache's upstream "
        "(environment.images.registries[].urls in the Workshop)",
    ),
)


def check(catalog: Catalog, target: TargetSettings, *, where: str) -> None:
    """Raises UsageError where catalog and target ask for what is not there yet, with what to do instead."""
    for later in LATER:
        path = next(iter(later.paths(catalog, target)), None)
        if path is not None:
            raise UsageError(f"{path}: {later.says}", hint=later.instead, where=where, code="not-yet")
