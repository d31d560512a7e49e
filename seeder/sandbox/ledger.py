"""The pull quota of a Docker Hub stand-in: manifest GETs are charged, HEADs are free."""

from __future__ import annotations

import threading

from seeder.sandbox.message import Response, json_reply

WINDOW = 21600
MESSAGE = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"


class Ledger:
    """`limit` pulls; None for no limit, and then no headers either. `source` is an address or an account's UUID."""

    def __init__(self, limit: int | None, source: str) -> None:
        self._lock = threading.Lock()
        self._source = source
        self.set(limit)

    def set(self, limit: int | None) -> None:
        """A new limit with nothing spent."""
        with self._lock:
            self.limit = limit
            self.spent = 0

    def spend(self) -> bool:
        """Charges one pull; False where none is left."""
        with self._lock:
            if self.limit is not None and self.spent >= self.limit:
                return False
            self.spent += 1
            return True

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else self.limit - self.spent

    def headers(self) -> dict[str, str]:
        if self.limit is None:
            return {}
        return {
            "ratelimit-limit": f"{self.limit};w={WINDOW}",
            "ratelimit-remaining": f"{self.remaining};w={WINDOW}",
            "docker-ratelimit-source": self._source,
        }


def exhausted() -> Response:
    """Docker Hub's answer when the quota is spent: the code in lower case, unlike the specification's."""
    return json_reply(429, {"errors": [{"code": "toomanyrequests", "message": MESSAGE}]})
