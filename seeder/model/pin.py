"""Pins and the lock: which digest each reference stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

# Digests that a pin remembers: a target that missed more updates than these needs `sync --update`.
EARLIER = 5


class PlatformPin(Struct, frozen=True, kw_only=True):
    """One platform of an image: its manifest's digest, and the bytes of config and layers."""

    digest: Digest
    size: int


class Pin(Struct, frozen=True, kw_only=True):
    """A reference and what it named when it was asked.

    `platforms` is empty until a manifest was read. `served` names, by target, the digest that seeder itself wrote
    there where it is another (a converted manifest, a trimmed index). `earlier` are the digests that the tag named
    before, the newest first: by them a target that still serves one is known as ours. `referrers` are the manifests
    that the last run found beside the image and brought, sorted.
    """

    reference: ImageReference
    descriptor: Descriptor
    platforms: Mapping[Platform, PlatformPin] = field(default_factory=dict)
    served: Mapping[str, Digest] = field(default_factory=dict)
    earlier: tuple[Digest, ...] = ()
    referrers: tuple[Digest, ...] = ()

    def __hash__(self) -> int:
        return hash((self.reference, self.descriptor))

    def moved_from(self, old: Pin) -> Pin:
        """The pin with what the reference was pinned to before."""
        known = dict.fromkeys((old.descriptor.digest, *old.earlier))
        known.pop(self.descriptor.digest, None)
        return replace(self, earlier=tuple(known)[:EARLIER])

    def serving(self, target: str, root: Digest | None) -> Pin:
        """The pin with what seeder made for a target; None where it copied what is pinned, or a child of it."""
        others = {name: digest for name, digest in self.served.items() if name != target}
        return replace(self, served=others if root is None else {**others, target: root})

    def child(self, platform: Platform) -> PlatformPin | None:
        """What is known of a wanted platform."""
        meant = platform.among(self.platforms)
        return self.platforms[meant] if meant is not None else None

    def lacks(self, wanted: Iterable[Platform]) -> list[Platform]:
        """Those of the wanted platforms of which nothing is known."""
        return [platform for platform in wanted if self.child(platform) is None]

    def root(self, target: str, platforms: Sequence[Platform], *, trims: bool = False) -> Digest | None:
        """The digest that stands at a target: what seeder served there, else the one platform's child, else the pin's.

        `platforms` is empty for all. None where one platform of an index is wanted, or a trimmed index (`trims`), and
        the index was not read yet.
        """
        if target in self.served:
            return self.served[target]
        if trims and self.descriptor.is_index:
            return None
        if len(platforms) != 1 or not self.descriptor.is_index:
            return self.descriptor.digest
        child = self.child(platforms[0])
        return child.digest if child is not None else None


class Lock(Struct, frozen=True):
    """The pins of a catalog, sorted by reference, one a reference."""

    pins: tuple[Pin, ...] = ()

    @classmethod
    def of(cls, pins: Mapping[ImageReference, Pin]) -> Lock:
        return cls(tuple(pins[reference] for reference in sorted(pins, key=str)))

    def by_reference(self) -> dict[ImageReference, Pin]:
        return {pin.reference: pin for pin in self.pins}

    def onto(self, found: Lock, known: Lock) -> Lock:
        """This lock, that came of `known`, put upon what is `found` now: what others did meanwhile stays.

        Where both moved a pin, this one counts, and remembers the other.
        """
        ours, theirs, before = self.by_reference(), found.by_reference(), known.by_reference()
        merged = {each: _merged(ours.get(each), theirs.get(each), before.get(each)) for each in ours.keys() | theirs}
        return Lock.of({reference: pin for reference, pin in merged.items() if pin is not None})

    def __iter__(self) -> Iterator[Pin]:
        return iter(self.pins)


def _merged(ours: Pin | None, theirs: Pin | None, before: Pin | None) -> Pin | None:
    if _digest(theirs) == _digest(before):
        return ours
    if theirs is None or ours is None or _digest(ours) == _digest(before):
        return theirs
    return ours.moved_from(theirs)


def _digest(pin: Pin | None) -> Digest | None:
    return pin.descriptor.digest if pin is not None else None
