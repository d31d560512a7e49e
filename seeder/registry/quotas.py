"""What sources say of their pull quota, by host, as read from every answer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from seeder.model.quota import Quota


class Quotas:
    """The newest figures, the pulls that this run made, and the hosts that said the quota is spent."""

    def __init__(self) -> None:
        self._seen: dict[str, Quota] = {}
        self._pulls: Counter[tuple[str, str]] = Counter()
        self._spent: set[str] = set()
        self._heard: set[str] = set()
        self._lock = threading.Lock()

    def read(self, host: str, headers: Mapping[str, str]) -> None:
        """Takes an answer's headers. Answers overtake each other: of one source the least count is the truth."""
        if "ratelimit-remaining" not in headers:
            return
        quota = Quota.parse(headers)
        if quota is None:
            return
        with self._lock:
            known = self._seen.get(host)
            same = known is not None and (known.limit, known.source) == (quota.limit, quota.source)
            if known is None or not same or quota.remaining < known.remaining:
                self._seen[host] = quota

    def refresh(self, host: str) -> None:
        """Forgets what was seen of a host, so that a new question may also find more."""
        with self._lock:
            self._seen.pop(host, None)
            self._spent.discard(host)
            self._heard.discard(host)

    def heard(self, host: str) -> None:
        """A host told of a manifest: had it a quota, it would have said so."""
        self._heard.add(host)

    def is_known(self, host: str) -> bool:
        """Whether there is nothing left to ask: a quota was seen, or that there is none."""
        return host in self._seen or host in self._heard

    def pulled(self, host: str, repository: str) -> None:
        """Counts a manifest GET."""
        with self._lock:
            self._pulls[host, repository] += 1

    def pulls(self, host: str = "", repository: str = "") -> int:
        """Manifest GETs of this run, at one repository or at all. A source's host may be the target's, too."""
        return self._pulls[host, repository] if host else self._pulls.total()

    def spend(self, host: str) -> None:
        """A host answered that the quota is spent: no more GETs there."""
        with self._lock:
            self._spent.add(host)

    def is_spent(self, host: str) -> bool:
        return host in self._spent

    def get(self, host: str) -> Quota | None:
        return self._seen.get(host)
