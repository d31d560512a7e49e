"""Requests sent, and redirects followed by hand: what is sent where, and what again, is decided in this package."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

import urllib3
from msgspec import Struct, field
from urllib3.response import BaseHTTPResponse

from seeder import __version__
from seeder.errors import RegistryError
from seeder.registry.addresses import Origin, joined, public
from seeder.registry.failures import is_crowded, no_answer
from seeder.registry.heads import Body, UnfitError
from seeder.registry.pools import Pools
from seeder.registry.reach import Reach
from seeder.registry.reading import discard
from seeder.registry.tls import Certificates

log = logging.getLogger(__name__)

AT_ONCE = 32
_OTHER_FILES, _FILES_EACH = 24, 8  # open files of a run as such, and for each request that is under way
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OURS = {"User-Agent": f"seeder/{__version__}", "Accept-Encoding": "identity"}
# Headers that must not follow a redirect to another place (distribution-spec, 2026-04; S3 answers 400 to two of them).
_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})


class Limits(Struct, frozen=True, kw_only=True):
    """Seconds, redirects and bytes.

    `at_once` is the most requests of a kind under way at a host, twice as many connections are kept open there; `pause`
    is how long a host that complained and named no time is left alone.
    """

    connect: float = 15.0
    read: float = 60.0
    upload: float = 300.0
    redirects: int = 5
    at_once: int = AT_ONCE
    pause: float = 1.0
    manifest: int = 4 << 20
    token: int = 64 << 10

    @classmethod
    def within(cls, files: int, at_once: int = AT_ONCE) -> Limits:
        """What so many open files allow: a request may have a connection at a source, its blob host and a target."""
        return cls(at_once=min(at_once, max(2, (files - _OTHER_FILES) // _FILES_EACH)))


class Sent(Struct, frozen=True, kw_only=True):
    """One request, on behalf of the host `registry`, whose authorities are trusted wherever it leads.

    `insecure` takes any certificate and lets a redirect leave TLS.
    """

    method: str
    url: str
    registry: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = None
    insecure: bool = False
    read_timeout: float | None = None


class Transport:
    """Thread-safe."""

    def __init__(self, certificates: Certificates, limits: Limits, environment: Mapping[str, str]) -> None:
        self.limits = limits
        self._pools = Pools(certificates, environment, 2 * limits.at_once)
        self._origins: dict[str, Origin] = {}
        self._reach = Reach()
        self._timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)

    def send(self, sent: Sent) -> BaseHTTPResponse:
        """The answer at the end of all redirects, its body unread; raises UnreachableError, RegistryError."""
        url, headers = sent.url, sent.headers
        for _ in range(self.limits.redirects + 1):
            answer = self._watched(sent, url, headers)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location or not _may_follow(sent):
                return answer
            discard(answer)
            following = joined(url, location)
            headers = self._kept(sent, url, following, headers)
            url = following
        raise RegistryError(
            f"{sent.method} {public(sent.url)}: more than {self.limits.redirects} redirects", code="redirects"
        )

    def _watched(self, sent: Sent, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """As `_once`; the log of what was asked and what came back is for `--log-level debug`."""
        if not log.isEnabledFor(logging.DEBUG):
            return self._once(sent, url, headers)
        began, came = time.monotonic(), "broken off"
        try:
            answer = self._once(sent, url, headers)
            came = str(answer.status)
        except RegistryError as error:
            came = error.message
            raise
        else:
            return answer
        finally:
            log.debug("%s %s: %s after %d ms", sent.method, public(url), came, (time.monotonic() - began) * 1000)

    def _once(self, sent: Sent, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        origin, target = self._parted(url)
        timeout = self._timeout
        if sent.read_timeout is not None:
            timeout = urllib3.Timeout(connect=self.limits.connect, read=sent.read_timeout)
        self._reach.check(origin)
        try:
            answer = self._pools.to(origin, sent.registry, insecure=sent.insecure)(
                sent.method,
                target,
                body=sent.body,
                headers={"Host": origin.netloc, **_OURS, **headers},
                timeout=timeout,
            )
        except UnfitError as error:
            raise RegistryError(f"{sent.method} {public(url)} was not sent: {error}", where=origin.netloc) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if is_crowded(error):
                self.close()  # what is kept open for later makes room
            raise self._reach.failed(origin, no_answer(error, origin.netloc, sent.method)) from error
        self._reach.answered(origin)
        return answer

    def _parted(self, url: str) -> tuple[Origin, str]:
        """Where a request goes, and what it asks for there; raises RegistryError for what is no address."""
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        base = f"{scheme}://{authority}"
        found = self._origins.get(base)
        if found is None:
            found = self._origins.setdefault(base, Origin.of(base))
        return found, slash + path or "/"

    def _kept(self, sent: Sent, url: str, following: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers that a redirect may take along; raises RegistryError where it would leave TLS."""
        old, new = self._parted(url)[0], self._parted(following)[0]
        if old.scheme == "https" and new.scheme == "http" and not sent.insecure:
            raise RegistryError(f"{old.netloc} redirects from https to http ({new.netloc}): refused", code="redirects")
        if old == new:
            return headers
        return {name: value for name, value in headers.items() if name.lower() not in _PRIVATE}

    def close(self) -> None:
        self._pools.close()


def _may_follow(sent: Sent) -> bool:
    return sent.body is None and sent.method in {"GET", "HEAD", "POST"}
