"""The plan: what is to be copied where, and what is not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import DeferredError, SeederError
from seeder.model.digest import Digest
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


class Destination(Struct, frozen=True, kw_only=True):
    """A place at a target: `target` is its name in the catalog, `registry` the host that seeder pushes to.

    `tags` are put there in this order, the plain tag first; `written` is the host that goes into files.
    """

    target: str
    registry: str
    written: str
    repository: str
    tags: tuple[str, ...]

    @property
    def place(self) -> ImageReference:
        """The repository, on the host that seeder talks to; no tag and no digest."""
        return ImageReference(self.registry, self.repository)


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


class Copy(Struct, frozen=True, kw_only=True):
    """One image to put at one destination.

    `platforms` is empty for everything that the index holds. With one platform the child that fits is copied in the
    index's stead, and `root` becomes known once the index was read. With `trims` an index that names the platforms
    alone is made and put in its stead; `root` is its digest, which nothing has at the source.

    `tags` are those of the destination's that are still to be put, `leaves` those that are another pin's and stay as
    they are. `present` says that the root stands there by digest, so that the source is not asked at all; `repair`
    that it does and lacks something below it, so that it is copied all the same. `pulls` is what the copy costs at the
    source, `size` the bytes of config and layers as far as known.
    """

    pin: Pin
    destination: Destination
    platforms: tuple[Platform, ...] = ()
    trims: bool = False
    root: Digest | None = None
    required: bool = True
    tags: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    present: bool = False
    repair: bool = False
    pulls: Pulls = field(default_factory=Pulls)
    size: int | None = None

    @property
    def source(self) -> ImageReference:
        """The pinned reference, by the digest that is to be read (of the index, until the child is known)."""
        root = None if self.trims else self.root
        return self.pin.reference.at(root or self.pin.descriptor.digest)

    @property
    def place(self) -> ImageReference:
        """Where it is to stand, on the host that seeder talks to, by digest once that is known."""
        return replace(self.destination.place, digest=self.root)

    def copied(self, root: Digest | None, platforms: Mapping[Platform, PlatformPin] | None = None) -> Outcome:
        """The outcome where it stands at the target now; `platforms` is what was learnt for its pin on the way."""
        tags = tuple(tag for tag in self.destination.tags if tag not in self.leaves)
        known = {**self.pin.platforms, **(platforms or {})}
        return Outcome(
            reference=self.pin.reference,
            result=Result.COPIED,
            destination=replace(self.destination, tags=tags),
            pin=replace(self.pin, platforms=dict(sorted(known.items()))),
            root=root,
            required=self.required,
        )

    def failed(self, error: SeederError) -> Outcome:
        """The outcome where it did not come about: put off where the quota is why, else failed."""
        return Outcome(
            reference=self.pin.reference,
            result=Result.of(error),
            destination=self.destination,
            pin=self.pin,
            required=self.required,
            error=error,
        )


class Result(StrEnum):
    COPIED = "copied"
    PRESENT = "present"
    DEFERRED = "deferred"
    SKIPPED = "skipped"
    FAILED = "failed"

    @classmethod
    def of(cls, error: SeederError) -> Result:
        """What an error makes of an image: one that a spent quota stands in the way of is put off."""
        return cls.DEFERRED if isinstance(error, DeferredError) else cls.FAILED


class Outcome(Struct, frozen=True, kw_only=True):
    """How it went for one reference: `error` is set for failed and deferred, `reason` for skipped.

    `pin` is the pin as it is known now: with the platforms that were read and what was served. `root` is the digest
    that stands at the target under the tags. `pulls` are the manifest GETs that it took at the source. `confirmed`
    says that the target took every part of it in this run and named the same digests.
    """

    reference: ImageReference
    result: Result
    destination: Destination | None = None
    pin: Pin | None = None
    root: Digest | None = None
    required: bool = True
    error: SeederError | None = None
    reason: str = ""
    pulls: int = 0
    confirmed: bool = False

    @property
    def stands(self) -> bool:
        """Whether the image is at the target, by this run or by an earlier one."""
        return self.result in {Result.COPIED, Result.PRESENT}


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
