"""urllib3's connections, with heads of our own (see `heads`) and a whole time for each answer.

Sockets, TLS, tunnels, pools and bodies stay theirs. A socket's timeout is for one byte: a server that trickles never
meets it. So an answer, head and body, has a whole time too, of twice that timeout; who reads a long body lifts it
(`unhurried`).
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from functools import partial
from socket import socket
from typing import TYPE_CHECKING, BinaryIO

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import IncompleteRead
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util.ssltransport import SSLTransport

from seeder.registry.heads import Block, Body, QuickAnswer, request_head

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TAKING = 60.0  # seconds after which a server that takes nothing of a body has stopped
_WHOLE = 2  # timeouts that an answer may take from its first byte to its last


class _Timed(io.RawIOBase):
    """What comes from a socket, until a moment; afterwards TimeoutError. `is_last` closes it with its end."""

    is_last = False

    def __init__(self, connected: socket | SSLTransport, seconds: float) -> None:
        self._socket = connected
        self.until = time.monotonic() + seconds

    def makefile(self, _mode: str) -> BinaryIO:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if time.monotonic() > self.until:
            raise TimeoutError("timed out")
        return self._socket.recv_into(buffer)  # type: ignore[return-value,arg-type]  # urllib3's, of TLS in TLS

    def close(self) -> None:
        if self.is_last:
            self._socket.close()
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
        head = request_head(method, url, body, headers or {})
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
        end = _end_of(self.sock)
        timed = _Timed(self.sock, _WHOLE * (self.timeout or float("inf")))
        answer = QuickAnswer(timed, method=method)  # type: ignore[arg-type]  # it asks a socket for nothing else
        try:
            answer.begin()
        except BaseException:
            answer.close()
            self.close()
            raise
        if answer.will_close:
            timed.is_last = True
            self.sock = None
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
            sock_shutdown=end,
        )
        found.timed = timed
        return found


def _end_of(connected: socket | SSLTransport) -> Callable[[int], None]:
    """What ends a socket for whoever reads from it, and leaves its TLS alone: after `SSLSocket.shutdown` what is still
    to be read comes as it is, encrypted. TLS in a proxy's TLS has no `shutdown` at all.
    """
    return partial(socket.shutdown, connected.socket if isinstance(connected, SSLTransport) else connected)


def _send(connected: socket, block: Block) -> None:
    """Sends a block that a slow reader may take in pieces: `sendall` wants all of it taken within one timeout."""
    left = memoryview(block)
    while left:
        left = left[connected.send(left) :]


class PlainConnection(_Quick):
    """HTTP."""


class SecureConnection(_Quick, HTTPSConnection):
    """HTTPS."""


class UncheckedConnection(SecureConnection):
    """Says nothing of its unchecked certificate: urllib3's warning is for those who did not ask for that."""

    def connect(self) -> None:
        super().connect()
        self.is_verified = True
