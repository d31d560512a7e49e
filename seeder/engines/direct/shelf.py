"""Which blob stands in which repository of a target; what is missing is fetched once and mounted from there on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct, field

from seeder.engines.direct.body import Blob
from seeder.engines.direct.crew import Crew, Urgency
from seeder.engines.direct.relay import Relay
from seeder.errors import MissingError, RegistryError, SeederError, UnreachableError
from seeder.manifests import platform_of
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.client import Client

# Failed uploads one after another, of different blobs, after which a target is taken to be out of order.
_BREAKING = 6
_REFUSALS = 3
_LARGE = 4 << 20
_LARGEST_CONFIG = 256 << 10


class Wish(Struct, eq=False):
    """One image's wish to have a blob in its repository. `done` is told once: None, or what went wrong.

    `largest` is the size of the image's largest blob.
    """

    place: ImageReference
    source: ImageReference
    descriptor: Descriptor
    done: Callable[[SeederError | None], None]
    is_wanted: Callable[[], bool]
    on_bytes: Callable[[int], None]
    on_mount: Callable[[int], None]
    is_config: bool = False
    largest: int = 0


class _Landing(Struct, eq=False):
    """A blob in one repository: `wishes` wait for it until it is `there`."""

    wishes: list[Wish] = field(default_factory=list)
    there: bool = False


class _Known(Struct, eq=False):
    """A blob over all repositories: where it stands (`home`), whether it is being moved, who waits for that.

    `platform` is that of a config that went through our hands.
    """

    home: ImageReference | None = None
    moving: bool = False
    platform: Platform | None = None
    waiting: list[tuple[ImageReference, _Landing]] = field(default_factory=list)


class Shelf:
    """Thread-safe; one for all targets of a run (a blob's home counts for its own registry)."""

    def __init__(self, client: Client, relay: Relay, crew: Crew) -> None:
        self._client = client
        self._relay = relay
        self._crew = crew
        self._landings: dict[tuple[str, str, Digest], _Landing] = {}
        self._known: dict[tuple[str, Digest], _Known] = {}
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def want(self, wish: Wish) -> None:
        """Tells `wish.done` once the blob stands there, perhaps at once."""
        digest = wish.descriptor.digest
        with self._lock:
            key = (wish.place.registry, wish.place.repository, digest)
            landing = self._landings.setdefault(key, _Landing())
            if not landing.there:
                landing.wishes.append(wish)
                if len(landing.wishes) == 1:
                    self._plan(wish.place, landing)
                return
        wish.done(None)

    def again(self, wish: Wish) -> None:
        """Puts a blob there that the target denies to have: asked by HEAD, then uploaded, never mounted.

        Runs in the caller's thread; raises what the target or the source answers.
        """
        digest, size = wish.descriptor.digest, wish.descriptor.size
        if self._client.blobs(wish.place).size(digest) == size:
            return
        blob = Blob(digest=digest, size=size, sources=(wish.source,), is_wanted=wish.is_wanted)
        self._relay.move(blob, wish.place, None, wish.on_bytes)

    def check(self, place: ImageReference) -> None:
        """Raises the failure that made a target count as out of order."""
        self._host(place).check()

    def _plan(self, place: ImageReference, landing: _Landing) -> None:
        """Decides how a blob gets to a repository: mounted, moved, or after another one's move."""
        descriptor = landing.wishes[0].descriptor
        known = self._known.setdefault((place.registry, descriptor.digest), _Known())
        if known.home is not None:
            home = known.home
            self._crew.add(Urgency.MOUNT, lambda: self._mount(place, landing, home))
        elif known.moving:
            known.waiting.append((place, landing))
        else:
            known.moving = True
            # Images with a large blob first, so that none is left for the end, and each with all that it has, so that
            # it gets done; the others as they come.
            wish = landing.wishes[0]
            self._crew.move(
                wish.source.registry,
                lambda: self._move(place, landing, known),
                load=descriptor.size,
                weight=wish.largest if wish.largest >= _LARGE else 0,
            )

    def _move(self, place: ImageReference, landing: _Landing, known: _Known) -> None:
        if not self._is_wanted(landing):
            self._ended(place, landing, known, RegistryError("nobody wants it any more"))
            return
        try:
            self._host(place).check()
            session = self._asked(place, landing.wishes[0].descriptor.digest)
            if session is not None:
                self._fetch(landing, place, session, None)
        except SeederError as error:
            self._ended(place, landing, known, error)
        else:
            self._ended(place, landing, known, None)

    def _asked(self, place: ImageReference, digest: Digest) -> Upload | None:
        """Whether the repository has the blob already: None, or a session to upload it to.

        A mount from the repository itself answers both in one request. A registry that refuses that is not asked so
        again.
        """
        host = self._host(place)
        if host.takes_mounts:
            try:
                return self._believed(place, digest, self._client.blobs(place).mount(digest, place.repository))
            except RegistryError as error:
                if error.status not in {400, 403, 404, 405}:
                    raise
                host.refused()
        wanted = self._client.blobs(place).size(digest) is None
        return self._client.blobs(place).start() if wanted else None

    def _mount(self, place: ImageReference, landing: _Landing, home: ImageReference) -> None:
        if not self._is_wanted(landing):
            self._landed(landing, RegistryError("nobody wants it any more"))
            return
        try:
            self._host(place).check()
            session = self._mounted(place, landing.wishes[0], home)
            if session is not None:
                self._fetch(landing, place, session, home)
        except SeederError as error:
            self._landed(landing, error)
        else:
            self._landed(landing, None)

    def _mounted(self, place: ImageReference, wish: Wish, home: ImageReference) -> Upload | None:
        host, digest = self._host(place), wish.descriptor.digest
        if not host.takes_mounts:
            return self._asked(place, digest)
        try:
            session = self._client.blobs(place).mount(digest, home.repository)
        except RegistryError as error:
            if error.status not in {400, 401, 403, 404, 405}:
                raise
            session = self._client.blobs(place).start()
        session = self._believed(place, digest, session)
        if session is not None:
            host.refused()
        else:
            wish.on_mount(wish.descriptor.size)
        return session

    def _believed(self, place: ImageReference, digest: Digest, session: Upload | None) -> Upload | None:
        """A registry may say yes to a mount and have nothing there: the first one is looked at."""
        host = self._host(place)
        if session is not None or not host.is_new_to_mounts:
            return session
        host.is_new_to_mounts = False
        if self._client.blobs(place).size(digest) is not None:
            return None
        host.refusals = _REFUSALS
        return self._client.blobs(place).start()

    def _fetch(self, landing: _Landing, place: ImageReference, session: Upload, home: ImageReference | None) -> None:
        """Moves the bytes. Where the target has them elsewhere and would not mount, they come from there."""
        wish = landing.wishes[0]
        blob = Blob(
            digest=wish.descriptor.digest,
            size=wish.descriptor.size,
            sources=(wish.source,) if home is None else (home, wish.source),
            is_wanted=lambda: self._is_wanted(landing),
            kept=bytearray() if wish.is_config and wish.descriptor.size <= _LARGEST_CONFIG else None,
        )
        host = self._host(place)
        try:
            self._relay.move(blob, place, session, wish.on_bytes)
        except SeederError as error:
            host.failed(error, place)
            raise
        host.worked()
        if blob.kept is not None:
            self._known[place.registry, blob.digest].platform = platform_of(bytes(blob.kept))

    def platform(self, place: ImageReference, digest: Digest) -> Platform | None:
        """What a config that was moved in this run names."""
        known = self._known.get((place.registry, digest))
        return known.platform if known is not None else None

    def _ended(self, place: ImageReference, landing: _Landing, known: _Known, error: SeederError | None) -> None:
        """After a move: whoever waited for it mounts from here; after a failed one the next tries by itself."""
        with self._lock:
            known.moving = False
            if error is None:
                known.home = place
            waiting, known.waiting = known.waiting, []
            for other, waits in waiting:
                self._plan(other, waits)
        self._landed(landing, error)

    def _landed(self, landing: _Landing, error: SeederError | None) -> None:
        with self._lock:
            landing.there = error is None
            wishes, landing.wishes = landing.wishes, []
        for wish in wishes:
            wish.done(error)

    def _is_wanted(self, landing: _Landing) -> bool:
        return any(wish.is_wanted() for wish in landing.wishes)

    def _host(self, place: ImageReference) -> _Host:
        found = self._hosts.get(place.registry)
        return found if found is not None else self._hosts.setdefault(place.registry, _Host())


class _Host(Struct, eq=False):
    """What a target is like: whether it mounts, and whether it works at all."""

    refusals: int = 0
    is_new_to_mounts: bool = True
    failures: int = 0
    broken: SeederError | None = None

    @property
    def takes_mounts(self) -> bool:
        return self.refusals < _REFUSALS

    def refused(self) -> None:
        self.refusals += 1

    def worked(self) -> None:
        self.failures = 0

    def failed(self, error: SeederError, place: ImageReference) -> None:
        """A target that takes no upload any more must not go on costing pulls."""
        at_target = error.where in {place.registry, ""} or isinstance(error, UnreachableError)
        if not isinstance(error, RegistryError) or isinstance(error, MissingError) or not at_target:
            return
        self.failures += 1
        if self.failures >= _BREAKING:
            self.broken = error

    def check(self) -> None:
        """Raises the failure that made the target count as out of order."""
        if self.broken is not None:
            raise self.broken
