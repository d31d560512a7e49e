"""What is known of wanted images before anything is fetched: asked at the target, never at the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder import targets
from seeder.early import Early
from seeder.errors import SeederError, UnreachableError
from seeder.manifests import check_sizes
from seeder.model.copy import Copy, Plan
from seeder.model.digest import Digest
from seeder.model.outcome import Outcome
from seeder.model.placed import Destination
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import Known, Wanted, past_digests, plan
from seeder.run.roots import Roots
from seeder.run.session import Session

WORKERS = 32


class Survey(Struct, frozen=True, kw_only=True):
    """What is wanted and what is known of it, by reference; `failed` are those of which nothing could be found out.

    With `update` tags may move.
    """

    wanted: Mapping[ImageReference, Wanted] = field(default_factory=dict)
    known: Mapping[ImageReference, Known] = field(default_factory=dict)
    failed: tuple[Outcome, ...] = ()
    update: bool = False

    def plan(self, quotas: Mapping[str, Quota] | None = None) -> Plan:
        """What to do, as far as sources' quotas go (by registry); what failed is settled."""
        made = plan(self.wanted.values(), self.known, quotas=quotas, update=self.update)
        return replace(made, settled=(*self.failed, *made.settled))


class Surveyor(Struct, frozen=True, kw_only=True):
    """Thread-safe. With `update` tags may move, so that what stands under those of a new pin does not matter.

    `spares` says that whoever copies takes manifests from the store where it has them.
    """

    session: Session
    update: bool = False
    spares: bool = True

    def early(self) -> Early[Wanted, Known]:
        """Looks at what is begun, as many at once as a target should bear."""
        return Early(self.look, WORKERS)

    def survey(self, wanted: Iterable[Wanted], early: Early[Wanted, Known]) -> Survey:
        """Asks for all at once, save for what was begun early.

        A target that cannot be reached is asked no further: all that is left fails with it.
        """
        todo = tuple(wanted)
        lost: list[UnreachableError] = []

        def take(want: Wanted) -> Known:
            if lost:
                raise lost[0]
            try:
                return early.take(want)
            except UnreachableError as error:
                early.close()
                lost.append(error)
                raise

        for want in todo:
            early.begin(want)
        return self._survey(todo, take)

    def survey_without_target(self, wanted: Iterable[Wanted]) -> Survey:
        """What lock and store alone tell of each."""
        return self._survey(wanted, lambda want: self._missing(want, self._roots.known(want)))

    def _survey(self, wanted: Iterable[Wanted], look: Callable[[Wanted], Known]) -> Survey:
        found: dict[ImageReference, Wanted] = {}
        known: dict[ImageReference, Known] = {}
        failed = []
        for want in wanted:
            try:
                known[want.pin.reference] = look(want)
            except SeederError as error:
                failed.append(want.failed(error))
            else:
                found[want.pin.reference] = want
        return Survey(wanted=found, known=known, failed=tuple(failed), update=self.update)

    def look(self, want: Wanted) -> Known:
        """Raises what the target answers, and RegistryError where the image has no such platform, or is too large."""
        check_sizes(self.session.client, want.pin.reference, [want.pin.descriptor])
        known = self._roots.find(want)
        root = known.root
        if self.update and want.is_new and (root is None or not self._stands(want, root)):
            # What the tags name is not asked for, and most likely what they were given last.
            self._tell(want, past_digests(want)[1:])
            return self._missing(want, known)
        destination = targets.rooted(want.destination, root)
        plain = targets.plain_tag(destination)
        first = [plain] if plain is not None and root is not None else list(destination.tags)
        tags = self._tags(destination, first)
        present = root is not None and (root in tags.values() or self._stands(want, root))
        if root is not None and present:
            tags |= self._other_tags(destination, root, tags)
            self._tell(want, [root])
        tags |= self._past_tags(want, root, tags)
        self._tell(want, tags.values())
        if not present:
            return replace(self._missing(want, known), tags=tags)
        return replace(known, present=True, tags=tags)

    def sure(self, want: Wanted, known: Known) -> tuple[Copy, ...]:
        """What a plan will have of a new pin whatever else is wanted, but for its tags: a copy that no quota limits."""
        client, source = self.session.client, want.pin.reference
        if not want.is_new or known.present or not client.is_unlimited(source):
            return ()
        return plan([want], {source: known}, update=self.update).copies

    def _missing(self, want: Wanted, known: Known) -> Known:
        held = self._roots.held(want, known.root) if self.spares else 0
        return replace(known, held=held)

    def _tell(self, want: Wanted, roots: Iterable[Digest]) -> None:
        """Whoever copies may take blobs of these over."""
        for root in roots:
            self.session.homes.stands(want.destination.place, root)

    @property
    def _roots(self) -> Roots:
        return Roots(self.session.client, self.session.store)

    def _tags(self, destination: Destination, tags: Iterable[str]) -> dict[str, Digest]:
        found = {}
        for tag in tags:
            stands = self.session.client.find_manifest(replace(destination.place, tag=tag))
            if stands is not None:
                found[tag] = stands.digest
        return found

    def _other_tags(self, destination: Destination, root: Digest, found: Mapping[str, Digest]) -> dict[str, Digest]:
        """The tags but the plain one. Where the root is not there, none of them can name it, and none is asked for;
        where the image was checked today and the plain tag still names it, all of them do.
        """
        others = [tag for tag in destination.tags if tag not in found]
        if root in found.values() and self.session.checked.has(destination.repository, root):
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
        return self.session.client.find_manifest(want.destination.place.at(digest)) is not None
