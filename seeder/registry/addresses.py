"""Addresses: where they lead, and what of them may be shown."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from seeder.errors import RegistryError


class Origin(Struct, frozen=True, kw_only=True):
    """Scheme, host and port: what a pool of connections is for, and what `Authorization` is for."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Raises RegistryError for what is no http or https address, without its query, which may be a signature."""
        shown = url.partition("?")[0][:200]
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError as error:
            raise RegistryError(f"{shown!r} is no address: {error}") from error
        if scheme not in {"http", "https"} or not host or not host.isascii():
            raise RegistryError(f"{shown!r} is no http or https address")
        return cls(scheme=scheme, host=host, port=port or (443 if scheme == "https" else 80))

    @property
    def netloc(self) -> str:
        """Host and port as certs.d and users write them: without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def joined(base: str, location: str) -> str:
    """A `Location` made absolute; raises RegistryError for what cannot be. Whoever asks there finds out the rest."""
    if location.startswith(("https://", "http://")):  # as nearly all are, and joining takes them apart for nothing
        return location
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
