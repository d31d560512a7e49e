"""urllib3's connections with quicker heads.

http.client reads the head of an answer with the parser for e-mail, urllib3 goes over it twice more, and both build a
request's head line by line: more than half of the CPU time of a small request (180 µs of which 80 are left,
2026-11-24), and most requests of a run are small. Sockets, TLS, tunnels, pools and bodies stay theirs.

A socket's timeout is for one byte: a server that trickles never meets it. So an answer, head and body, has a whole time
too, of twice that timeout; who reads a long body lifts it (`unhurried`).
"""

from __future__ import annotations

import http.client
import io
import re
import time
from collections.abc import Iterable, Mapping
from socket import socket
from typing import TYPE_CHECKING, BinaryIO

from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import IncompleteRead
from urllib3.response import BaseHTTPResponse, HTTPResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Block = bytes | memoryview
Body = bytes | Iterable[Block] | None
_LONGEST_LINE = 64 << 10
_MOST_LINES = 100
_SWITCHING = 101
_TAKING = 60.0  # seconds after which a server that takes nothing of a body has stopped
_WHOLE = 2  # timeouts that an answer may take from its first byte to its last
_EMPTY = frozenset({204, 304})
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
_ENDS = frozenset({b"\r\n", b"\n", b""})
# What would end a line early, or is no part of a request line or header value (RFC 9110 §5.5, RFC 9112 §3).
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UNFIT_TARGET = re.compile(r"[\x00-\x20\x7f]")


class UnfitError(ValueError):
    """Something that HTTP has no room for; it names no value, which may be secret."""


class _Timed(io.RawIOBase):
    """What comes from a socket, until a moment; afterwards TimeoutError."""

    def __init__(self, connected: socket, seconds: float) -> None:
        self._raw = connected.makefile("rb", buffering=0)
        self.until = time.monotonic() + seconds

    def makefile(self, _mode: str) -> BinaryIO:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if time.monotonic() > self.until:
            raise TimeoutError("timed out")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class Answer(HTTPResponse):
    """An answer that knows how long it may take, and whose body is read into the caller's memory at once."""

    timed: _Timed

    def readinto(self, b: bytearray | memoryview[int]) -> int:
        """As `io.RawIOBase.readinto`; raises urllib3's HTTPError, also for a body that ends early."""
        body = self._original_response
        with self._error_catcher():
            count: int = body.readinto(b) if body is not None and not body.isclosed() else 0
            if count == 0 and self.length_remaining:
                raise IncompleteRead(self._fp_bytes_read, self.length_remaining)
        self._fp_bytes_read += count
        if self.length_remaining is not None:
            self.length_remaining -= count
        return count


def unhurried(answer: BaseHTTPResponse) -> None:
    """Lets a body take as long as it likes, for as long as it does not stop."""
    if isinstance(answer, Answer):
        answer.timed.until = float("inf")


class QuickAnswer(http.client.HTTPResponse):
    """Reads its own head; the body is read as ever."""

    quick_headers: HTTPHeaderDict
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


def _read_headers(answer: http.client.HTTPResponse) -> HTTPHeaderDict:
    found = HTTPHeaderDict()
    last = ""
    for _ in range(_MOST_LINES + 1):
        line = answer.fp.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise http.client.LineTooLong("header line")
        if line in _ENDS:
            return found
        name, colon, value = line.decode("latin-1").partition(":")
        if line[:1].isspace() and last:  # folded, as nobody should any more (RFC 9112 §5.2)
            values = found.getlist(last)
            found[last] = ", ".join([*values[:-1], f"{values[-1]} {line.decode('latin-1').strip()}"])
        elif colon:
            last = name
            found.add(name, value.strip())
    raise http.client.HTTPException(f"got more than {_MOST_LINES} headers")


class _Quick(HTTPConnection):
    """What both kinds of connection share. Callers send `Host` themselves, and a length with each streamed body."""

    _asked: tuple[str, str] = ("", "")

    def request(  # type: ignore[override]  # urllib3 takes bodies of more kinds
        self,
        method: str,
        url: str,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        **_options: object,
    ) -> None:
        """Sends a request, a small body together with its head.

        Raises UnfitError before anything is sent, and what the socket raises.
        """
        head = _head(method, url, body, headers or {})
        self._asked = (method, url)
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self.timeout)
        if body is None or isinstance(body, bytes):
            self.sock.sendall(head + (body or b""))
            return
        self.sock.sendall(head)
        self.sock.settimeout(max(self.timeout or 0, _TAKING))
        for block in body:
            _send(self.sock, block)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        """The answer, its body unread; raises http.client.HTTPException, OSError."""
        method, url = self._asked
        self.sock.settimeout(self.timeout)
        shutdown = self.sock.shutdown
        timed = _Timed(self.sock, _WHOLE * (self.timeout or float("inf")))
        answer = QuickAnswer(timed, method=method)  # type: ignore[arg-type]  # it asks a socket for nothing else
        try:
            answer.begin()
        except BaseException:
            answer.close()
            self.close()
            raise
        if answer.will_close:
            self.close()
        found = Answer(
            body=answer,
            headers=answer.quick_headers,
            status=answer.status,
            version=answer.version,
            version_string="HTTP/1.0" if answer.version == 10 else "HTTP/1.1",
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            request_method=method,
            request_url=url,
            sock_shutdown=shutdown,
        )
        found.timed = timed
        return found


def _send(connected: socket, block: Block) -> None:
    """Sends a block that a slow reader may take in pieces: `sendall` wants all of it taken within one timeout."""
    left = memoryview(block)
    while left:
        left = left[connected.send(left) :]


def _head(method: str, target: str, body: Body, headers: Mapping[str, str]) -> bytes:
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


class PlainConnection(_Quick):
    """HTTP."""


class SecureConnection(_Quick, HTTPSConnection):
    """HTTPS."""


class UncheckedConnection(SecureConnection):
    """Says nothing of its unchecked certificate: urllib3's warning is for those who did not ask for that."""

    def connect(self) -> None:
        super().connect()
        self.is_verified = True
