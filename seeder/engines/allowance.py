"""What a source still allows: asked by HEAD before each image, shared by all that run at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from seeder.errors import QuotaError
from seeder.model.copy import Copy
from seeder.model.quota import LATER, Quota
from seeder.model.reference import ImageReference
from seeder.numbers import counted


class Asks(Protocol):
    """The part of the registry client that is needed here."""

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None: ...


class Allowance:
    """Pulls that are promised to images under way are not given twice; a source found spent is not asked again."""

    def __init__(self, client: Asks) -> None:
        self._client = client
        self._accounts: dict[str, _Account] = {}
        self._lock = threading.Lock()

    @contextmanager
    def granted(self, copy: Copy) -> Iterator[None]:
        """Sets a copy's pulls aside while it runs; raises QuotaError where the source does not leave them."""
        if not copy.pulls.assumed:
            yield
            return
        account = self._account(copy.pin.reference.registry)
        account.take(copy, self._client)
        try:
            yield
        finally:
            account.give_back(copy.pulls.assumed)

    def spent(self, source: str, error: QuotaError) -> None:
        """A source said that nothing is left: whatever comes later gets this error without asking."""
        self._account(source).spend(error)

    def _account(self, source: str) -> _Account:
        with self._lock:
            return self._accounts.setdefault(source, _Account())


class _Account:
    """Of one source. Who asks it holds `_asking`; `_changed` is held for a moment only, so that whoever ends waits for
    no answer.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._changed = threading.Condition()
        self._under_way = 0
        self._ended = 0
        self._spent: QuotaError | None = None
        self._is_unlimited = False

    def take(self, copy: Copy, client: Asks) -> None:
        """Raises QuotaError."""
        while True:
            with self._asking:
                with self._changed:
                    under_way, ended = self._under_way, self._ended
                short = self._shortage(copy, client, under_way)
                if short is None:
                    with self._changed:
                        self._under_way += copy.pulls.assumed
                    return
            # What is under way may have been counted by the source already: only when it has ended is it known.
            with self._changed:
                if self._spent or not under_way:
                    raise self._spent or short
                while self._ended == ended and self._spent is None:
                    self._changed.wait()

    def give_back(self, price: int) -> None:
        with self._changed:
            self._under_way -= price
            self._ended += 1
            self._changed.notify_all()

    def spend(self, error: QuotaError) -> None:
        with self._changed:
            self._spent = self._spent or error
            self._changed.notify_all()

    def _shortage(self, copy: Copy, client: Asks, under_way: int) -> QuotaError | None:
        """What is missing for a copy, as the error that says so; None where enough is left.

        `under_way` is from before the question: the answer may not count yet what ended since.
        """
        price = copy.pulls.assumed
        if self._is_unlimited:
            return None
        if self._spent:
            return self._spent
        quota = client.quota(copy.source, fresh=True)
        if quota is None:
            self._is_unlimited = True
            return None
        left = quota.available - under_way
        if price <= left:
            return None
        return QuotaError(
            f"takes {counted(price, 'pull')}, and {max(0, left)} are left ({quota.figures})",
            hint=LATER,
            where=copy.pin.reference.registry,
        )
