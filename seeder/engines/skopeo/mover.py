"""One image from source to target: the child if one is wanted, skopeo for the bytes, our client for the tags."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from seeder import process, selection, targets
from seeder.engines import nesting
from seeder.engines.allowance import Allowance
from seeder.engines.skopeo import command, messages
from seeder.engines.skopeo.binary import Binary
from seeder.engines.skopeo.command import Job
from seeder.engines.skopeo.messages import NestedIndexError, Sides
from seeder.engines.skopeo.surroundings import Surroundings
from seeder.errors import EngineError, QuotaError, SeederError, ThrottledError
from seeder.manifests import ManifestReader, check_sizes
from seeder.model.copy import Copy
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.outcome import Outcome
from seeder.model.quota import LATER
from seeder.model.reference import ImageReference
from seeder.process import Cancellation, Limits, ProcessError, ProgramCancelledError, ProgramTimeoutError
from seeder.registry.client import Client


class Mover(Struct, frozen=True, kw_only=True):
    """What every image of a run shares. `binary` is None where only tags are to be put."""

    client: Client
    reader: ManifestReader
    binary: Binary | None
    around: Surroundings
    insecure_hosts: frozenset[str]
    timeout: float | None
    cancellation: Cancellation
    allowance: Allowance

    def move(self, copy: Copy) -> Outcome:
        """Raises SeederError where it does not come about; tags that stand then are those that were complete."""
        if self.cancellation.is_cancelled:
            raise _stopped(copy)
        if copy.present:
            return copy.copied(self._put_tags(copy, copy.tags).descriptor.digest)
        with self.allowance.granted(copy):
            rooted, pulls = self._rooted(copy)
            already = not rooted.repair and self._stands(rooted.place)
            if not already:
                pulls += self._bring(rooted)
        manifest = self._put_tags(rooted, rooted.tags if already else _others(rooted))
        return replace(rooted.copied(manifest.descriptor.digest), pulls=pulls)

    def _rooted(self, copy: Copy) -> tuple[Copy, int]:
        """The copy with the digest that is to stand at the target (the child's, where one platform is wanted), and the
        pulls that it took to know it.
        """
        if copy.trims:
            raise EngineError(
                f"skopeo cannot trim the index of {copy.pin.reference} (`index: filtered`)",
                hint="use the direct engine: leave --engine out",
            )
        if copy.root is not None:
            return copy, 0
        root, read = copy.pin.descriptor.digest, 0
        if len(copy.platforms) == 1:
            root, read = self._child(copy)
        return replace(copy.to(targets.rooted(copy.destination, root)), root=root), read

    def _child(self, copy: Copy) -> tuple[Digest, int]:
        paid: list[ImageReference] = []
        index = self._read(copy.source, paid)
        child = selection.child(copy.pin.reference, index, copy.platforms[0])
        check_sizes(self.client, copy.pin.reference, [child])
        return child.digest, len(paid)

    def _read(self, source: ImageReference, paid: list[ImageReference]) -> Manifest:
        """A manifest from the store, else from the source; then it is among the paid."""
        return self.reader.read(source, before_pull=lambda: paid.append(source))

    def _stands(self, place: ImageReference) -> bool:
        """Whether a manifest stands at the target by now; it costs no pull."""
        return self.client.find_manifest(place) is not None

    def _bring(self, copy: Copy) -> int:
        """Has all of it stand at the target, under the first tag. Returns the pulls that it took."""
        known, wasted = self.reader.store.get(_root(copy)), 0
        if known is None or not nesting.is_nested(known):
            try:
                self._run_skopeo(copy, copy.source, _tagged(copy))
                return 1 + len(self._manifest(copy).children())
            except NestedIndexError as error:
                wasted = error.read
        return wasted + self._bring_in_parts(copy)

    def _bring_in_parts(self, copy: Copy) -> int:
        """Skopeo copies no index that names indexes: it gets the images, and indexes are read and put here."""
        paid: list[ImageReference] = []
        for digest, index in nesting.ordered(copy.source, lambda source: self._read(source, paid)).items():
            source, place = copy.source.at(digest), copy.place.at(digest)
            if index is not None:
                self.client.put_manifest(_tagged(copy) if digest == copy.root else place, index)
            elif copy.repair or not self._stands(place):
                self._run_skopeo(copy, source, place)
                paid.append(source)
        return len(paid)

    def _run_skopeo(self, copy: Copy, source: ImageReference, place: ImageReference) -> None:
        assert self.binary is not None  # noqa: S101 - only runs of tags alone have none, see the engine
        job = Job(
            source=source,
            destination=place,
            insecure_destination=copy.destination.registry in self.insecure_hosts,
        )
        throttled = _Throttled(self._source_host(copy))
        try:
            process.run(
                command.words(self.binary.path, self.around.options, str(self.around.authfile), job),
                stdin=b"" if self.around.stdin is None else self.around.stdin,
                environment=self.around.environment,
                limits=Limits(timeout=self.timeout),
                on_stderr=throttled.hear,
                cancellations=(self.cancellation, throttled.cancellation),
            )
        except ProcessError as error:
            raise self._meaning(copy, error, throttled=throttled.is_heard) from error

    def _source_host(self, copy: Copy) -> str:
        return self.client.endpoint(copy.source).host

    def _meaning(self, copy: Copy, error: ProcessError, *, throttled: bool) -> SeederError:
        if isinstance(error, ProgramTimeoutError):
            # Without the program's last words: they are of debugging, and may name an upload session.
            return EngineError(
                f"copying {copy.source} took longer than {self.timeout or 0:g} s",
                hint="look at the network and at the size of the image; --image-timeout SECONDS gives it longer",
                code="timeout",
            )
        if isinstance(error, ProgramCancelledError) and not throttled:
            return _stopped(copy)
        sides = self._sides(copy)
        found = messages.error(messages.fault(error.stderr), sides)
        if throttled or (isinstance(found, ThrottledError) and found.where == sides.source_host):
            return self._which_limit(copy)
        return found

    def _which_limit(self, copy: Copy) -> SeederError:
        """A 429 is the pull quota where a HEAD, which is free, says that nothing is left; else it asks for patience."""
        source = copy.pin.reference.registry
        try:
            quota = self.client.quota(copy.source, fresh=True)
        except SeederError as error:
            return error
        if quota is not None and quota.remaining <= 0:
            return QuotaError(
                f"{source} says that its pull quota is spent (0 of {quota.limit} left)",
                hint=LATER,
                where=source,
            )
        return ThrottledError(
            f"{source} answered too many requests while {copy.source} was copied", where=source, status=429
        )

    def _sides(self, copy: Copy) -> Sides:
        return Sides(
            source=str(copy.source),
            source_host=self._source_host(copy),
            destination=f"{copy.place.name}:{_first(copy)}",
            target_host=copy.destination.registry,
            target=copy.destination.target,
        )

    def _put_tags(self, copy: Copy, tags: tuple[str, ...]) -> Manifest:
        """Tags by one PUT each of the manifest that stands at the target; the plain tag comes last."""
        manifest = self._manifest(copy)
        for tag in reversed(tags):
            self.client.put_manifest(replace(copy.place, tag=tag, digest=None), manifest)
        return manifest

    def _manifest(self, copy: Copy) -> Manifest:
        """The root's bytes, from the target where they are not at hand: what stands there is thereby checked."""
        manifest = self.reader.store.get(_root(copy))
        if manifest is None:
            manifest = self.client.get_manifest(copy.place)
            self.reader.store.put(manifest)
        return manifest


class _Throttled:
    """Listens to skopeo's stderr and ends it at the first sign that the source answers 429."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.cancellation = Cancellation()

    @property
    def is_heard(self) -> bool:
        return self.cancellation.is_cancelled

    def hear(self, line: str) -> None:
        if messages.throttled_host(line) == self._host:
            self.cancellation.cancel()


def _stopped(copy: Copy) -> EngineError:
    return EngineError(f"copying {copy.source} was stopped", code="stopped")


def _first(copy: Copy) -> str:
    """The tag that skopeo puts: the one that names the digest, so that the plain tag moves to what is whole."""
    return copy.tags[-1] if copy.tags else copy.destination.tags[-1]


def _root(copy: Copy) -> Digest:
    assert copy.root is not None  # noqa: S101 - see Mover._rooted
    return copy.root


def _tagged(copy: Copy) -> ImageReference:
    return replace(copy.place, tag=_first(copy), digest=None)


def _others(copy: Copy) -> tuple[str, ...]:
    return tuple(tag for tag in copy.tags if tag != _first(copy))
