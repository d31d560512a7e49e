"""What was asked of the sandbox, counted by kind of request and by repository."""

from __future__ import annotations

import threading
from collections import Counter, deque
from enum import StrEnum

from msgspec import Struct, field


class Action(StrEnum):
    """Kinds of request."""

    PING = "ping"
    TOKEN = "token"
    MANIFEST_GET = "manifest-get"
    MANIFEST_HEAD = "manifest-head"
    MANIFEST_PUT = "manifest-put"
    BLOB_GET = "blob-get"
    BLOB_HEAD = "blob-head"
    CDN_GET = "cdn-get"
    MOUNT = "mount"
    UPLOAD_POST = "upload-post"
    UPLOAD_PATCH = "upload-patch"
    UPLOAD_PUT = "upload-put"
    UPLOAD_GET = "upload-get"
    UPLOAD_DELETE = "upload-delete"
    TAGS = "tags"
    REFERRERS = "referrers"
    OTHER = "other"


class Asked(Struct, frozen=True, kw_only=True):
    """One request and the status that it got; `selector` is a tag, digest or upload."""

    action: Action
    method: str
    path: str
    repository: str
    selector: str
    status: int


class Counters(Struct, frozen=True):
    """A snapshot. Challenges (401) are counted under `challenges` alone, so that a pull is one GET."""

    requests: tuple[Asked, ...] = ()
    counts: Counter[tuple[Action, str]] = field(default_factory=Counter)
    selected: Counter[tuple[Action, str]] = field(default_factory=Counter)
    challenges: int = 0
    bytes_out: int = 0
    bytes_in: int = 0

    def by_repository(self, action: Action) -> Counter[str]:
        return Counter({repository: n for (kind, repository), n in self.counts.items() if kind == action})

    def by_selector(self, action: Action) -> Counter[str]:
        """By what the request named: a tag or a digest."""
        return Counter({selector: n for (kind, selector), n in self.selected.items() if kind == action})

    @property
    def manifest_gets(self) -> Counter[str]:
        """By repository; `.total()` for all."""
        return self.by_repository(Action.MANIFEST_GET)

    @property
    def manifest_heads(self) -> Counter[str]:
        return self.by_repository(Action.MANIFEST_HEAD)

    @property
    def manifest_puts(self) -> Counter[str]:
        return self.by_repository(Action.MANIFEST_PUT)

    @property
    def blob_gets(self) -> Counter[str]:
        return self.by_repository(Action.BLOB_GET)

    @property
    def blob_heads(self) -> Counter[str]:
        return self.by_repository(Action.BLOB_HEAD)

    @property
    def mounts(self) -> Counter[str]:
        return self.by_repository(Action.MOUNT)

    @property
    def uploads(self) -> Counter[str]:
        """Upload sessions that were opened."""
        return self.by_repository(Action.UPLOAD_POST)

    @property
    def total(self) -> int:
        """All requests, challenges included."""
        return self.counts.total() + self.challenges


class Tally:
    """Counts as requests come; the newest 50,000 are kept one by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._requests: deque[Asked] = deque(maxlen=50_000)
            self._counts: Counter[tuple[Action, str]] = Counter()
            self._selected: Counter[tuple[Action, str]] = Counter()
            self._challenges = self._bytes_out = self._bytes_in = 0

    def add(self, asked: Asked) -> None:
        with self._lock:
            self._requests.append(asked)
            if asked.status == 401:
                self._challenges += 1
                return
            self._counts[asked.action, asked.repository] += 1
            self._selected[asked.action, asked.selector] += 1

    def moved(self, *, received: int = 0, sent: int = 0) -> None:
        """Bytes of blobs."""
        with self._lock:
            self._bytes_in += received
            self._bytes_out += sent

    def snapshot(self) -> Counters:
        with self._lock:
            return Counters(
                tuple(self._requests),
                self._counts.copy(),
                self._selected.copy(),
                self._challenges,
                self._bytes_out,
                self._bytes_in,
            )
