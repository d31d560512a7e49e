"""Tokens from a registry's token service.

Protocol: distribution/distribution docs/content/spec/auth/token.md and oauth.md.
"""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from seeder import json_text
from seeder.errors import DeniedError, QuotaError, RegistryError, ThrottledError
from seeder.registry.addresses import Origin
from seeder.registry.answers import Asking, error_of
from seeder.registry.credential import Credential
from seeder.registry.endpoint import Endpoint
from seeder.registry.logins import Logins
from seeder.registry.reading import read_bounded
from seeder.registry.retry import Policy
from seeder.registry.transport import Sent, Transport

CLIENT_ID = "seeder"
_UNSAID = 60.0  # seconds that a token lives where its answer does not say (token.md)


class Key(Struct, frozen=True):
    """What a token is for: the cache's key."""

    realm: str
    service: str
    scopes: tuple[str, ...]
    credential: Credential | None


class Tokens:
    """Asks for tokens. Thread-safe."""

    def __init__(self, transport: Transport, policy: Policy) -> None:
        self._transport = transport
        self._policy = policy
        self._logins = Logins()

    def ask(self, key: Key, endpoint: Endpoint) -> tuple[str, float]:
        """A new token and its life in seconds; raises DeniedError, ThrottledError, RegistryError, UnreachableError."""
        return self._policy.call(lambda: self._request(key, endpoint))

    def _request(self, key: Key, endpoint: Endpoint) -> tuple[str, float]:
        _refuse_plain(key, endpoint)
        doing = f"asking for a token for {endpoint}"
        host = Origin.of(key.realm).netloc
        with self._logins.tried(key.realm, key.credential):
            answer = self._transport.send(_asking(key, endpoint))
            if answer.status != 200:
                user = key.credential.username if key.credential else None
                raise _for_token(error_of(answer, doing, host, Asking(user=user)), host, user)
        body = read_bounded(answer, self._transport.limits.token, f"{doing}: the answer of {host}")
        return _parse(body, doing, host)


def _refuse_plain(key: Key, endpoint: Endpoint) -> None:
    """Credentials leave by plain HTTP only where the user said `insecure`."""
    if Origin.of(key.realm).scheme == "http" and key.credential and not endpoint.insecure:
        raise DeniedError(
            f"{endpoint.host} sends logins to {key.realm}, which is plain HTTP: refused",
            where=endpoint.host,
            hint="say `insecure: true` if that is meant",
            code="plain-http",
        )


def _asking(key: Key, endpoint: Endpoint) -> Sent:
    """The token request: a GET with basic credentials if any, or OAuth2's POST for an identity token."""
    credential = key.credential
    sent = Sent(method="GET", url=key.realm, registry=endpoint.host, insecure=endpoint.insecure)
    if credential and credential.is_identity_token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credential.secret,
            "service": key.service,
            "client_id": CLIENT_ID,
            "scope": " ".join(key.scopes),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return replace(sent, method="POST", headers=headers, body=urlencode(form).encode())
    query = urlencode([*([("service", key.service)] if key.service else []), *(("scope", s) for s in key.scopes)])
    separator = "&" if "?" in key.realm else "?"
    headers = {"Authorization": credential.basic()} if credential else {}
    return replace(sent, url=f"{key.realm}{separator}{query}", headers=headers)


def _for_token(error: Exception, host: str, user: str | None) -> Exception:
    """A 429 of a token service is never the pull quota; one for failed logins is no reason to log in again."""
    if user is not None and isinstance(error, ThrottledError) and "login attempts" in error.message.lower():
        return DeniedError(
            error.message,
            where=host,
            hint="the account is locked for about ten minutes; check its user name and password meanwhile",
            status=429,
            code="too-many-logins",
        )
    if isinstance(error, QuotaError):
        return ThrottledError(error.message, where=host, hint="too many logins; wait some minutes", status=429)
    if isinstance(error, DeniedError) and error.status == 401:
        error.code = "wrong-credentials"
    return error


def _parse(body: bytes, doing: str, host: str) -> tuple[str, float]:
    try:
        document = json_text.parse(body)
        token = document.get("token") or document.get("access_token")
        life = float(document.get("expires_in") or _UNSAID)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise RegistryError(f"{doing}: {host} answered no JSON", where=host, code="token") from None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise RegistryError(f"{doing}: {host} answered without a token", where=host, code="token")
    return token, life
