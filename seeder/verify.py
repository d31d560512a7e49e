"""Whether a target serves what was pinned, whole: manifests read and hashed, blobs asked for by HEAD and size.

`deep` reads and hashes every blob too, each distinct one once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import ConflictError, DigestMismatchError, MissingError, SeederError
from seeder.model.copy import Destination, Outcome, Result
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import is_foreign_layer
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.threads import Locks, each

WORKERS = 16
_BLOCK = 1 << 20
_DAMAGED = "the target's storage is damaged: delete the blob there and run `seeder sync` again"
_AGAIN = "run `seeder sync` again: it copies what is missing"


class Expected(Struct, frozen=True, kw_only=True):
    """What is to stand at a destination: `root` under all of its tags."""

    reference: ImageReference
    destination: Destination
    root: Digest
    pin: Pin | None = None
    required: bool = True

    @classmethod
    def of(cls, outcome: Outcome) -> Expected | None:
        """What an outcome says that stands there; None where it says nothing stands."""
        if not outcome.stands or outcome.destination is None or outcome.root is None:
            return None
        return cls(
            reference=outcome.reference,
            destination=outcome.destination,
            root=outcome.root,
            pin=outcome.pin,
            required=outcome.required,
        )


class _Blob(Struct, frozen=True):
    """A blob in a repository of the target."""

    place: ImageReference
    digest: Digest
    size: int


def verify(client: Client, expected: Iterable[Expected], *, deep: bool = False) -> tuple[Outcome, ...]:
    """An outcome for each, in the given order: present, or failed with the first thing that is wrong."""
    asked = tuple(expected)
    walker = _Walker(client)
    walked = {want.reference: result for want, result in each(walker.walk, asked, WORKERS)}
    found = [result for result in walked.values() if not isinstance(result, SeederError)]
    faults = _faults(client, (blob for blobs in found for blob in blobs), deep=deep)
    return tuple(_outcome(want, walked[want.reference], faults) for want in asked)


class _Walker:
    """Reads manifests from the root down, each of a repository once; thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read: dict[tuple[str, Digest], Manifest] = {}
        self._locks: Locks[tuple[str, Digest]] = Locks()

    def walk(self, want: Expected) -> list[_Blob]:
        """The blobs that an image's manifests name; raises the first thing that is wrong."""
        for tag in want.destination.tags:
            self._check_tag(want, tag)
        return list(self._blobs(want))

    def _check_tag(self, want: Expected, tag: str) -> None:
        named = replace(want.destination.place, tag=tag)
        stands = self._client.find_manifest(named)
        if stands is None:
            raise MissingError(f"{_below(named)} is not there", where=named.registry, hint=_AGAIN)
        if stands.digest != want.root:
            raise ConflictError(
                f"{named} is {stands.digest}, and {want.root} was pinned",
                where=named.registry,
                hint="somebody moved the tag; `seeder sync --update` puts it back",
            )

    def _blobs(self, want: Expected) -> Iterator[_Blob]:
        """Those of each manifest once, however many indexes name it."""
        place = want.destination.place
        seen: set[Digest] = set()
        todo = [want.root]
        while todo:
            digest = todo.pop()
            if digest in seen:
                continue
            seen.add(digest)
            manifest = self._manifest(place, digest)
            todo += [child.digest for child in reversed(manifest.children())]
            for blob in manifest.blobs():
                if not is_foreign_layer(blob.media_type):
                    yield _Blob(place, blob.digest, blob.size)

    def _manifest(self, place: ImageReference, digest: Digest) -> Manifest:
        key = (place.name, digest)
        with self._locks.of(key):
            if key not in self._read:
                self._read[key] = self._fetched(place.at(digest))
            return self._read[key]

    def _fetched(self, reference: ImageReference) -> Manifest:
        try:
            return self._client.get_manifest(reference, mirrors=False)
        except MissingError as error:
            raise MissingError(
                f"the manifest {_below(reference)} is not there", where=error.where, hint=_AGAIN
            ) from error


def _faults(client: Client, blobs: Iterable[_Blob], *, deep: bool) -> Mapping[_Blob, SeederError]:
    """What is wrong with blobs, each asked for once a repository and, if deep, read once in all."""
    distinct = list(dict.fromkeys(blobs))
    first = {blob.digest: blob for blob in reversed(distinct)}

    def check(blob: _Blob) -> None:
        _check_size(client, blob)
        if deep and first[blob.digest] == blob:
            _check_bytes(client, blob)

    faults = {blob: result for blob, result in each(check, distinct, WORKERS) if isinstance(result, SeederError)}
    bad = {blob.digest: error for blob, error in faults.items() if isinstance(error, DigestMismatchError)}
    return {blob: bad[blob.digest] for blob in distinct if blob.digest in bad} | faults


def _check_size(client: Client, blob: _Blob) -> None:
    size = client.head_blob(blob.place, blob.digest)
    if size is None:
        raise MissingError(f"{blob.place.name} lacks the blob {blob.digest}", where=blob.place.registry, hint=_AGAIN)
    if size != blob.size:
        raise DigestMismatchError(
            f"the blob {blob.digest} in {blob.place.name} has {size} bytes, not {blob.size}",
            where=blob.place.registry,
            hint=_DAMAGED,
        )


def _check_bytes(client: Client, blob: _Blob) -> None:
    found = client.policy.call(lambda: _hashed(client, blob))
    if found != blob.digest:
        raise DigestMismatchError(
            f"the blob {blob.digest} in {blob.place.name} has other bytes: {found}",
            where=blob.place.registry,
            hint=_DAMAGED,
        )


def _hashed(client: Client, blob: _Blob) -> Digest:
    hashed = hashlib.new(blob.digest.algorithm)
    with client.blobs.open(blob.place, blob.digest, policy=Policy(attempts=1)) as body:
        while block := body.read(_BLOCK):
            hashed.update(block)
    return Digest(blob.digest.algorithm, hashed.hexdigest())


def _outcome(want: Expected, walked: list[_Blob] | SeederError, faults: Mapping[_Blob, SeederError]) -> Outcome:
    if isinstance(walked, SeederError):
        error: SeederError | None = walked
    else:
        error = next((faults[blob] for blob in walked if blob in faults), None)
    return Outcome(
        reference=want.reference,
        result=Result.FAILED if error else Result.PRESENT,
        destination=want.destination,
        pin=want.pin,
        root=want.root,
        required=want.required,
        error=error,
    )


def _below(reference: ImageReference) -> str:
    """Its name below its registry, which the error names as its place."""
    return str(reference).removeprefix(f"{reference.registry}/")
