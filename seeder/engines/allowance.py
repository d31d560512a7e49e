"""What a source still allows: asked by HEAD before each image, shared by all that run at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from seeder.errors import QuotaError
from seeder.model.copy import Copy
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference


class Asks(Protocol):
    """The part of the registry client that is needed here."""

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None: ...


class Allowance:
    """Pulls that are promised to images under way are not given twice; a source found spent is not asked again."""

    def __init__(self, client: Asks) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._under_way: dict[str, int] = {}
        self._spent: dict[str, QuotaError] = {}
        self._unlimited: set[str] = set()

    @contextmanager
    def granted(self, copy: Copy) -> Iterator[None]:
        """Sets a copy's pulls aside while it runs; raises QuotaError where the source does not leave them."""
        source = copy.pin.reference.registry
        price = copy.pulls.assumed
        with self._lock:
            if source in self._spent and price:
                raise self._spent[source]
            self._check(copy, source, price)
            self._under_way[source] = self._under_way.get(source, 0) + price
        try:
            yield
        finally:
            with self._lock:
                self._under_way[source] -= price

    def spent(self, source: str, error: QuotaError) -> None:
        """A source said that nothing is left: whatever comes later gets this error without asking."""
        with self._lock:
            self._spent.setdefault(source, error)

    def _check(self, copy: Copy, source: str, price: int) -> None:
        if not price or source in self._unlimited:
            return
        quota = self._client.quota(copy.source, fresh=True)
        if quota is None:
            self._unlimited.add(source)
            return
        left = quota.available - self._under_way.get(source, 0)
        if price > left:
            raise QuotaError(
                f"takes {price} pulls, and {max(0, left)} are left "
                f"({quota.remaining} of {quota.limit}, {quota.reserve} of them kept for the nodes)",
                hint="run again when the window has moved on; what was copied stays",
                where=source,
            )
