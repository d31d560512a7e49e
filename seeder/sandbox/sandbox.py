"""The sandbox as its users meet it: start, fill, count, stop."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from seeder.model.reference import HUB, ImageReference
from seeder.sandbox.access import Access
from seeder.sandbox.cdn import Cdn
from seeder.sandbox.contents import Contents
from seeder.sandbox.counters import Counters, Tally
from seeder.sandbox.faults import Fault
from seeder.sandbox.front import Front
from seeder.sandbox.ledger import Ledger
from seeder.sandbox.link import Link, RequestLimit
from seeder.sandbox.registry import Registry
from seeder.sandbox.routes import cdn_route, route
from seeder.sandbox.server import Server
from seeder.sandbox.storage import Storage
from seeder.sandbox.tokens import Tokens


@dataclass(kw_only=True, eq=False)
class Sandbox(Contents):
    """A registry on two ports of 127.0.0.1, from `start()` or `with` until `stop()`.

    `quota`          pulls that it grants, None for no limit and no `ratelimit-*` headers
    `quota_source`   what `docker-ratelimit-source` says: an address, or an account's UUID
    `token_auth`     bearer tokens are demanded (anonymous ones are given); False: none, or Basic with `basic`
    `token_seconds`  how long a token is good for
    `basic`          user and password that are demanded, see `anonymous_pull`
    `anonymous_pull` with `basic`: credentials are needed for pushes only
    `private`        repositories that nobody may read without credentials
    `read_only`      pushes are refused with 403
    `cdn`            blob GETs are redirected (307) to a second port, with addresses good for `cdn_seconds`
    `referrers`      the referrers API is there, and a PUT with a subject answers OCI-Subject
    `referrers_page` how many it lists at a time, with a Link to the rest; 0 for all
    `tls`            a server's context; both ports then speak HTTPS
    `latency`        seconds before each answer, as to a registry far away
    `bandwidth`      bytes a second of all answers together; 0 for no cap
    `abuse_limit`    requests a second beyond which the answer is 429 in bare text; 0 for none
    `spool_above`    blobs of more bytes than this are kept on disk
    """

    quota: int | None = None
    quota_source: str = "127.0.0.1"
    token_auth: bool = True
    token_seconds: float = 300.0
    basic: tuple[str, str] | None = None
    anonymous_pull: bool = False
    private: frozenset[str] = frozenset()
    read_only: bool = False
    cdn: bool = True
    cdn_seconds: float = 600.0
    referrers: bool = False
    referrers_page: int = 0
    tls: ssl.SSLContext | None = None
    port: int = 0
    spool_above: int = 8 << 20
    latency: float = 0.0
    bandwidth: float = 0.0
    abuse_limit: float = 0.0
    _storage: Storage = field(init=False, repr=False)
    _front: Front = field(init=False, repr=False)
    _ledger: Ledger = field(init=False, repr=False)
    _servers: list[Server] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        stopping = threading.Event()
        self._storage = Storage(self.spool_above)
        self._ledger = Ledger(self.quota, self.quota_source)
        self._front = Front(
            storage=self._storage,
            access=self._access(),
            tally=Tally(),
            link=Link(stopping=stopping, latency=self.latency, bandwidth=self.bandwidth),
            limit=RequestLimit(per_second=self.abuse_limit),
            stopping=stopping,
        )

    def _access(self) -> Access:
        return Access(
            tokens=Tokens(self.token_seconds) if self.token_auth else None,
            credentials=self.basic,
            anonymous_pull=self.anonymous_pull,
            read_only=self.read_only,
            private=set(self.private),
        )

    def __enter__(self) -> Self:
        return self if self._servers else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Opens the ports. Raises OSError where `port` is taken."""
        front = self._front
        registry = Registry(storage=self._storage, access=front.access, ledger=self._ledger, tally=front.tally)
        registry.referrers, registry.referrers_page = self.referrers, self.referrers_page
        main = Server(lambda asked: front.pass_on(asked, route(asked), registry.answer), port=self.port, tls=self.tls)
        self._servers = [main]
        registry.realm = front.realm = f"{main.url}/token"
        if self.cdn:
            cdn = Cdn(self._storage, lambda count: front.tally.moved(sent=count), self.cdn_seconds)
            # Another name, as CDNs have: Go's client (skopeo 1.18) keeps Authorization where only the port changes.
            second = Server(
                lambda asked: front.pass_on(asked, cdn_route(asked), cdn.answer), tls=self.tls, host="localhost"
            )
            self._servers.append(second)
            registry.cdn, registry.cdn_url = cdn, second.url
        return self

    def stop(self) -> None:
        """Closes the ports and forgets what was held; a second call does nothing."""
        self._front.stopping.set()
        for server in self._servers:
            server.stop()
        self._storage.close()

    # Where it is

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, as it stands in a reference."""
        return self._servers[0].address

    @property
    def url(self) -> str:
        return self._servers[0].url

    @property
    def cdn_address(self) -> str:
        return self._servers[1].address

    def reference(self, text: str) -> ImageReference:
        """A reference of another registry, as it is called here: `nginx:1.27` → `127.0.0.1:…/library/nginx:1.27`."""
        elsewhere = ImageReference.parse(text)
        return ImageReference(self.address, elsewhere.repository, elsewhere.tag, elsewhere.digest)

    def registries_conf(self, prefix: str = HUB) -> str:
        """A registries.conf by which the sandbox stands in for a registry (containers-registries.conf(5))."""
        insecure = "true" if self.tls is None else "false"
        return f'[[registry]]\nprefix = "{prefix}"\nlocation = "{self.address}"\ninsecure = {insecure}\n'

    # What was asked

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        return self._front.tally.snapshot()

    @property
    def connections(self) -> int:
        """How many are open: with none, all that was asked is counted."""
        return sum(server.connections for server in self._servers)

    @property
    def pulls(self) -> int:
        """What was charged to the quota."""
        return self._ledger.spent

    @property
    def refused(self) -> int:
        """Requests beyond `abuse_limit`."""
        return self._front.limit.refused

    def reset(self) -> None:
        """Counters and spent quota start again; content and faults stay."""
        self._front.tally.reset()
        self._ledger.set(self._ledger.limit)

    # How it behaves

    def inject(self, *faults: Fault) -> None:
        """Adds faults; each counts its requests from now on."""
        self._front.faults.add(faults)

    def heal(self) -> None:
        """Ends all faults."""
        self._front.faults.clear()

    @property
    def hits(self) -> list[tuple[Fault, int]]:
        """Each fault, and how many requests it has hit."""
        return self._front.faults.hits()

    def set_quota(self, limit: int | None) -> None:
        """A new quota, with nothing spent."""
        self._ledger.set(limit)

    def expire_tokens(self) -> None:
        """Makes every token that was given out worthless now."""
        if self._front.access.tokens is not None:
            self._front.access.tokens.expire()
