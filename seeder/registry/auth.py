"""What to send as `Authorization`: basic, or bearer tokens from one cache for all threads.

Token protocol: distribution/distribution docs/content/spec/auth/token.md and oauth.md.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from seeder.errors import DeniedError, QuotaError, RegistryError, SeederError, ThrottledError
from seeder.registry.answers import error_of
from seeder.registry.challenge import Challenge
from seeder.registry.credentials import Credential, Credentials
from seeder.registry.endpoint import HUB_HOST, Endpoint
from seeder.registry.logins import Logins
from seeder.registry.reading import read_bounded
from seeder.registry.retry import Policy, is_temporary
from seeder.registry.transport import Origin, Sent, Transport

CLIENT_ID = "seeder"
_UNSAID = 60.0  # seconds that a token lives where its answer does not say (token.md)
_MARGIN = 0.25  # of its life: renewed that much ahead of its end
_LONGEST_MARGIN = 60.0
# Repositories in one token, which has to fit into a header. Docker Hub takes a `scope` for each, as pushes with mounts
# need it (docker/hub-feedback#2215 was a lapse, and mended); whoever does not is asked for one at a time.
_AT_ONCE = 16
_ASKED_TOGETHER = 4 * _AT_ONCE  # repositories that are likely to be asked for at the same time

# Docker Hub's challenge is known, which saves a 401 a repository. Its credentials go to no other realm.
_KNOWN = {
    HUB_HOST: Challenge(
        scheme="bearer", parameters={"realm": "https://auth.docker.io/token", "service": "registry.docker.io"}
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be done: `actions` (`pull` or `pull,push`) in the endpoint's repository; pull in those of `also`."""

    endpoint: Endpoint
    actions: str = "pull"
    also: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        first = f"repository:{self.endpoint.repository}:{self.actions}"
        return (first, *(f"repository:{name}:pull" for name in self.also))


@dataclass(frozen=True, slots=True)
class Key:
    """What a token is for: the cache's key."""

    realm: str
    service: str
    scopes: tuple[str, ...]
    credential: Credential | None


@dataclass(slots=True)
class _Slot:
    """A token and its end; the lock makes it one request at a time. `error` is how the last one ended, if badly."""

    lock: threading.Lock
    header: str = ""
    renew_at: float = 0.0
    error: SeederError | None = None
    failed_at: float = float("-inf")


