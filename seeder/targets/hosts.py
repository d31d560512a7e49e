"""Registry hosts as the first part of a path, and back.

Lower case, `:` becomes `_`, the brackets of IPv6 go, a bare `localhost` becomes `localhost_`. What makes no legal path
(the last one, `::1`), or would read back as another host, has no name here and needs `as:`.
"""

from __future__ import annotations

import ipaddress
import re

from seeder.model.reference import HUB_ALIASES, is_host, is_valid_host, is_valid_repository

_HOST_AND_PORT = re.compile(r"(?P<host>[^_]+)_(?P<port>[0-9]+)\Z")
_IPV6_PARTS = re.compile(r"[0-9a-f_]+\Z")


def encoded(host: str) -> str:
    """A host as a part of a path, which need not be a legal one."""
    path = host.lower().replace("[", "").replace("]", "").replace(":", "_")
    return "localhost_" if path == "localhost" else path


def is_encodable(host: str) -> bool:
    """Whether the host has a legal name that stands for it alone (but for upper and lower case)."""
    path = encoded(host)
    return is_valid_repository(path) and decoded(path) == host.lower()


def decoded(part: str) -> str | None:
    """The host that a path's first part stands for; None where it is a name of Docker Hub's own."""
    host = _ipv6(part) if part.count("_") > 1 else _named(part)
    return host if host is not None and is_valid_host(host) and host not in HUB_ALIASES else None


def _named(part: str) -> str | None:
    match = _HOST_AND_PORT.match(part)
    host = f"{match['host']}:{match['port']}" if match else part
    return host if is_host(host) and host != "localhost" else None


def _ipv6(part: str) -> str | None:
    """With a port where it can be read so: a registry at an IPv6 address nearly always has one."""
    if not _IPV6_PARTS.match(part):
        return None
    address, _, port = part.rpartition("_")
    if port.isdecimal() and _is_ipv6(address):
        return f"[{address.replace('_', ':')}]:{port}"
    return f"[{part.replace('_', ':')}]" if _is_ipv6(part) else None


def _is_ipv6(part: str) -> bool:
    try:
        ipaddress.IPv6Address(part.replace("_", ":"))
    except ValueError:
        return False
    return True
