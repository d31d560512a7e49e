"""What is known of wanted images before anything is fetched: asked at the target, never at the source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

from seeder import targets
from seeder.checked import CheckedRoots
from seeder.errors import SeederError, UnreachableError
from seeder.model.copy import Destination
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.plan import Standing, Wanted, past_digests
from seeder.platforms import missing_platform
from seeder.registry.client import Client
from seeder.store import ManifestStore
from seeder.threads import each

WORKERS = 32
_CONFIG_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """By reference: what is known, and what could not be found out."""

    standing: Mapping[ImageReference, Standing] = field(default_factory=dict)
    failures: Mapping[ImageReference, SeederError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Thread-safe. With `update` tags may move, so that what stands under those of a new pin does not matter."""

    client: Client
    store: ManifestStore
    checked: CheckedRoots = field(default_factory=CheckedRoots)
    update: bool = False

    def survey(self, wanted: Iterable[Wanted], look: Callable[[Wanted], Standing] | None = None) -> Survey:
        """Asks for all at once. A target that cannot be reached is asked no further: all that is left fails with it.

        `look` replaces our own, where some answers are there already.
        """
        todo = {want.pin.reference: want for want in wanted}
        standing: dict[ImageReference, Standing] = {}
        failures: dict[ImageReference, SeederError] = {}
        with closing(each(look or self.look, todo.values(), WORKERS)) as results:
            for want, found in results:
                if isinstance(found, UnreachableError):
                    return Survey(
                        standing=standing, failures={**dict.fromkeys(todo.keys() - standing.keys(), found), **failures}
                    )
                if isinstance(found, SeederError):
                    failures[want.pin.reference] = found
                else:
                    standing[want.pin.reference] = found
        return Survey(standing=standing, failures=failures)

    def look(self, want: Wanted) -> Standing:
        """Raises what the target answers, and RegistryError where the image has no such platform."""
        index = self._index(want)
        root = self._root(want, index)
        children = len(index.children()) if index is not None else None
        if self.update and want.is_new and (root is None or not self._stands(want, root)):
            return Standing(root=root, children=children)
        destination = targets.rooted(want.destination, root)
        plain = targets.plain_tag(destination)
        first = [plain] if plain is not None and root is not None else list(destination.tags)
        tags = self._tags(destination, first)
        present = root is not None and (root in tags.values() or self._stands(want, root))
        if root is not None and present:
            tags |= self._other_tags(destination, root, tags)
        tags |= self._past_tags(want, root, tags)
        return Standing(root=root, present=present, tags=tags, children=children)

    def without_target(self, want: Wanted) -> Standing:
        """What lock and store alone tell."""
        index = self.store.get(want.pin.descriptor.digest) if want.pin.descriptor.is_index else None
        root = known_child(want, index) if want.is_child_wanted else want.pin.descriptor.digest
        return Standing(root=root, children=len(index.children()) if index is not None else None)

    def _index(self, want: Wanted) -> Manifest | None:
        """The index, if it is in the store, or at the target while the lock does not say which child is wanted."""
        if not want.pin.descriptor.is_index:
            return None
        digest = want.pin.descriptor.digest
        index = self.store.get(digest)
        if index is not None or (want.is_child_wanted and known_child(want, None) is not None):
            return index
        if not self._stands(want, digest):
            return None
        index = self.client.get_manifest(_place(want.destination, digest=digest), mirrors=False)
        self.store.put(index)
        return index

    def _root(self, want: Wanted, index: Manifest | None) -> Digest | None:
        if not want.is_child_wanted:
            return want.pin.descriptor.digest
        return known_child(want, index) or self._child_by_tag(want)

    def _child_by_tag(self, want: Wanted) -> Digest | None:
        """What stands under the tag that names the index's digest, if it is for the wanted platform.

        It is how a run without a store and with a lock that never saw the index (`pin`, then a pod) finds that all is
        there.
        """
        tag = want.destination.tags[-1]
        stands = self.client.find_manifest(_place(want.destination, tag=tag))
        if stands is None or stands.is_index:
            return None
        manifest = self.client.get_manifest(_place(want.destination, digest=stands.digest), mirrors=False)
        platform = self._platform(want.destination, manifest)
        return stands.digest if platform is not None and want.platforms[0].accepts(platform) else None

    def _platform(self, destination: Destination, manifest: Manifest) -> Platform | None:
        config = next(iter(manifest.blobs()), None)
        if config is None or config.size > _CONFIG_LIMIT:
            return None
        with self.client.blobs.open(_place(destination), config.digest) as blob:
            data = blob.read(config.size)
        try:
            told = json.loads(data)
            return Platform(str(told["os"]), str(told["architecture"]), str(told.get("variant") or ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _tags(self, destination: Destination, tags: Iterable[str]) -> dict[str, Digest]:
        found = {}
        for tag in tags:
            stands = self.client.find_manifest(_place(destination, tag=tag))
            if stands is not None:
                found[tag] = stands.digest
        return found

    def _other_tags(self, destination: Destination, root: Digest, found: Mapping[str, Digest]) -> dict[str, Digest]:
        """The tags but the plain one. Where the root is not there, none of them can name it, and none is asked for;
        where the image was checked today and the plain tag still names it, all of them do.
        """
        others = [tag for tag in destination.tags if tag not in found]
        if root in found.values() and self.checked.has(destination.repository, root):
            return dict.fromkeys(others, root)
        return self._tags(destination, others)

    def _past_tags(self, want: Wanted, root: Digest | None, tags: Mapping[str, Digest]) -> dict[str, Digest]:
        """What stands under the tags of earlier pins; asked only where the plain tag is not what is wanted."""
        plain = targets.plain_tag(want.destination)
        if plain is None or tags.get(plain) in {None, root}:
            return {}
        past = (targets.suffixed(plain, digest) for digest in past_digests(want))
        return self._tags(want.destination, [tag for tag in past if tag not in tags])

    def _stands(self, want: Wanted, digest: Digest) -> bool:
        return self.client.find_manifest(_place(want.destination, digest=digest)) is not None


def known_child(want: Wanted, index: Manifest | None) -> Digest | None:
    """The wanted child as lock or index tell it; raises RegistryError where the index has none."""
    platform = want.platforms[0]
    told = want.pin.platforms
    fitting = [told[platform]] if platform in told else [pin for has, pin in told.items() if platform.accepts(has)]
    if fitting:
        return fitting[0].digest
    if index is None:
        return None
    child = index.for_platform(platform)
    if child is None:
        raise missing_platform(want.pin.reference, index, platform)
    return child.digest


def _place(destination: Destination, *, tag: str | None = None, digest: Digest | None = None) -> ImageReference:
    return replace(ImageReference(destination.registry, destination.repository), tag=tag, digest=digest)
