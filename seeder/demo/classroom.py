"""A class that pulls: every learner's Docker daemon by itself, and the cluster's nodes with their caches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from seeder.errors import DigestMismatchError, SeederError
from seeder.model.occurrence import Occurrence, Puller
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.registries_conf import RegistriesConf, Registry
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources

LEARNERS = 25
NODES = 3
PULLS_PER_IMAGE = 2  # manifest GETs of one platform of an image: its index, then its manifest
_PLATFORM = Platform("linux", "amd64")


class Needs(Struct, frozen=True, kw_only=True):
    """What a class pulls: images that each learner's session pulls for itself, and those that each node pulls once."""

    learner: tuple[ImageReference, ...]
    node: tuple[ImageReference, ...]

    @classmethod
    def of(cls, occurrences: Iterable[Occurrence], registries: Iterable[str]) -> Needs:
        """What some registries are asked for. Pods are a node's business; all else happens in a learner's session."""
        asked = frozenset(registries)
        learner: dict[ImageReference, None] = {}
        node: dict[ImageReference, None] = {}
        for occurrence in occurrences:
            reference = occurrence.reference
            if occurrence.pulled and reference is not None and reference.registry in asked:
                (node if occurrence.pulled_by is Puller.KUBELET else learner)[reference] = None
        return cls(learner=tuple(learner), node=tuple(node))

    @property
    def pulls(self) -> int:
        """Manifest GETs of the whole class."""
        return PULLS_PER_IMAGE * (LEARNERS * len(self.learner) + NODES * len(self.node))

    def sessions(self) -> Iterator[tuple[str, tuple[ImageReference, ...]]]:
        """Who pulls what, one after another: the nodes, then the learners."""
        yield from ((f"node {number}", self.node) for number in range(1, NODES + 1))
        yield from ((f"learner {number}", self.learner) for number in range(1, LEARNERS + 1))


class Lesson(Struct, frozen=True, kw_only=True):
    """How it went: images that were pulled whole, and who was refused first, and why."""

    pulled: int
    refused: str = ""
    error: SeederError | None = None


class Classroom(Struct, frozen=True):
    """`places` says where a name's registry really is, as DNS and the nodes' own settings would."""

    places: RegistriesConf

    @classmethod
    def of(cls, addresses: Mapping[str, str]) -> Classroom:
        """A classroom on this machine, by each registry's name and its address here."""
        tables = [Registry(prefix=name, location=address, insecure=True) for name, address in addresses.items()]
        return cls(RegistriesConf(registries=tuple(tables)))

    def attend(self, needs: Needs) -> Lesson:
        """Everybody pulls, until all have everything or one is refused."""
        pulled = 0
        for who, references in needs.sessions():
            client = Client(Sources(conf=self.places), policy=Policy(attempts=1))
            try:
                for reference in references:
                    _pull(client, reference)
                    pulled += 1
            except SeederError as error:
                return Lesson(pulled=pulled, refused=who, error=error)
            finally:
                client.close()
        return Lesson(pulled=pulled)


def _pull(client: Client, reference: ImageReference) -> None:
    """As a container runtime does: look, index, manifest of the platform, then each blob, everything checked."""
    named = reference if reference.digest else reference.at(client.head_manifest(reference).digest)
    manifest = client.get_manifest(named)
    child = manifest.for_platform(_PLATFORM)
    if child is not None:
        named = named.at(child.digest)
        manifest = client.get_manifest(named)
    for blob in manifest.blobs():
        hashed = hashlib.new(blob.digest.algorithm)
        with client.blobs(named).open(blob.digest) as body:
            while piece := body.read(1 << 20):
                hashed.update(piece)
        if hashed.hexdigest() != blob.digest.hex:
            raise DigestMismatchError(f"blob {blob.digest} of {reference} has other bytes")
