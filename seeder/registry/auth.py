"""What to send as `Authorization`: basic, or bearer tokens from one cache for all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from seeder.errors import DeniedError, RegistryError, SeederError
from seeder.registry.challenge import Challenge
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials
from seeder.registry.endpoint import HUB_HOST, Endpoint
from seeder.registry.retry import Policy, is_temporary
from seeder.registry.scopes import Scope, Together
from seeder.registry.tokens import Key, Tokens
from seeder.registry.transport import Transport

_MARGIN = 0.25  # of its life: renewed that much ahead of its end
_LONGEST_MARGIN = 60.0
# Docker Hub's challenge is known, which saves a 401 a repository. Its credentials go to no other realm.
_KNOWN = {
    HUB_HOST: Challenge(
        scheme="bearer", parameters={"realm": "https://auth.docker.io/token", "service": "registry.docker.io"}
    )
}


class _Slot(Struct):
    """A token and its end; the lock makes it one request at a time. `error` is how the last one ended, if badly."""

    lock: threading.Lock
    header: str = ""
    renew_at: float = 0.0
    error: SeederError | None = None
    failed_at: float = float("-inf")


class Authorizer:
    """Thread-safe. Learns from each host's challenge how it wants to be asked, and asks ahead from then on."""

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials,
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = Tokens(transport, policy)
        self._credentials = credentials
        self._clock = clock
        self._challenges: dict[str, Challenge] = dict(_KNOWN)
        self._slots: dict[Key, _Slot] = {}
        self._together = Together()
        self._lock = threading.Lock()

    @property
    def nobody(self) -> str:
        """Where no credentials were found."""
        return self._credentials.nobody

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
            try:
                credential = self._credentials.lookup(endpoint.host, endpoint.repository)
            except SeederError:  # a helper fails: each image of that host says so when its turn comes
                continue
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
            token, life = self._tokens.ask(key, endpoint)
        except SeederError as error:
            slot.error, slot.failed_at = error, self._clock()
            raise
        margin = min(_LONGEST_MARGIN, life * _MARGIN)
        slot.header, slot.renew_at = f"Bearer {token}", began + life - margin
