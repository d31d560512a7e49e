"""The plan: what is to be copied where, and what is not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import SeederError
from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Deferred, Failed, Outcome, Present, missed
from seeder.model.pin import PlatformPin
from seeder.model.placed import Destination, Placed
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


class Pulls(Struct, frozen=True, kw_only=True):
    """What a plan costs at a source that counts: manifest GETs."""

    at_least: int = 0
    assumed: int = 0
    exact: bool = True

    @classmethod
    def of(cls, copies: Iterable[Copy]) -> Pulls:
        """What copies cost together."""
        return sum((copy.pulls for copy in copies), cls())

    def __add__(self, other: Pulls) -> Pulls:
        return Pulls(
            at_least=self.at_least + other.at_least,
            assumed=self.assumed + other.assumed,
            exact=self.exact and other.exact,
        )


class Copy(Placed, frozen=True, kw_only=True):
    """One image to put at one destination.

    `platforms` is empty for everything that the index holds. With one platform the child that fits is copied in the
    index's stead, and `root` becomes known once the index was read. With `trims` an index that names the platforms
    alone is made and put in its stead; `root` is its digest, which nothing has at the source.

    `tags` are those of the destination's that are still to be put, `leaves` those that are another pin's and stay as
    they are. `present` says that the root stands there by digest, so that the source is not asked at all; `repair`
    that it does and lacks something below it, so that it is copied all the same. `pulls` is what the copy costs at the
    source, `size` the bytes of config and layers as far as known, `saved` those of them that need not
    move, since the target has them or another copy brings them; a plan that is carried out does not look for these.
    """

    platforms: tuple[Platform, ...] = ()
    trims: bool = False
    root: Digest | None = None
    tags: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    present: bool = False
    repair: bool = False
    pulls: Pulls = field(default_factory=Pulls)
    size: int | None = None
    saved: int = 0

    @property
    def source(self) -> ImageReference:
        """The pinned reference, by the digest that is to be read (of the index, until the child is known)."""
        root = None if self.trims else self.root
        return self.pin.reference.at(root or self.pin.descriptor.digest)

    @property
    def place(self) -> ImageReference:
        """Where it is to stand, on the host that seeder talks to, by digest once that is known."""
        return replace(self.destination.place, digest=self.root)

    def to(self, destination: Destination) -> Copy:
        """The same to a destination that is found to have more tags: these are to be put too."""
        more = tuple(tag for tag in destination.tags if tag not in self.destination.tags)
        return replace(self, destination=destination, tags=(*self.tags, *more))

    def standing(self, root: Digest) -> Present:
        """The outcome where the root stands at the target already, under all tags that are the copy's."""
        tags = tuple(tag for tag in self.destination.tags if tag not in self.leaves)
        destination = replace(self.destination, tags=tags)
        return Present(pin=self.pin, destination=destination, root=root, required=self.required)

    def copied(self, root: Digest, platforms: Mapping[Platform, PlatformPin] | None = None) -> Copied:
        """The outcome where it stands at the target now; `platforms` is what was learnt for its pin on the way."""
        there = self.standing(root)
        known = {**self.pin.platforms, **(platforms or {})}
        pin = replace(self.pin, platforms=dict(sorted(known.items())))
        return Copied(pin=pin, destination=there.destination, root=root, required=self.required)

    def failed(self, error: SeederError) -> Deferred | Failed:
        """The outcome where it did not come about."""
        return missed(self, error)


class Plan(Struct, frozen=True, kw_only=True):
    """What a run will do: copy these, leave those, and these cannot be (their outcomes are already known).

    `late` are those that a quota puts off, with what they will cost; their outcomes are among the settled.
    """

    copies: tuple[Copy, ...] = ()
    settled: tuple[Outcome, ...] = ()
    late: tuple[Copy, ...] = ()

    @property
    def pulls(self) -> Pulls:
        """What the copies cost."""
        return Pulls.of(self.copies)
