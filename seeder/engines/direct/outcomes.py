"""How a copy ended, as outcomes, with what was learnt of the image on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seeder.engines.direct.graph import Node
from seeder.errors import DeferredError, EngineError, SeederError
from seeder.manifests import sized
from seeder.model.copy import Copy, Outcome, Result
from seeder.model.digest import Digest
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform

Platforms = Mapping[Platform, PlatformPin]


def copied(copy: Copy, root: Digest, platforms: Platforms, *, confirmed: bool) -> Outcome:
    """A copy that stands at the target; `platforms` is what was learnt for its pin."""
    return Outcome(
        reference=copy.pin.reference,
        result=Result.COPIED,
        destination=replace(
            copy.destination, tags=tuple(tag for tag in copy.destination.tags if tag not in copy.leaves)
        ),
        pin=replace(copy.pin, platforms=dict(sorted({**copy.pin.platforms, **platforms}.items()))),
        root=root,
        required=copy.required,
        confirmed=confirmed,
    )


def failed(copy: Copy, error: SeederError) -> Outcome:
    """A copy that did not come about: put off where the quota is why, else failed."""
    return Outcome(
        reference=copy.pin.reference,
        result=Result.DEFERRED if isinstance(error, DeferredError) else Result.FAILED,
        destination=copy.destination,
        pin=copy.pin,
        required=copy.required,
        error=error,
    )


def too_slow(copy: Copy, seconds: float) -> EngineError:
    return EngineError(
        f"copying {copy.source} took longer than {seconds:g} s",
        hint="look at the network, or at the size of the image; --image-timeout gives it more time",
        code="timeout",
    )


def platforms_below(index: Node, copy: Copy) -> Platforms:
    """The platforms of an index that the copy wants, with the sizes of those children that were read."""
    read = {child.digest: child.manifest for child in index.children}
    wanted = copy.platforms
    return {
        child.platform: sized(read[child.digest])
        for child in reversed(index.manifest.children())
        if child.platform is not None
        and child.digest in read
        and not child.is_attestation
        and not child.is_index
        and (not wanted or any(platform.accepts(child.platform) for platform in wanted))
    }
