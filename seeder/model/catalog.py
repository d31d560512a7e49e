"""The catalog: what to seed, from where, to where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property

from msgspec import Struct, field

from seeder.model.occurrence import Puller
from seeder.model.platform import Platform
from seeder.model.reference import HUB, ImageReference


class RewriteMode(StrEnum):
    NONE = "none"
    IN_PLACE = "in-place"
    OUTPUT_DIR = "output-dir"


class TargetKind(StrEnum):
    REGISTRY = "registry"
    OCI_LAYOUT = "oci-layout"
    OCI_CACHE = "oci-cache"


class IndexPolicy(StrEnum):
    """What several platforms of many mean: every child under the index's digest, or a trimmed index."""

    WHOLE = "whole"
    FILTERED = "filtered"


class ImageEntry(Struct, frozen=True, kw_only=True):
    """A reference of the catalog's `images`, and what is asked for it alone; None where the catalog's word holds.

    `destination` is the `as:` name: repository and, where given, tag at the target. `line` is the catalog's.
    """

    reference: ImageReference
    platforms: tuple[Platform, ...] | None = None
    referrers: bool = False
    required: bool = True
    destination: str | None = None
    index: IndexPolicy | None = None
    line: int = 0


class TargetSettings(Struct, frozen=True, kw_only=True):
    """A target of the catalog.

    `registry` is the name that is written into files, `push` the host that seeder talks to (with its port).
    `insecure` allows plain HTTP and unknown certificates there. `reached_by` is None where the catalog is silent.
    `store_lock` asks for the lock beside the images.
    """

    name: str
    kind: TargetKind = TargetKind.REGISTRY
    registry: str = ""
    push: str = ""
    prefix: str = ""
    insecure: bool = False
    reached_by: frozenset[Puller] | None = None
    path: str = ""
    store_lock: bool = False


class IgnoreRule(Struct, frozen=True, kw_only=True):
    """References (a glob over the canonical form) that are left alone, and why."""

    reference: str
    reason: str

    def matches(self, reference: ImageReference) -> bool:
        return fnmatchcase(str(reference.or_latest()), self.reference)


class Catalog(Struct, frozen=True, kw_only=True, dict=True):
    """A catalog as read: workshops are globs relative to the catalog's folder.

    `registries` are the sources that are rehosted (`*` for all). `platforms` is None where the catalog is silent:
    then everything is copied (see design, there is no silent default).
    """

    name: str
    workshops: tuple[str, ...] = ()
    images: tuple[ImageEntry, ...] = ()
    registries: tuple[str, ...] = (HUB,)
    platforms: tuple[Platform, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[TargetSettings, ...] = ()
    rewrite: RewriteMode = RewriteMode.NONE
    output_dir: str = ""
    index: IndexPolicy = IndexPolicy.WHOLE
    referrers: bool = False
    ignore: tuple[IgnoreRule, ...] = ()

    # Asked several times an image, and a catalog may have thousands.
    @cached_property
    def _entries(self) -> Mapping[ImageReference, ImageEntry]:
        return {entry.reference: entry for entry in reversed(self.images)}

    def rehosts(self, reference: ImageReference) -> bool:
        """Whether references of this registry are rehosted at all."""
        return "*" in self.registries or reference.registry in self.registries

    def ignored(self, reference: ImageReference) -> IgnoreRule | None:
        return next((rule for rule in self.ignore if rule.matches(reference)), None)

    def entry(self, reference: ImageReference) -> ImageEntry | None:
        """What `images` says of a reference, if it names it."""
        return self._entries.get(reference)

    def wants_referrers(self, reference: ImageReference) -> bool:
        """Whether signatures, SBOMs and attestations of an image are copied too."""
        entry = self.entry(reference)
        return self.referrers or (entry is not None and entry.referrers)

    @property
    def wants_any_referrers(self) -> bool:
        """Whether there may be an image whose referrers are copied too."""
        return self.referrers or any(entry.referrers for entry in self.images)

    def requires(self, reference: ImageReference) -> bool:
        """Whether an image that fails makes the run fail."""
        entry = self.entry(reference)
        return entry is None or entry.required

    def platforms_for(self, reference: ImageReference) -> tuple[Platform, ...]:
        """The platforms to copy; empty for all that there are."""
        entry = self.entry(reference)
        if entry is not None and entry.platforms is not None:
            return entry.platforms
        return self.platforms or ()

    def trims(self, reference: ImageReference) -> bool:
        """Whether an index is to be trimmed to the platforms; one platform needs no index."""
        entry = self.entry(reference)
        policy = entry.index if entry is not None and entry.index is not None else self.index
        return policy is IndexPolicy.FILTERED and len(self.platforms_for(reference)) > 1

    @property
    def trims_any(self) -> bool:
        """Whether any image may be one whose index is trimmed."""
        everywhere = self.index is IndexPolicy.FILTERED and len(self.platforms or ()) > 1
        return everywhere or any(self.trims(entry.reference) for entry in self.images)
