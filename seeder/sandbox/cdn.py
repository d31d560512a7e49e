"""The second port, where blobs are really served: signed addresses that expire, and no Authorization header."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from seeder.model.digest import Digest
from seeder.sandbox import blobs
from seeder.sandbox.message import Request, Response, reply
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage

ONE_MECHANISM = b"<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class Cdn:
    """Signs addresses of blobs, good for `seconds`, and serves them."""

    def __init__(self, storage: Storage, count: Callable[[int], None], seconds: float) -> None:
        self._storage = storage
        self._count = count
        self._seconds = seconds
        self._key = secrets.token_bytes(16)

    def path(self, digest: str) -> str:
        expires = int(time.time() + self._seconds)
        return f"/blobs/{digest}?expires={expires}&signature={self._signature(digest, expires)}"

    def answer(self, request: Request, found: Route) -> Response:
        # As S3 and its likes: a signed address and a header are two mechanisms, and one too many.
        if "authorization" in request.headers:
            return reply(400, ONE_MECHANISM, "application/xml")
        digest = found.selector
        expires = int(request.parameter("expires") or 0)
        if not hmac.compare_digest(self._signature(digest, expires), request.parameter("signature")):
            return reply(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "application/xml")
        if time.time() >= expires:
            return reply(403, EXPIRED, "application/xml")
        blob = self._storage.any_blob(Digest.parse(digest))
        if blob is None:
            return reply(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")
        return blobs.serve(blob, digest, request, self._count)

    def _signature(self, digest: str, expires: int) -> str:
        return hmac.new(self._key, f"{digest} {expires}".encode(), hashlib.sha256).hexdigest()
