"""Whether a target serves what was pinned, whole: manifests read and hashed, blobs asked for by HEAD and size.

`deep` reads and hashes every blob too, each distinct one once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from seeder.errors import ConflictError, DigestMismatchError, MissingError, SeederError, StoppedError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import is_foreign_layer
from seeder.model.outcome import Standing
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.threads import Locks, each

WORKERS = 16
_BLOCK = 1 << 20
_DAMAGED = "the target's storage is damaged: delete the blob there and run `seeder sync` again"
_AGAIN = "run `seeder sync` again: it copies what is missing"


class Expected(Struct, frozen=True):
    """What is to stand at a destination: `root` under all of its tags."""

    destination: Destination
    root: Digest

    @classmethod
    def of(cls, image: Standing) -> Expected:
        return cls(image.destination, image.root)


# What is wrong with each, None where it stands whole.
Faults = Mapping[Expected, SeederError | None]


class _Blob(Struct, frozen=True):
    """A blob in a repository of the target."""

    place: ImageReference
    digest: Digest
    size: int


def verify(
    client: Client,
    expected: Iterable[Expected],
    *,
    deep: bool = False,
    on_stop: Callable[[Faults], object] = lambda _: None,
) -> Faults:
    """The first thing that is wrong with each.

    Where the run is told to end, `on_stop` hears of those that it came to the end of.
    """
    asked = tuple(dict.fromkeys(expected))
    verifier = _Verifier(client, deep=deep)
    try:
        verifier.run(asked)
    except StoppedError:
        on_stop({want: verifier.fault(want) for want in asked if verifier.is_done(want)})
        raise
    return {want: verifier.fault(want) for want in asked}


class _Verifier:
    """What was found out so far: of images the blobs that they name, of blobs whether they are right."""

    def __init__(self, client: Client, *, deep: bool) -> None:
        self._client = client
        self._deep = deep
        self._walked: dict[Expected, list[_Blob] | SeederError] = {}
        self._looked_at: dict[_Blob, SeederError | None] = {}
        self._read: dict[Digest, _Blob] = {}  # by whom the bytes are read, in the stead of all others

    def run(self, asked: Sequence[Expected]) -> None:
        for want, result in each(_Walker(self._client).walk, asked, WORKERS):
            self._walked[want] = result
        found = [blobs for blobs in self._walked.values() if not isinstance(blobs, SeederError)]
        distinct = dict.fromkeys(blob for blobs in found for blob in blobs)
        for blob, fault in each(self._check, distinct, WORKERS):
            self._looked_at[blob] = fault

    def _check(self, blob: _Blob) -> None:
        """Asks for it once a repository and, if deep, reads it once in all."""
        _check_size(self._client, blob)
        if self._deep and self._read.setdefault(blob.digest, blob) is blob:
            _check_bytes(self._client, blob)

    def is_done(self, want: Expected) -> bool:
        """Whether nothing is left to find out, or something is wrong already."""
        walked = self._walked.get(want)
        if not isinstance(walked, list):
            return walked is not None
        return any(map(self._blob_fault, walked)) or all(map(self._is_looked_at, walked))

    def _is_looked_at(self, blob: _Blob) -> bool:
        return blob in self._looked_at and self._read.get(blob.digest, blob) in self._looked_at

    def _blob_fault(self, blob: _Blob) -> SeederError | None:
        """What is wrong with it, or with its bytes wherever they were read."""
        return self._looked_at.get(blob) or self._looked_at.get(self._read.get(blob.digest, blob))

    def fault(self, want: Expected) -> SeederError | None:
        walked = self._walked[want]
        return walked if isinstance(walked, SeederError) else next(filter(None, map(self._blob_fault, walked)), None)


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


def _check_size(client: Client, blob: _Blob) -> None:
    size = client.blobs(blob.place).size(blob.digest)
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
    with client.blobs(blob.place).open(blob.digest, policy=Policy(attempts=1)) as body:
        while block := body.read(_BLOCK):
            hashed.update(block)
    return Digest(blob.digest.algorithm, hashed.hexdigest())


def _below(reference: ImageReference) -> str:
    """Its name below its registry, which the error names as its place."""
    return str(reference).removeprefix(f"{reference.registry}/")