class Together:
    """Repositories whose pulls share a token: the names of all that are in one, by host and repository.

    A token may grant less than was asked for without a word (token.md); then the repository is parted from the others.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], tuple[str, ...]] = {}

    def add(self, host: str, repositories: Iterable[str]) -> None:
        """Neighbours get different tokens, so that the first to be asked for fetch all of them at the same time."""
        new = sorted({name for name in repositories if (host, name) not in self._names})
        for start in range(0, len(new), _ASKED_TOGETHER):
            some = new[start : start + _ASKED_TOGETHER]
            tokens = -(-len(some) // _AT_ONCE)
            for first in range(tokens):
                self._share(host, some[first::tokens])

    def _share(self, host: str, repositories: Sequence[str]) -> None:
        names = tuple(f"repository:{name}:pull" for name in repositories)
        self._names.update(((host, name), names) for name in repositories)

    def names(self, scope: Scope) -> tuple[str, ...]:
        """The scopes to ask for in place of a scope; empty where it is asked for alone."""
        if scope.actions != "pull" or scope.also:
            return ()
        return self._names.get((scope.endpoint.host, scope.endpoint.repository), ())

    def part(self, scope: Scope) -> None:
        key = (scope.endpoint.host, scope.endpoint.repository)
        if key in self._names:
            self._names[key] = ()


class Authorizer:
    """Thread-safe. Learns from each host's challenge how it wants to be asked, and asks ahead from then on."""

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials,
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._policy = policy
        self._clock = clock
        self._challenges: dict[str, Challenge] = dict(_KNOWN)
        self._slots: dict[Key, _Slot] = {}
        self._together = Together()
        self._logins = Logins()
        self._lock = threading.Lock()

    def user(self, endpoint: Endpoint) -> str | None:
        """Whose credentials are used there; None for nobody's."""
        credential = self._credentials.lookup(endpoint.host, endpoint.repository)
        return None if credential is None else credential.username

    def ahead(self, scope: Scope) -> str:
        """The header to send, as far as it is known what the host wants; empty for none."""
        challenge = self._challenges.get(scope.endpoint.host)
        if challenge is None:
            return ""
        together = self._together.names(scope)
        if together and challenge.scheme == "bearer":
            try:
                return self._answer(scope, challenge, together, stale="")
            except (DeniedError, RegistryError) as error:
                if error.is_final or is_temporary(error):
                    raise
                self._together.part(scope)  # whatever the service dislikes in so many, one is asked for alone
        return self._answer(scope, challenge, scope.names(), stale="")

    def expect(self, endpoints: Iterable[Endpoint]) -> None:
        """Announces repositories that will be pulled from: one token serves several of them."""
        alike: dict[tuple[str, Credential | None], list[str]] = {}
        for endpoint in endpoints:
            credential = self._credentials.lookup(endpoint.host, endpoint.repository)
            alike.setdefault((endpoint.host, credential), []).append(endpoint.repository)
        for (host, _), repositories in alike.items():
            self._together.add(host, repositories)

    def learn(self, host: str, challenge: Challenge) -> None:
        """Remembers how a host wants to be asked."""
        self._challenges.setdefault(host, challenge)

    def challenged(self, scope: Scope, challenge: Challenge, sent: str) -> str:
        """The header to send after a 401; empty where nothing new can be said."""
        self._challenges[scope.endpoint.host] = challenge
        self._together.part(scope)
        asked = challenge.parameters.get("scope", "")
        names = scope.names()
        if asked and asked not in names:
            names = (*dict.fromkeys((*asked.split(), *names)),)
        return self._answer(scope, challenge, names, stale=sent)

    def _answer(self, scope: Scope, challenge: Challenge, names: tuple[str, ...], *, stale: str) -> str:
        endpoint = scope.endpoint
        credential = self._credentials.lookup(endpoint.host, endpoint.repository)
        if challenge.scheme == "basic":
            header = credential.basic() if credential and not credential.is_identity_token else ""
            return "" if header == stale else header
        realm = challenge.parameters.get("realm", "")
        known = _KNOWN.get(endpoint.host)
        if credential and known and realm != known.parameters["realm"]:
            credential = None
        key = Key(realm, challenge.parameters.get("service", ""), names, credential)
        return self._token(key, endpoint, stale)

    def _token(self, key: Key, endpoint: Endpoint, stale: str) -> str:
        slot = self._slots.get(key)
        if slot is None:
            with self._lock:
                slot = self._slots.setdefault(key, _Slot(threading.Lock()))
        if slot.header and slot.header != stale and self._clock() < slot.renew_at:
            return slot.header
        waits_since = self._clock()
        with slot.lock:
            if slot.error is not None and slot.failed_at >= waits_since:
                raise slot.error.with_traceback(None)  # whoever waited for it got an answer too
            if not slot.header or slot.header == stale or self._clock() >= slot.renew_at:
                self._renew(slot, key, endpoint)
            return slot.header

    def _renew(self, slot: _Slot, key: Key, endpoint: Endpoint) -> None:
        began = self._clock()
        try:
            token, life = self._policy.call(lambda: self._request(key, endpoint))
        except SeederError as error:
            slot.error, slot.failed_at = error, self._clock()
            raise
        margin = min(_LONGEST_MARGIN, life * _MARGIN)
        slot.header, slot.renew_at = f"Bearer {token}", began + life - margin

    def _request(self, key: Key, endpoint: Endpoint) -> tuple[str, float]:
        """A new token and its life in seconds; raises DeniedError, ThrottledError, RegistryError, UnreachableError."""
        self._refuse_plain(key, endpoint)
        doing = f"asking for a token for {endpoint}"
        host = Origin.of(key.realm).netloc
        with self._logins.tried(key.realm, key.credential):
            answer = self._transport.send(_asking(key, insecure=endpoint.insecure))
            if answer.status != 200:
                user = key.credential.username if key.credential else None
                raise _for_token(error_of(answer, doing, host, user=user), host, user)
        body = read_bounded(answer, self._transport.limits.token, f"{doing}: the answer of {host}")
        return _parse(body, doing, host)

    @staticmethod
    def _refuse_plain(key: Key, endpoint: Endpoint) -> None:
        """Credentials leave by plain HTTP only where the user said `insecure`."""
        if Origin.of(key.realm).scheme == "http" and key.credential and not endpoint.insecure:
            raise DeniedError(
                f"{endpoint.host} sends logins to {key.realm}, which is plain HTTP: refused",
                where=endpoint.host,
                hint="say `insecure: true` if that is meant",
                code="plain-http",
            )


def _asking(key: Key, *, insecure: bool) -> Sent:
    """The token request: a GET with basic credentials if any, or OAuth2's POST for an identity token."""
    credential = key.credential
    if credential and credential.is_identity_token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credential.secret,
            "service": key.service,
            "client_id": CLIENT_ID,
            "scope": " ".join(key.scopes),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Sent(method="POST", url=key.realm, headers=headers, body=urlencode(form).encode(), insecure=insecure)
    query = urlencode([*([("service", key.service)] if key.service else []), *(("scope", s) for s in key.scopes)])
    separator = "&" if "?" in key.realm else "?"
    headers = {"Authorization": credential.basic()} if credential else {}
    return Sent(method="GET", url=f"{key.realm}{separator}{query}", headers=headers, insecure=insecure)


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
        document = json.loads(body)
        token = document.get("token") or document.get("access_token")
        life = float(document.get("expires_in") or _UNSAID)
    except (ValueError, TypeError, AttributeError):
        raise RegistryError(f"{doing}: {host} answered no JSON", where=host, code="token") from None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise RegistryError(f"{doing}: {host} answered without a token", where=host, code="token")
    return token, life
