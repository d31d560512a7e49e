"""What refers to an image: signatures, SBOMs, attestations, found by the referrers API or by their tags.

distribution-spec, "Listing Referrers" and "Referrers Tag Schema"; cosign's SIGNATURE_SPEC.md for `.sig` and its kin.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TypeVar

from msgspec import Struct

from seeder.errors import SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.listing import Entry, entries_of
from seeder.threads import each

WORKERS = 8
T = TypeVar("T")
_COSIGN = ("sig", "att", "sbom")
_DEEPEST = 4  # a signature of an SBOM of an image is the third
Read = Callable[[ImageReference], Manifest]


class Found(Struct, frozen=True, kw_only=True):
    """A manifest beside an image: listed as `entry` under `subject`, or named by a `tag` of cosign's."""

    descriptor: Descriptor
    subject: Digest
    entry: Entry | None = None
    tag: str = ""


class Finder(Struct, frozen=True):
    """`read` gives the manifest that a reference's digest names; what is asked for without it costs no pull."""

    client: Client
    read: Read

    def find(self, place: ImageReference, subjects: Iterable[Digest]) -> list[Found]:
        """All that refers to the subjects, and what refers to that. Raises what the registry answers."""
        todo = sorted(set(subjects), key=str)
        found = [one for ones in _all(lambda subject: self._tagged(place, subject), todo) for one in ones]
        todo = list(dict.fromkeys([*todo, *(each.descriptor.digest for each in found)]))
        for _ in range(_DEEPEST):
            told = _all(lambda subject: self.client.referrers(place.at(subject)), todo)
            listed = [
                one
                for subject, entries in zip(todo, told, strict=True)
                for one in self._listed(place, subject, entries)
            ]
            found += listed
            todo = list(dict.fromkeys(one.descriptor.digest for one in listed))
        return found

    def _tagged(self, place: ImageReference, subject: Digest) -> list[Found]:
        found = []
        for kind in _COSIGN:
            tag = f"{fallback_tag(subject)}.{kind}"
            stands = self.client.find_manifest(tagged(place, tag))
            if stands is not None:
                found.append(Found(descriptor=stands, subject=subject, tag=tag))
        return found

    def _listed(self, place: ImageReference, subject: Digest, entries: list[Entry] | None) -> list[Found]:
        if entries is None:
            entries = self.fallback(place, subject)
        described = zip(index_of(entries).children(), entries, strict=True)
        return [Found(descriptor=each, subject=subject, entry=entry) for each, entry in described]

    def fallback(self, place: ImageReference, subject: Digest) -> list[Entry]:
        """What the tag schema lists; asked for by HEAD first."""
        stands = self.client.find_manifest(tagged(place, fallback_tag(subject)))
        if stands is None or not stands.is_index:
            return []
        return entries_of(self.read(place.at(stands.digest)).raw, place.at(subject))


def _all(work: Callable[[Digest], T], subjects: Iterable[Digest]) -> list[T]:
    """What the work gives for each, in the given order; raises the first failure."""
    asked = list(subjects)
    found: dict[Digest, T] = {}
    with closing(each(work, asked, WORKERS)) as results:
        for subject, result in results:
            if isinstance(result, SeederError):
                raise result
            found[subject] = result
    return [found[subject] for subject in asked]


def index_of(entries: Iterable[Entry]) -> Manifest:
    """An index of referrers, as the tag schema wants it."""
    raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(entries)}).encode()
    return Manifest.of(OCI_INDEX, raw)


def fallback_tag(subject: Digest) -> str:
    return str(subject).replace(":", "-")[:128]


def tagged(place: ImageReference, tag: str) -> ImageReference:
    return ImageReference(place.registry, place.repository, tag)
