"""Faults as values: what goes wrong, for which requests, how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct, field

from seeder.sandbox.counters import Action
from seeder.sandbox.message import Request


class Kind(StrEnum):
    """What goes wrong. `amount` and `status` of a Fault mean, where they are named here:"""

    CUT = "cut"
    """The body ends after `amount` bytes (default: half) and with it the connection."""
    STALL = "stall"
    """The body stops after half and goes on after `amount` seconds (default: never)."""
    CORRUPT = "corrupt"
    """One byte in the middle of the body is another."""
    OVERLONG = "overlong"
    """`amount` bytes (default: 1024) more than there are, and Content-Length says so."""
    WRONG_LENGTH = "wrong-length"
    """Content-Length says `amount` bytes (default: 1) fewer than are sent."""
    STATUS = "status"
    """`status` (default: 503) with an HTML page, as a proxy answers; `retry_after` in seconds goes with it."""
    RESET = "reset"
    """The connection is reset, and nothing is done."""
    LOST_ANSWER = "lost-answer"
    """The request is carried out, then the connection is reset."""
    SLOW = "slow"
    """Head and body come a byte at a time, `amount` seconds (default: 0.05) apart."""
    DELAY = "delay"
    """The answer begins `amount` seconds (default: 1) later."""
    EXPIRE_TOKENS = "expire-tokens"
    """Every token expires just before the request."""
    UNAUTHORIZED = "unauthorized"
    """401, whatever the token."""
    QUOTA = "quota"
    """Docker Hub's 429 for a spent quota: JSON, its code in lower case."""
    ABUSE = "abuse"
    """Docker Hub's 429 for too many requests: bare text."""
    LOGIN = "login"
    """The 429 of a token endpoint; set `action=Action.TOKEN`."""
    REDIRECT_LOOP = "redirect-loop"
    """307 to the same address."""
    REDIRECT_PLAIN = "redirect-plain"
    """A redirect loses its scheme: http where it was https."""
    RANGE_IGNORED = "range-ignored"
    """200 with the whole body to a request with Range."""
    RANGE_FALSE = "range-false"
    """416 that announces a body which never comes, as distribution 2.8 sends it."""
    UPLOAD_LOST = "upload-lost"
    """The upload session is forgotten before the request, as by a restart or a second replica."""
    MOUNT_REFUSED = "mount-refused"
    """202 to a mount that would have worked."""
    MOUNT_LIES = "mount-lies"
    """201 to a mount, and nothing is there."""
    VANISH = "vanish"
    """A blob or child that the manifest names goes before it is put: 400; `status` may say 404."""
    COLLECT = "collect"
    """Garbage is collected just before the request: whatever no tag leads to goes, also what came a moment ago."""
    TOO_LARGE = "too-large"
    """413 with an HTML page to a body of more than `amount` bytes (default: any), as an ingress answers, unread."""
    FULL = "full"
    """500 UNKNOWN, as distribution says that its disk is full."""
    WRONG_DIGEST = "wrong-digest"
    """Docker-Content-Digest names another digest."""
    NO_DIGEST = "no-digest"
    """Docker-Content-Digest is missing."""
    NO_SUBJECT = "no-subject"
    """OCI-Subject is missing from the answer to a PUT."""
    MOVED = "moved"
    """After the answer the tag stands for another manifest."""


class Fault(Struct, frozen=True, kw_only=True):
    """One fault, for the requests that fit all of `action`, `method` and `path` (a pattern found in the path).

    It hits `times` fitting requests (None: all) from the `nth` on, counted from 1. Requests that would only get a
    challenge (no token where one is demanded) are neither hit nor counted.
    """

    kind: Kind
    action: Action | None = None
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int | None = 1
    amount: float | None = None
    status: int = 0
    retry_after: int | None = None

    def fits(self, request: Request, action: Action) -> bool:
        fits_action = self.action is None or self.action == action
        fits_method = not self.method or self.method == request.method
        return fits_action and fits_method and re.search(self.path, request.path) is not None


class _Armed(Struct):
    fault: Fault
    seen: int = 0
    hits: int = 0

    def hit(self, request: Request, action: Action) -> bool:
        if not self.fault.fits(request, action):
            return False
        self.seen += 1
        last = self.fault.nth + self.fault.times if self.fault.times is not None else None
        if self.seen < self.fault.nth or (last is not None and self.seen >= last):
            return False
        self.hits += 1
        return True


class Faults(Struct):
    """The faults of a sandbox; for each request, those that hit it."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def hitting(self, request: Request, action: Action) -> list[Fault]:
        if not self._armed:
            return []
        with self._lock:
            return [armed.fault for armed in self._armed if armed.hit(request, action)]

    def hits(self) -> list[tuple[Fault, int]]:
        """Each fault, and how many requests it has hit."""
        with self._lock:
            return [(armed.fault, armed.hits) for armed in self._armed]
