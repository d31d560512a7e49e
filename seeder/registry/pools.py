"""Pools of connections: urllib3's, whose own retries and redirects are off."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPException
from queue import Empty, Full

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ProtocolError, SSLError
from urllib3.response import BaseHTTPResponse

from seeder.registry.addresses import Origin
from seeder.registry.connection import PlainConnection, SecureConnection, UncheckedConnection
from seeder.registry.heads import Body
from seeder.registry.proxies import Proxies, login
from seeder.registry.tls import Certificates

Open = Callable[..., BaseHTTPResponse]


class Pools:
    """One an origin and registry, made when first needed, shared by all threads; each keeps so many `connections`."""

    def __init__(self, certificates: Certificates, environment: Mapping[str, str], connections: int) -> None:
        self._certificates = certificates
        self._proxies = Proxies(environment)
        self._connections = connections
        self._pools: dict[tuple[Origin, str, bool], Open] = {}
        self._lock = threading.Lock()

    def to(self, origin: Origin, registry: str, *, insecure: bool) -> Open:
        """What sends a request there on behalf of a registry, whose authorities are trusted."""
        key = (origin, registry, insecure)
        found = self._pools.get(key)
        if found is None:
            with self._lock:
                found = self._pools.get(key)
                if found is None:
                    found = self._pools[key] = self._opened(origin, registry, insecure=insecure)
        return found

    def _opened(self, origin: Origin, registry: str, *, insecure: bool) -> Open:
        options: dict[str, object] = {"maxsize": self._connections}
        if origin.scheme == "https":
            options["ssl_context"] = self._certificates.context(origin.netloc, registry=registry, verify=not insecure)
            if insecure:
                options |= {"assert_hostname": False, "cert_reqs": "CERT_NONE"}
        proxy = self._proxies.for_origin(origin)
        base = f"{origin.scheme}://{origin.netloc}"
        if proxy:
            manager = urllib3.ProxyManager(proxy, proxy_headers=login(proxy), **options)  # type: ignore[arg-type]
            manager.pool_classes_by_scheme = _pools(insecure=insecure)
            once = {"retries": False, "redirect": False, "preload_content": False, "decode_content": False}
            return lambda method, target, **more: manager.urlopen(method, base + target, **once, **more)
        kind = _pools(insecure=insecure)[origin.scheme]
        return kind(origin.host, origin.port, **options).send  # type: ignore[arg-type]

    def close(self) -> None:
        """Forgets all of them; connections close when their answers are gone."""
        with self._lock:
            self._pools.clear()


class _Stack:
    """What urllib3 asks of a queue, without its locks: what a list does, it does at once."""

    def __init__(self, most: int) -> None:
        self._kept: list[HTTPConnection | None] = []
        self._most = most

    def get(self, *, block: bool, timeout: float | None = None) -> HTTPConnection | None:  # noqa: ARG002
        try:
            return self._kept.pop()
        except IndexError:
            raise Empty from None

    def put(self, connection: HTTPConnection | None, *, block: bool = False) -> None:  # noqa: ARG002
        if len(self._kept) >= self._most:
            raise Full
        self._kept.append(connection)

    def qsize(self) -> int:
        return len(self._kept)


class _Straight(urllib3.HTTPConnectionPool):
    """Sends a request once. urllib3's `urlopen` makes ready for retries, redirects and proxies first, which is a tenth
    of all that a small request costs.
    """

    QueueCls = _Stack  # type: ignore[assignment]  # of a queue, urllib3 needs no more

    def send(
        self, method: str, target: str, *, body: Body, headers: Mapping[str, str], timeout: urllib3.Timeout
    ) -> BaseHTTPResponse:
        """Answers and raises as `urlopen` does without retries."""
        connection = self._get_conn()
        try:
            return self._make_request(
                connection,
                method,
                target,
                body=body,  # type: ignore[arg-type]  # our connections take blocks
                headers=headers,
                timeout=timeout,
                response_conn=connection,
                preload_content=False,
                decode_content=False,
            )
        except BaseException as error:
            connection.close()
            self._put_conn(None)
            if isinstance(error, ssl.SSLError | ssl.CertificateError):
                raise SSLError(error) from error
            if isinstance(error, OSError | HTTPException):
                raise ProtocolError("Connection aborted.", error) from error
            raise


class _PlainPool(_Straight):
    ConnectionCls = PlainConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


class _SecurePool(_Straight, urllib3.HTTPSConnectionPool):
    ConnectionCls = SecureConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


class _UncheckedPool(_Straight, urllib3.HTTPSConnectionPool):
    ConnectionCls = UncheckedConnection  # type: ignore[assignment]  # urllib3 names a protocol here, and no class fits


def _pools(*, insecure: bool) -> dict[str, type[_Straight]]:
    return {"http": _PlainPool, "https": _UncheckedPool if insecure else _SecurePool}
