"""How a source is named at a destination: a module per kind of target, and a line in `TARGETS` (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from seeder.errors import UsageError
from seeder.model.catalog import ImageEntry, TargetKind, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Occurrence
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from seeder.targets import oci_layout, registry
from seeder.targets.registry import plain_tag, rooted, spelled, suffixed, unsuffixed

__all__ = [
    "TARGETS",
    "Target",
    "check",
    "destination",
    "original",
    "plain_tag",
    "refusal",
    "rooted",
    "spelled",
    "suffixed",
    "unsuffixed",
]


class Target(Protocol):
    """What a kind of target knows."""

    def destination(
        self, reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None
    ) -> Destination: ...

    def original(self, reference: ImageReference, target: TargetSettings) -> ImageReference | None: ...

    def refusal(self, occurrence: Occurrence, target: TargetSettings) -> str: ...


TARGETS: Mapping[TargetKind, Target] = {TargetKind.REGISTRY: registry, TargetKind.OCI_LAYOUT: oci_layout}

# Kinds that the catalog knows and that are not served yet: why, and what to use instead.
_LATER = {
    TargetKind.OCI_CACHE: (
        "seeder cannot fill Educates' shared image cache, which is read-only for everyone",
        "use a target of kind registry, and name its host as the cache's upstream "
        "(environment.images.registries[].urls in the Workshop)",
    )
}


def check(target: TargetSettings, *, where: str) -> None:
    """Raises UsageError for a kind that is not served yet, with what to use instead."""
    if target.kind in _LATER:
        why, instead = _LATER[target.kind]
        raise UsageError(f"targets.{target.name}.kind: {why}", hint=instead, where=where, code="not-yet")


def destination(
    reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None = None
) -> Destination:
    """Where a pin goes: `digest` is the pin's. Raises UsageError, with the `as:` remedy where no name fits."""
    return TARGETS[target.kind].destination(reference, digest, target, entry)


def original(reference: ImageReference, target: TargetSettings) -> ImageReference | None:
    """What a name at the target was made from; None for a name that the layout never makes."""
    rules = TARGETS.get(target.kind)
    return rules.original(reference, target) if rules else None


def refusal(occurrence: Occurrence, target: TargetSettings) -> str:
    """Why this place must not get the target's host; empty if it may."""
    return TARGETS[target.kind].refusal(occurrence, target)
