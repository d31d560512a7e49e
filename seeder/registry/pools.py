"""Pools of connections: urllib3's, whose own retries and redirects are off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import urllib3
from urllib3.response import BaseHTTPResponse

from seeder.registry.addresses import Origin
from seeder.registry.connection import PlainConnection, SecureConnection, UncheckedConnection
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
            return _opener(lambda method, target, **more: manager.urlopen(method, base + target, **more))
        kind = _pools(insecure=insecure)[origin.scheme]
        return _opener(kind(origin.host, origin.port, **options).urlopen)  # type: ignore[arg-type]

    def close(self) -> None:
        """Forgets all of them; connections close when their answers are gone."""
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
