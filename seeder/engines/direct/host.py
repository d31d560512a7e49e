"""What a target is like: whether it mounts, and whether it works at all."""

from __future__ import annotations

from msgspec import Struct

from seeder.errors import RegistryError, SeederError
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.client import Client

# Failed uploads one after another, of different blobs, after which a target is taken to be out of order.
_BREAKING = 6
_REFUSALS = 3
_NO_MOUNT = frozenset({400, 401, 403, 404, 405})


class Host(Struct, eq=False):
    """One target of a run. Threads count without a lock: what one takes from another here, the next answer makes up."""

    client: Client
    refusals: int = 0
    denials: int = 0
    is_new_to_mounts: bool = True
    failures: int = 0
    broken: SeederError | None = None

    @property
    def takes_mounts(self) -> bool:
        return self.refusals < _REFUSALS

    @property
    def takes_homes(self) -> bool:
        """Whether it mounts from what stood there before the run as well: who pushes may not be let read all of it."""
        return self.takes_mounts and self.denials < _REFUSALS

    def ask(self, place: ImageReference, digest: Digest, home: ImageReference) -> Upload | None:
        """Whether a repository has a blob already, or takes it over from where it is said to stand: None, or a session
        to upload it to.

        A mount answers all that in one request, also from the repository itself. A registry that refuses that is not
        asked so again; one that gives a session has not got what was said, and may well mount something else.
        """
        blobs = self.client.blobs(place)
        if self.takes_mounts:
            try:
                return self._believed(place, digest, blobs.mount(digest, home.repository))
            except RegistryError as error:
                if error.status not in _NO_MOUNT:
                    raise
                if home == place:
                    self.refusals += 1
                else:
                    self.denials += 1
        return blobs.start() if blobs.size(digest) is None else None

    def mount(self, place: ImageReference, digest: Digest, home: ImageReference) -> Upload | None:
        """Takes a blob over from another repository: None when done, else a session to upload it to."""
        blobs = self.client.blobs(place)
        try:
            session = blobs.mount(digest, home.repository)
        except RegistryError as error:
            if error.status not in _NO_MOUNT:
                raise
            session = blobs.start()
        session = self._believed(place, digest, session)
        if session is not None:
            self.refusals += 1
        return session

    def _believed(self, place: ImageReference, digest: Digest, session: Upload | None) -> Upload | None:
        """A registry may say yes to a mount and have nothing there: the first one is looked at."""
        if session is not None or not self.is_new_to_mounts:
            return session
        self.is_new_to_mounts = False
        blobs = self.client.blobs(place)
        if blobs.size(digest) is not None:
            return None
        self.refusals = _REFUSALS
        return blobs.start()

    def worked(self) -> None:
        """An upload came through."""
        self.failures = 0

    def failed(self, error: SeederError) -> None:
        """An upload failed there. A target that takes none any more must not go on costing pulls."""
        self.failures += 1
        if self.failures >= _BREAKING:
            self.broken = error

    def check(self) -> None:
        """Raises the failure that made the target count as out of order."""
        if self.broken is not None:
            raise self.broken
