"""What a plan is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import targets
from seeder.errors import SeederError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.digest import Digest
from seeder.model.outcome import Failed
from seeder.model.pin import Pin
from seeder.model.placed import Placed
from seeder.model.platform import Platform

_Asked = tuple[tuple[Platform, ...], bool]


class Wanted(Placed, frozen=True, kw_only=True):
    """`platforms` and `trims` are those of `Copy`. `earlier` is the pin that the lock had before this run; `referrers`
    says that what refers to the image comes too, of which nobody knows yet how much it is.
    """

    platforms: tuple[Platform, ...] = ()
    trims: bool = False
    earlier: Pin | None = None
    referrers: bool = False

    @property
    def is_child_wanted(self) -> bool:
        """Whether one child stands in for the whole index."""
        return self.pin.descriptor.is_index and len(self.platforms) == 1

    @property
    def is_new(self) -> bool:
        """Whether the lock had no pin, or another one, before this run."""
        return self.earlier is None or self.earlier.descriptor.digest != self.pin.descriptor.digest

    def failed(self, error: SeederError) -> Failed:
        """The outcome where it is known before anything is copied that it cannot be."""
        return Failed(of=self, error=error, required=self.required)


class Known(Struct, frozen=True, kw_only=True):
    """What is known of a wanted image before anything is fetched.

    `root` is the digest that is to stand at the destination, None where an index has to be read first; `present`
    whether it does; `tags` what stands under the destination's tags. `children` is how many manifests the index
    names (the trimmed one, where that is wanted), None where it was never read. `held` is how many of the manifests
    that a copy takes need no GET, since they are in the store.
    """

    root: Digest | None = None
    present: bool = False
    tags: Mapping[str, Digest] = field(default_factory=dict)
    children: int | None = None
    held: int = 0


def place(pin: Pin, catalog: Catalog, target: TargetSettings, earlier: Pin | None = None) -> Wanted:
    """Where a pin goes, and what of it; raises UsageError where it has no name there."""
    entry = catalog.entry(pin.reference)
    return Wanted(
        pin=pin,
        destination=targets.destination(pin.reference, pin.descriptor.digest, target, entry),
        platforms=catalog.platforms_for(pin.reference),
        required=catalog.requires(pin.reference),
        earlier=earlier,
        referrers=catalog.wants_referrers(pin.reference),
        trims=pin.descriptor.is_index and catalog.trims(pin.reference),
    )


def agreed(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """The same, where pins of one index in one repository ask for the same platforms: all that any of them asks for.

    They share tags, which can name one thing only.
    """
    found = tuple(wanted)
    asked: dict[tuple[str, Digest], set[_Asked]] = defaultdict(set)
    for want in found:
        asked[want.destination.repository, want.pin.descriptor.digest].add((want.platforms, want.trims))
    widest = {key: _widest(wishes) for key, wishes in asked.items()}
    return tuple(_agreed(want, widest[want.destination.repository, want.pin.descriptor.digest]) for want in found)


def _agreed(want: Wanted, asked: _Asked) -> Wanted:
    platforms, trims = asked
    return want if (want.platforms, want.trims) == asked else replace(want, platforms=platforms, trims=trims)


def _widest(asked: Collection[_Asked]) -> _Asked:
    """An index is trimmed where none of those who want several platforms wants the whole one."""
    if len(asked) == 1:
        return next(iter(asked))
    if any(not platforms for platforms, _ in asked):
        return (), False
    trims = [trims for platforms, trims in asked if len(platforms) > 1]
    return tuple(sorted({platform for platforms, _ in asked for platform in platforms})), bool(trims) and all(trims)
