"""`pin`: tags to digests, written to the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seeder.documents import lockfile
from seeder.errors import SeederError, UsageError
from seeder.files import read, write_atomic
from seeder.manifests import ManifestReader
from seeder.model.catalog import Catalog
from seeder.model.copy import Pulls
from seeder.model.pin import Lock, Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.platforms import Sizer, pulls
from seeder.registry.client import Client
from seeder.resolve import Resolution, Wishes, resolve
from seeder.run.wanted import Places
from seeder.store import ManifestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`update`: () for nothing, None for every tag, else the references to ask again. `frozen` asks nothing."""

    update: tuple[ImageReference, ...] | None = ()
    frozen: bool = False
    read_manifests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What pinning made: the lock (already written where it changed), what is new or moved, and what failed.

    `quotas` are those of the sources that have one, by registry; `pulls` is what this run spent.
    """

    lock: Lock
    added: tuple[ImageReference, ...] = ()
    moved: Mapping[ImageReference, Pin] = field(default_factory=dict)
    failures: Mapping[ImageReference, SeederError] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    pulls: int = 0
    written: bool = False


@dataclass(frozen=True, slots=True)
class Pinner:
    """Pins for one catalog. `announce` hears, before the first GET, what reading manifests will cost."""

    catalog: Catalog
    client: Client
    store: ManifestStore
    announce: Callable[[Pulls, Mapping[str, Quota]], None]

    def pin(self, places: Places, lock_path: Path, options: Options) -> Pinned:
        """Pins what is missing, asks again what is to be updated, and writes the lock if its bytes change.

        Raises PinMissingError, UsageError for an update of what the catalog does not have, FileError, DocumentError.
        """
        old = load(lock_path)
        wishes = Wishes(update=self._updates(places, options), frozen=options.frozen, may_pull=options.read_manifests)
        resolution = resolve(places, old.lock, self.client, wishes=wishes)
        lock, failures = resolution.lock, dict(resolution.failures)
        if options.read_manifests and not options.frozen:
            lock, unread = self._read(resolution)
            failures |= unread
        written = not options.frozen and save(lock_path, lock, old.data)
        return Pinned(
            lock=lock,
            added=resolution.added,
            moved=resolution.moved,
            failures=failures,
            places=places,
            quotas=self._quotas(places),
            pulls=self.client.quotas.pulls(),
            written=written,
        )

    def _read(self, resolution: Resolution) -> tuple[Lock, Mapping[ImageReference, SeederError]]:
        cost = pulls(resolution.lock, self.store.get, self.catalog.platforms_for)
        references = [pin.reference for pin in resolution.lock]
        self.announce(cost, self._quotas(dict.fromkeys(references, ())))
        reader = ManifestReader(self.client, self.store)
        return Sizer(reader, self.client, self.catalog.platforms_for).read(resolution.lock)

    @staticmethod
    def _updates(places: Places, options: Options) -> frozenset[ImageReference] | None:
        if options.update is None:
            return None
        asked = frozenset(reference.or_latest() for reference in options.update)
        unknown = sorted(map(str, asked - places.keys()))
        if unknown:
            raise UsageError(
                f"--update names {unknown[0]}, which this catalog does not have",
                hint="`seeder plan` lists what it has; write the reference as there",
            )
        return asked

    def _quotas(self, places: Places) -> dict[str, Quota]:
        """What was seen of each source on the way; asks nothing."""
        found = {}
        for reference in places:
            if reference.registry not in found:
                quota = self._seen(reference)
                if quota is not None:
                    found[reference.registry] = quota
        return dict(sorted(found.items()))

    def _seen(self, reference: ImageReference) -> Quota | None:
        try:
            return self.client.quotas.get(self.client.endpoint(reference).host)
        except SeederError:
            return None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A lock and the bytes it was read from, empty where there is no file yet."""

    lock: Lock
    data: bytes


def load(path: Path) -> Loaded:
    """Reads a lock; an absent one is empty. Raises FileError, DocumentError."""
    if not path.exists():
        return Loaded(Lock(), b"")
    data = read(path)
    return Loaded(lockfile.parse(data, str(path)), data)


def save(path: Path, lock: Lock, old: bytes) -> bool:
    """Writes a lock if that changes the file's bytes; says whether it did. Raises FileError."""
    data = lockfile.render(lock)
    if data == old or (not old and not lock.pins):
        return False
    write_atomic(path, data)
    return True
