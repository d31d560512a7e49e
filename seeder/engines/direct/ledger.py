"""The pulls that a run may spend: promised to images before they begin, so that none is left half paid."""

from __future__ import annotations

from msgspec import Struct

from seeder.errors import EngineError, QuotaError, SeederError
from seeder.model.quota import LATER, Quota
from seeder.model.reference import ImageReference
from seeder.numbers import counted
from seeder.registry.client import Client
from seeder.threads import Locks


class _Account(Struct):
    """`budget` is None where the source has no limit."""

    budget: int | None
    promised: int = 0


class Promise(Struct):
    """Pulls set aside for one image: `left` are those not spent yet, `spent` those that were.

    One that was given back `is_over`: what is still under way for its image gets no pull any more.
    """

    source: ImageReference
    left: int = 0
    spent: int = 0
    is_over: bool = False


class Ledger:
    """Thread-safe. What a source leaves is read once, before the first pull (at worst by one HEAD, which is free)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._accounts: dict[str, _Account] = {}
        self._locks: Locks[str] = Locks()

    def extend(self, promise: Promise, pulls: int) -> None:
        """Sets pulls aside for an image; raises QuotaError where the source does not leave them, EngineError where the
        promise is over.
        """
        if pulls <= 0:
            return
        host = self._client.endpoint(promise.source).host
        with self._locks.of(host):
            self._set_aside(promise, host, pulls)

    def spend(self, promise: Promise) -> None:
        """Takes one pull of a promise; sets one aside first where nothing is left of it. Raises as `extend`."""
        host = self._client.endpoint(promise.source).host
        with self._locks.of(host):
            if promise.left < 1:
                self._set_aside(promise, host, 1)
            promise.left -= 1
            promise.spent += 1

    def release(self, promise: Promise) -> None:
        """Gives back what was not spent, and ends the promise; never raises."""
        promise.is_over = True
        if promise.left <= 0:
            return  # also where the source is blocked and has no host to ask for
        host = self._client.endpoint(promise.source).host
        with self._locks.of(host):
            self._give_back(promise, host)

    def _set_aside(self, promise: Promise, host: str, pulls: int) -> None:
        account = self._account(host, promise.source)
        if account.budget is not None:
            self._check(account, host, promise.source, pulls)
        account.promised += pulls
        promise.left += pulls
        if promise.is_over:  # looked at last: whoever ends it meanwhile finds nothing to give back, or all of it
            self._give_back(promise, host)
            raise EngineError("nobody waits for the image any more", code="unwanted")

    def _give_back(self, promise: Promise, host: str) -> None:
        self._accounts[host].promised -= promise.left
        promise.left = 0

    def _account(self, host: str, source: ImageReference) -> _Account:
        found = self._accounts.get(host)
        if found is None:
            quota = self._asked(source)
            found = self._accounts[host] = _Account(quota.available if quota else None)
        return found

    def _asked(self, source: ImageReference) -> Quota | None:
        try:
            return self._client.quota(source)
        except SeederError:
            return None  # the pull itself will say what is wrong

    def _check(self, account: _Account, host: str, source: ImageReference, pulls: int) -> None:
        """Others may spend behind the same address: what the source says now counts too."""
        now = self._client.quotas.get(host)
        left = (account.budget or 0) - account.promised
        if pulls <= left and (now is None or now.available > 0):
            return
        some = min(left, now.available) if now else left
        figures = f" ({now.figures})" if now else ""
        raise QuotaError(
            f"takes {counted(pulls, 'pull')}, and {max(0, some)} are left{figures}",
            hint=LATER,
            where=source.registry,
        )
