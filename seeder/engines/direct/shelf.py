"""Which blob stands in which repository of a target; what is missing is fetched once and mounted from there on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.engines.direct.body import Blob, SourceError, UnwantedError
from seeder.engines.direct.crew import Crew, Urgency
from seeder.engines.direct.host import Host
from seeder.engines.direct.relay import Relay
from seeder.errors import SeederError
from seeder.homes import Homes
from seeder.manifests import platform_of
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.client import Client

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


def of_one_manifest(wishes: Sequence[Wish]) -> list[Wish]:
    """The same, the config's first: each says whether it is that, and how large the largest of them is."""
    largest = max((wish.descriptor.size for wish in wishes), default=0)
    return [replace(wish, is_config=number == 0, largest=largest) for number, wish in enumerate(wishes)]


class _Known(Struct, eq=False):
    """A blob over all repositories: where it stands (`home`), whether it is being moved, who waits for that.

    `platform` is that of a config that went through our hands.
    """

    home: ImageReference | None = None
    moving: bool = False
    platform: Platform | None = None
    waiting: list[_Landing] = field(default_factory=list)


class _Landing(Struct, eq=False):
    """A blob in one repository: `wishes` wait for it until it is `there`; `failed` are sources that did not give it."""

    known: _Known
    wishes: list[Wish] = field(default_factory=list)
    there: bool = False
    failed: tuple[ImageReference, ...] = ()

    def is_wanted(self) -> bool:
        return any(wish.is_wanted() for wish in self.wishes)

    def late(self, error: SeederError | None) -> list[Wish]:
        """Those that came too late for the try that ended so: as it was given up, or once its sources were chosen."""
        was_unwanted = isinstance(error, UnwantedError)
        if not was_unwanted and not self.failed:
            return []
        return [wish for wish in self.wishes if wish.is_wanted() and (was_unwanted or wish.source not in self.failed)]


class Shelf:
    """Thread-safe; one for all targets of a run (a blob's home counts for its own registry)."""

    def __init__(self, client: Client, relay: Relay, crew: Crew, homes: Homes) -> None:
        self._client = client
        self._relay = relay
        self._crew = crew
        self._homes = homes
        self._landings: dict[tuple[str, str, Digest], _Landing] = {}
        self._known: dict[tuple[str, Digest], _Known] = {}
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def want(self, wish: Wish) -> None:
        """Tells `wish.done` once the blob stands there, perhaps at once."""
        with self._lock:
            landing = self._landing(wish.place, wish.descriptor.digest)
            if not landing.there:
                landing.wishes.append(wish)
                if len(landing.wishes) == 1:
                    self._plan(landing)
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
        try:
            self._relay.move(blob, wish.place, None, wish.on_bytes)
        except SourceError as failed:
            raise failed.error from failed

    def check(self, place: ImageReference) -> None:
        """Raises the failure that made a target count as out of order."""
        self._host(place).check()

    def platform(self, place: ImageReference, digest: Digest) -> Platform | None:
        """What a config that was moved in this run names."""
        known = self._known.get((place.registry, digest))
        return known.platform if known is not None else None

    def _landing(self, place: ImageReference, digest: Digest) -> _Landing:
        key = (place.registry, place.repository, digest)
        found = self._landings.get(key)
        if found is None:
            known = self._known.setdefault((place.registry, digest), _Known())
            found = self._landings[key] = _Landing(known)
        return found

    def _plan(self, landing: _Landing) -> None:
        """Decides how a blob gets to a repository: mounted, moved, or after another one's move."""
        known, wish = landing.known, landing.wishes[0]
        if known.home is not None:
            home = known.home
            self._crew.add(Urgency.MOUNT, lambda: self._bring(landing, home))
        elif known.moving:
            known.waiting.append(landing)
        else:
            known.moving = True
            # Images with a large blob first, so that none is left for the end, and each with all that it has, so that
            # it gets done; the others as they come.
            self._crew.move(
                wish.source.registry,
                lambda: self._bring(landing, None),
                load=wish.descriptor.size,
                weight=wish.largest if wish.largest >= _LARGE else 0,
            )

    def _bring(self, landing: _Landing, home: ImageReference | None) -> None:
        """Has the blob stand there, from `home` where the target has it, and tells all who wait for that.

        Who came late gets a try of its own.
        """
        error: SeederError | None = None
        try:
            self._brought(landing, home)
        except SeederError as failed:
            error = failed
        with self._lock:
            if home is None:
                self._moved(landing, error)
            landing.there = error is None
            late = landing.late(error)
            told = [wish for wish in landing.wishes if wish not in late]
            landing.wishes, landing.failed = late, ()
            if late:
                self._plan(landing)
        for wish in told:
            wish.done(error)

    def _brought(self, landing: _Landing, home: ImageReference | None) -> None:
        """Raises what the target or the source answers."""
        if not landing.is_wanted():
            raise UnwantedError("nobody wants it any more")
        wish = landing.wishes[0]
        host = self._host(wish.place)
        host.check()
        digest, stands = wish.descriptor.digest, wish.place
        if home is not None and host.takes_mounts:
            stands, session = home, host.mount(wish.place, digest, home)
        else:
            if home is None and host.takes_homes:
                stands = self._homes.of(digest, wish.place) or wish.place
            session = host.ask(wish.place, digest, stands)
        if session is not None:
            self._fetch(landing, session, home)
        elif stands != wish.place:
            landing.known.home = stands
            wish.on_mount(wish.descriptor.size)

    def _fetch(self, landing: _Landing, session: Upload, home: ImageReference | None) -> None:
        """Moves the bytes. Where the target has them elsewhere and would not mount, they come from there."""
        wish = landing.wishes[0]
        host = self._host(wish.place)
        sources = tuple(dict.fromkeys(each.source for each in landing.wishes))
        blob = Blob(
            digest=wish.descriptor.digest,
            size=wish.descriptor.size,
            sources=sources if home is None else (home, *sources),
            is_wanted=landing.is_wanted,
            kept=bytearray() if wish.is_config and wish.descriptor.size <= _LARGEST_CONFIG else None,
        )
        try:
            self._relay.move(blob, wish.place, session, wish.on_bytes)
        except SourceError as failed:
            landing.failed = sources
            raise failed.error from failed
        except SeederError as error:
            host.failed(error)
            raise
        host.worked()
        if blob.kept is not None:
            landing.known.platform = platform_of(bytes(blob.kept))

    def _moved(self, landing: _Landing, error: SeederError | None) -> None:
        """Whoever waited for a move mounts from there; after a failed one the next tries by itself."""
        known = landing.known
        known.moving = False
        if error is None and known.home is None:
            known.home = landing.wishes[0].place
        waiting, known.waiting = known.waiting, []
        for other in waiting:
            self._plan(other)

    def _host(self, place: ImageReference) -> Host:
        found = self._hosts.get(place.registry)
        return found if found is not None else self._hosts.setdefault(place.registry, Host(self._client))
