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
from seeder.targets.registry import plain_tag, rooted, spelled, suffixed

__all__ = [
    "TARGETS",
    "Target",
    "destination",
    "of",
    "original",
    "plain_tag",
    "refusal",
    "rooted",
    "spelled",
    "suffixed",
]


class Target(Protocol):
    """What a kind of target knows."""

    def destination(
        self, reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None
    ) -> Destination: ...

    def original(self, reference: ImageReference, target: TargetSettings) -> ImageReference | None: ...

    def refusal(self, occurrence: Occurrence, target: TargetSettings) -> str: ...


TARGETS: Mapping[TargetKind, Target] = {TargetKind.REGISTRY: registry, TargetKind.OCI_LAYOUT: oci_layout}

_INSTEAD = {
    TargetKind.OCI_CACHE: "name a `registry` target that the cache can use as its upstream",
}


def of(target: TargetSettings) -> Target:
    """The rules of a target's kind; raises UsageError for a kind that is known and not served yet."""
    rules = TARGETS.get(target.kind)
    if rules is None:
        raise UsageError(
            f"targets.{target.name}: kind {target.kind} is not supported yet",
            hint=_INSTEAD.get(target.kind, "name a `registry` target"),
        )
    return rules


def destination(
    reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None = None
) -> Destination:
    """Where a pin goes: `digest` is the pin's. Raises UsageError, with the `as:` remedy where no name fits."""
    return of(target).destination(reference, digest, target, entry)


def original(reference: ImageReference, target: TargetSettings) -> ImageReference | None:
    """What a name at the target was made from; None for a name that the layout never makes."""
    rules = TARGETS.get(target.kind)
    return rules.original(reference, target) if rules else None


def refusal(occurrence: Occurrence, target: TargetSettings) -> str:
    """Why this place must not get the target's host; empty if it may."""
    return of(target).refusal(occurrence, target)
