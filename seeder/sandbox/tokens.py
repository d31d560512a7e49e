"""Bearer tokens and Basic credentials (distribution: docs/content/spec/auth/token.md)."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Iterable

from msgspec import Struct

SERVICE = "sandbox"


class Grant(Struct, frozen=True, order=True):
    """One action (`pull`, `push`) on one repository."""

    repository: str
    action: str


def scope(grants: Iterable[Grant]) -> str:
    """Grants as a scope: `repository:a/b:pull,push repository:c:pull`."""
    actions: dict[str, list[str]] = {}
    for grant in grants:
        actions.setdefault(grant.repository, []).append(grant.action)
    return " ".join(f"repository:{repository}:{','.join(found)}" for repository, found in actions.items())


def parse_scopes(texts: Iterable[str]) -> list[Grant]:
    """Scopes from a token request; what is no repository's scope is left out, as its grant would be."""
    grants = []
    for text in " ".join(texts).split():
        kind, _, rest = text.partition(":")
        repository, _, actions = rest.rpartition(":")
        if kind == "repository" and repository:
            grants += [Grant(repository, action) for action in actions.split(",")]
    return grants


def basic(header: str) -> tuple[str, str] | None:
    """User and password of an Authorization header; None where it is no Basic one."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


class Tokens:
    """Tokens that were given out, what each allows, and until when."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._given: dict[str, tuple[frozenset[Grant], float]] = {}

    def give(self, grants: Iterable[Grant]) -> str:
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._given[token] = frozenset(grants), time.monotonic() + self.seconds
        return token

    def grants(self, token: str) -> frozenset[Grant] | None:
        """What a token allows; None where it is unknown or expired."""
        with self._lock:
            grants, until = self._given.get(token, (frozenset(), 0.0))
        return grants if time.monotonic() < until else None

    def expire(self) -> None:
        """Ends every token now."""
        with self._lock:
            self._given.clear()
