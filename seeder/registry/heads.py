"""The heads of requests and answers.

http.client reads the head of an answer with the parser for e-mail, urllib3 goes over it twice more, and both build a
request's head line by line: more than half of the CPU time of a small request, and most requests of a run are small.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable, Mapping
from io import BufferedReader

from urllib3 import HTTPHeaderDict

Block = bytes | memoryview
Body = bytes | Iterable[Block] | None
_LONGEST_LINE = 64 << 10
_MOST_LINES = 100
_SWITCHING = 101
_EMPTY = frozenset({204, 304})
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
_BLANK = b" \t"
_ENDS = frozenset({b"\r\n", b"\n", b""})
# What would end a line early, or is no part of a request line or header value (RFC 9110 §5.5, RFC 9112 §3).
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UNFIT_TARGET = re.compile(r"[\x00-\x20\x7f]")


class UnfitError(ValueError):
    """Something that HTTP has no room for; it names no value, which may be secret."""


class Headers(HTTPHeaderDict):
    """urllib3's, quicker to fill and to ask: each answer is asked some ten times, mostly for what it does not have."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        found = self._container.get(key.lower())
        return default if found is None else ", ".join(found[1:])

    def read(self, stream: BufferedReader) -> None:
        """Reads the lines of a head up to the empty one; what is no header is passed over."""
        held, last = self._container, ""
        for _ in range(_MOST_LINES + 1):
            line = stream.readline(_LONGEST_LINE + 1)
            if line in _ENDS:
                return
            if len(line) > _LONGEST_LINE:
                raise http.client.LineTooLong("header line")
            name, colon, value = line.decode("latin-1").partition(":")
            if line[0] in _BLANK and last:  # folded, as nobody should any more (RFC 9112 §5.2)
                held[last][-1] += f" {(name + colon + value).strip()}"
            elif colon:
                last = name.lower()
                if last in held:
                    held[last].append(value.strip())
                else:
                    held[last] = [name, value.strip()]
        raise http.client.HTTPException(f"got more than {_MOST_LINES} headers")


class QuickAnswer(http.client.HTTPResponse):
    """Reads its own head; the body is read as ever."""

    quick_headers: Headers
    _method: str  # http.client's own

    def begin(self) -> None:
        """Reads status and headers (RFC 9112 §4–6); raises http.client.HTTPException for what is no HTTP/1 head."""
        if self.headers is not None:
            return
        version, status, reason = self._read_status()
        headers = _read_headers(self)
        while 100 <= status < 200 and status != _SWITCHING:
            version, status, reason = self._read_status()
            headers = _read_headers(self)
        if not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version == "HTTP/1.0" else 11
        self.quick_headers = headers
        self.headers = self.msg = headers  # http.client asks it for nothing but `get`
        self._frame(headers)

    def _frame(self, headers: Mapping[str, str]) -> None:
        """How the end of the body is told: by chunks, by a length, or by the end of the connection."""
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        # A length that is told twice is urllib3's to judge.
        length = headers.get("content-length", "").partition(",")[0].strip()
        self.length = int(length) if length.isdigit() and not self.chunked else None
        if self.status in _EMPTY or self._method == "HEAD":
            self.length = 0
        closes: bool = self._check_close()  # type: ignore[attr-defined]  # http.client's own
        self.will_close = closes or (not self.chunked and self.length is None)


def _read_headers(answer: http.client.HTTPResponse) -> Headers:
    found = Headers()
    found.read(answer.fp)
    return found


def request_head(method: str, target: str, body: Body, headers: Mapping[str, str]) -> bytes:
    """The head of a request, with a length for a body that has one; raises UnfitError."""
    if _UNFIT_TARGET.search(target):
        raise UnfitError("a request target with control characters or spaces")
    lines = [f"{method} {target} HTTP/1.1"]
    if isinstance(body, bytes) or (body is None and method in _WITH_CONTENT and "Content-Length" not in headers):
        lines.append(f"Content-Length: {len(body or b'')}")
    elif body is not None and "Content-Length" not in headers:
        raise UnfitError("a streamed body without its length")
    for name, value in headers.items():
        if _UNFIT.search(value):
            raise UnfitError(f"control characters in the header {name}")
        lines.append(f"{name}: {value}")
    try:
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
    except UnicodeEncodeError:
        raise UnfitError("a header with characters beyond Latin-1") from None
