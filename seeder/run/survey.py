"""What is known of wanted images before anything is fetched: asked at the target, never at the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from seeder import targets
from seeder.checked import CheckedRoots
from seeder.errors import SeederError, UnreachableError
from seeder.model.copy import Destination
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.plan import Standing, Wanted, past_digests
from seeder.registry.client import Client
from seeder.run.roots import Known, Roots
from seeder.store import ManifestStore
from seeder.threads import Early

WORKERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """By reference: what is known, and what could not be found out."""

    standing: Mapping[ImageReference, Standing] = field(default_factory=dict)
    failures: Mapping[ImageReference, SeederError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Thread-safe. With `update` tags may move, so that what stands under those of a new pin does not matter.

    `spares` says that whoever copies takes manifests from the store where it has them.
    """

    client: Client
    store: ManifestStore
    checked: CheckedRoots = field(default_factory=CheckedRoots)
    update: bool = False
    spares: bool = True

    def early(self) -> Early[Wanted, Standing]:
        """Looks at what is begun, as many at once as a target should bear."""
        return Early(self.look, WORKERS)

    def survey(self, wanted: Iterable[Wanted], early: Early[Wanted, Standing]) -> Survey:
        """Asks for all at once, save for what was begun early.

        A target that cannot be reached is asked no further: all that is left fails with it.
        """
        todo = {want.pin.reference: want for want in wanted}
        standing: dict[ImageReference, Standing] = {}
        failures: dict[ImageReference, SeederError] = {}
        for want in todo.values():
            early.begin(want)
        for reference, want in todo.items():
            try:
                standing[reference] = early.take(want)
            except UnreachableError as error:
                early.close()
                lost = dict.fromkeys(todo.keys() - standing.keys(), error)
                return Survey(standing=standing, failures={**lost, **failures})
            except SeederError as error:
                failures[reference] = error
        return Survey(standing=standing, failures=failures)

    def look(self, want: Wanted) -> Standing:
        """Raises what the target answers, and RegistryError where the image has no such platform."""
        known = self._roots.find(want)
        root = known.root
        if self.update and want.is_new and (root is None or not self._stands(want, root)):
            return self._missing(want, known)
        destination = targets.rooted(want.destination, root)
        plain = targets.plain_tag(destination)
        first = [plain] if plain is not None and root is not None else list(destination.tags)
        tags = self._tags(destination, first)
        present = root is not None and (root in tags.values() or self._stands(want, root))
        if root is not None and present:
            tags |= self._other_tags(destination, root, tags)
        tags |= self._past_tags(want, root, tags)
        if not present:
            return replace(self._missing(want, known), tags=tags)
        return Standing(root=root, present=True, tags=tags, children=known.children)

    def without_target(self, want: Wanted) -> Standing:
        """What lock and store alone tell."""
        return self._missing(want, self._roots.known(want))

    def _missing(self, want: Wanted, known: Known) -> Standing:
        held = self._roots.held(want, known.root) if self.spares else 0
        return Standing(root=known.root, children=known.children, held=held)

    @property
    def _roots(self) -> Roots:
        return Roots(self.client, self.store)

    def _tags(self, destination: Destination, tags: Iterable[str]) -> dict[str, Digest]:
        found = {}
        for tag in tags:
            stands = self.client.find_manifest(replace(destination.place, tag=tag))
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
        return self.client.find_manifest(want.destination.place.at(digest)) is not None
