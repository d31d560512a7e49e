"""Proxies as the environment names them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from seeder.registry.addresses import Origin


class Proxies:
    """HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case; `*`, hosts, `.suffixes` and `host:port`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        def named(name: str) -> str:
            return environment.get(name.lower()) or environment.get(name) or ""

        every = named("ALL_PROXY")
        # A CGI script must not take HTTP_PROXY from a request's header (httpoxy); seeder is none.
        self._by_scheme = {"http": named("HTTP_PROXY") or every, "https": named("HTTPS_PROXY") or every}
        self._without = tuple(part.strip().lower() for part in named("NO_PROXY").split(",") if part.strip())

    def for_origin(self, origin: Origin) -> str:
        """The proxy's address, empty for none."""
        proxy = self._by_scheme[origin.scheme]
        if not proxy or any(_covers(rule, origin) for rule in self._without):
            return ""
        return proxy if "://" in proxy else f"http://{proxy}"


def login(proxy: str) -> dict[str, str]:
    """What a proxy is sent for the user and password in its address; nobody else gets to see it."""
    user, _, _ = urlsplit(proxy).netloc.rpartition("@")
    if not user:
        return {}
    name, _, secret = user.partition(":")
    pair = f"{unquote(name)}:{unquote(secret)}"
    return {"proxy-authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _covers(rule: str, origin: Origin) -> bool:
    if rule == "*":
        return True
    host, colon, port = rule.rpartition(":")
    if colon and port.isdigit() and not rule.endswith("]") and ":" not in host.strip("[]"):
        if int(port) != origin.port:
            return False
        rule = host
    if "/" in rule:
        return _in_network(rule, origin.host)
    bare = rule.strip("[]").removeprefix("*").removeprefix(".")
    return origin.host == bare or origin.host.endswith(f".{bare}")


def _in_network(rule: str, host: str) -> bool:
    import ipaddress  # noqa: PLC0415 - only where a rule is a network

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False
