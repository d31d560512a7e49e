"""Docker Hub's pull quota, as its `ratelimit-*` headers tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

_COUNT = re.compile(r"\s*(\d+)")
_WINDOW = re.compile(r";\s*w=(\d+)")
_ADDRESS = re.compile(r"[0-9.]+\Z|[0-9a-fA-F:]*:[0-9a-fA-F:]*\Z")

# What to try once a quota is spent.
LATER = "run again when the window has moved on, or with `--wait 6h`; what was copied stays"


class Quota(Struct, frozen=True, kw_only=True):
    """`remaining` of `limit` pulls in `window` seconds; `source` is an address, or an account's UUID."""

    limit: int
    remaining: int
    window: int = 21600
    source: str = ""

    @classmethod
    def parse(cls, headers: Mapping[str, str]) -> Quota | None:
        """Reads an answer's headers (lower-case names); None where there is no limit. Lenient: Docker Hub's wobble."""
        limit = _COUNT.match(headers.get("ratelimit-limit", ""))
        remaining = _COUNT.match(headers.get("ratelimit-remaining", ""))
        if limit is None or remaining is None:
            return None
        window = _WINDOW.search(headers["ratelimit-limit"])
        return cls(
            limit=int(limit[1]),
            remaining=int(remaining[1]),
            window=int(window[1]) if window else 21600,
            source=headers.get("docker-ratelimit-source", "").strip(),
        )

    @property
    def is_account(self) -> bool:
        """Whether the limit is an account's and not shared with the nodes behind the same address."""
        return bool(self.source) and not _ADDRESS.match(self.source)

    @property
    def reserve(self) -> int:
        """Pulls left to the nodes behind the same address: the smaller of 20 and a fifth of the limit."""
        return 0 if self.is_account else min(20, self.limit // 5)

    @property
    def figures(self) -> str:
        """`60 of 100, 20 of them kept for the nodes`."""
        kept = f", {self.reserve} of them kept for the nodes" if self.reserve else ""
        return f"{self.remaining} of {self.limit}{kept}"

    @property
    def available(self) -> int:
        return max(0, self.remaining - self.reserve)
