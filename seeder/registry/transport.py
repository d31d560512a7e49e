"""Connections, and redirects followed by hand.

urllib3's own retries and redirects are off: what is sent where, and what is sent again, is decided in this package.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

import urllib3
from msgspec import Struct, field
from urllib3.response import BaseHTTPResponse

from seeder import __version__
from seeder.errors import RegistryError
from seeder.registry.connection import PlainConnection, SecureConnection, UncheckedConnection
from seeder.registry.failures import is_crowded, no_answer
from seeder.registry.heads import Body, UnfitError
from seeder.registry.origin import Origin
from seeder.registry.proxies import Proxies, login
from seeder.registry.reach import Reach
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


Open = Callable[..., BaseHTTPResponse]


class Transport:
    """Pools by origin, made when first needed, shared by all threads."""

    def __init__(self, certificates: Certificates, limits: Limits, environment: Mapping[str, str]) -> None:
        self._certificates = certificates
        self.limits = limits
        self._proxies = Proxies(environment)
        self._pools: dict[tuple[Origin, str, bool], Open] = {}
        self._origins: dict[str, Origin] = {}
        self._lock = threading.Lock()
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
        base, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        origin = self._origin(f"{base}://{authority}")
        timeout = self._timeout
        if sent.read_timeout is not None:
            timeout = urllib3.Timeout(connect=self.limits.connect, read=sent.read_timeout)
        self._reach.check(origin)
        try:
            answer = self._pool(origin, sent.registry, insecure=sent.insecure)(
                sent.method,
                slash + path or "/",
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

    def _origin(self, base: str) -> Origin:
        found = self._origins.get(base)
        if found is None:
            found = self._origins.setdefault(base, Origin.of(base))
        return found

    def _kept(self, sent: Sent, url: str, following: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers that a redirect may take along; raises RegistryError where it would leave TLS."""
        old, new = Origin.of(url), Origin.of(following)
        if old.scheme == "https" and new.scheme == "http" and not sent.insecure:
            raise RegistryError(f"{old.netloc} redirects from https to http ({new.netloc}): refused", code="redirects")
        if old == new:
            return headers
        return {name: value for name, value in headers.items() if name.lower() not in _PRIVATE}

    def _pool(self, origin: Origin, registry: str, *, insecure: bool) -> Open:
        key = (origin, registry, insecure)
        found = self._pools.get(key)
        if found is None:
            with self._lock:
                found = self._pools.get(key)
                if found is None:
                    found = self._pools[key] = self._opened(origin, registry, insecure=insecure)
        return found

    def _opened(self, origin: Origin, registry: str, *, insecure: bool) -> Open:
        options: dict[str, object] = {"maxsize": 2 * self.limits.at_once}
        if origin.scheme == "https":
            options["ssl_context"] = self._certificates.context(origin.netloc, registry=registry, verify=not insecure)
            if insecure:
                options |= {"assert_hostname": False, "cert_reqs": "CERT_NONE"}
        proxy = self._proxies.for_origin(origin)
        base = f"{origin.scheme}://{origin.netloc}"
        if proxy:
            manager = urllib3.ProxyManager(proxy, proxy_headers=login(proxy), **options)  # type: ignore[arg-type]
            manager.pool_classes_by_scheme = _pools(insecure=insecure)
            return _opener(lambda method, target, **more: manager.urlopen(method, base + target, **more))
        kind = _pools(insecure=insecure)[origin.scheme]
        return _opener(kind(origin.host, origin.port, **options).urlopen)  # type: ignore[arg-type]

    def close(self) -> None:
        """Forgets all pools; connections close when their answers are gone."""
        with self._lock:
            self._pools.clear()


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = PlainConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = SecureConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


class _UncheckedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = UncheckedConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


def _pools(*, insecure: bool) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    return {"http": _PlainPool, "https": _UncheckedPool if insecure else _SecurePool}


def _opener(urlopen: Open) -> Open:
    def opened(method: str, target: str, **more: object) -> BaseHTTPResponse:
        return urlopen(
            method, target, retries=False, redirect=False, preload_content=False, decode_content=False, **more
        )

    return opened


def _may_follow(sent: Sent) -> bool:
    return sent.body is None and sent.method in {"GET", "HEAD", "POST"}


def discard(answer: BaseHTTPResponse, limit: int = 8 << 10) -> bytes:
    """Reads a short body, so that its connection can serve again; of a long one the start, and closes it.

    Never waits for more than was sent: 416 of distribution 2.8 claims a length that does not come.
    """
    try:
        length = answer.headers.get("content-length")
        if answer.status == 416 or (length is not None and length.isdigit() and int(length) > limit):
            answer.close()
            return b""
        start = answer.read(limit, decode_content=False) or b""
    except (urllib3.exceptions.HTTPError, OSError):
        answer.close()
        return b""
    if len(start) == limit:
        answer.close()
    answer.release_conn()
    return start


def joined(base: str, location: str) -> str:
    """A `Location` made absolute; raises RegistryError for what is no address."""
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise RegistryError(
            f"{public(base)} names {location.partition('?')[0][:200]!r}, which is no address"
        ) from error


def public(url: str) -> str:
    """An address without user, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
