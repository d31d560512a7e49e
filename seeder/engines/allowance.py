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
        self._changed = threading.Condition()
        self._under_way: dict[str, int] = {}
        self._spent: dict[str, QuotaError] = {}
        self._unlimited: set[str] = set()

    @contextmanager
    def granted(self, copy: Copy) -> Iterator[None]:
        """Sets a copy's pulls aside while it runs; raises QuotaError where the source does not leave them."""
        source = copy.pin.reference.registry
        price = copy.pulls.assumed
        with self._changed:
            # What is under way may have been counted by the source already: only when it has ended is it known.
            while (short := self._shortage(copy, source, price)) and self._may_change(source):
                self._changed.wait()
            if short:
                raise short
            self._under_way[source] = self._under_way.get(source, 0) + price
        try:
            yield
        finally:
            with self._changed:
                self._under_way[source] -= price
                self._changed.notify_all()

    def spent(self, source: str, error: QuotaError) -> None:
        """A source said that nothing is left: whatever comes later gets this error without asking."""
        with self._changed:
            self._spent.setdefault(source, error)
            self._changed.notify_all()

    def _may_change(self, source: str) -> bool:
        return source not in self._spent and self._under_way.get(source, 0) > 0

    def _shortage(self, copy: Copy, source: str, price: int) -> QuotaError | None:
        """What is missing for a copy, as the error that says so; None where enough is left."""
        if not price or source in self._unlimited:
            return None
        if source in self._spent:
            return self._spent[source]
        quota = self._client.quota(copy.source, fresh=True)
        if quota is None:
            self._unlimited.add(source)
            return None
        left = quota.available - self._under_way.get(source, 0)
        if price <= left:
            return None
        return QuotaError(
            f"takes {counted(price, 'pull')}, and {max(0, left)} are left ({quota.figures})",
            hint=LATER,
            where=source,
        )
