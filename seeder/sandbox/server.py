"""An HTTP/1.1 server over sockets: a thread a connection, bodies in pieces, and control over each byte that is sent.

The standard library's server parses every head as an e-mail; this one is several times quicker, and can break its
word (a short body, a false length, a reset) where a fault asks for that.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BufferedReader
from typing import cast
from urllib.parse import parse_qs, unquote

from seeder.sandbox.message import PIECE, Body, BrokenBodyError, Request, Response, reply

LOG = logging.getLogger(__name__)
MAX_LINE = 65536
MAX_HEADERS = 200
# A body that nobody read is read off up to this size, so that the connection can be used again.
MAX_DRAIN = 1 << 20
IDLE_SECONDS = 120.0
LINGER_SECONDS = 5.0
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_TLS_HANDSHAKE = b"\x16"  # a TLS record's type (RFC 8446 §5.1)

Answer = Callable[[Request], Response]


class Server:
    """Listens on a port of 127.0.0.1, called `host` in addresses, and gives every request to `answer`."""

    def __init__(
        self, answer: Answer, *, port: int = 0, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self._answer = answer
        self._host = host
        self._tls = tls
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512, reuse_port=False)
        self.port: int = self._listener.getsockname()[1]
        self.scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._accept, name=f"sandbox-{self.port}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"{self._host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def wait(self, seconds: float) -> bool:
        """Sleeps, or less: True as soon as the server is stopping."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """Ends the listener and every connection; a second call does nothing."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(IDLE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                raw, connection = connection, self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.discard(raw)
                    self._open.add(connection)
            _Connection(connection, self).run(self._answer)
        except (OSError, BrokenBodyError) as error:
            LOG.debug("sandbox %s: connection ended: %s", self.address, error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


class _Connection:
    """One client's connection, its requests one after another."""

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self._socket = connection
        self._server = server
        self._reader = cast("BufferedReader", connection.makefile("rb", buffering=65536))

    def run(self, answer: Answer) -> None:
        with self._reader:
            while request := self._request():
                try:
                    response = answer(request)
                except BrokenBodyError:
                    return
                except Exception:
                    LOG.exception("sandbox: %s %s", request.method, request.path)
                    response = reply(500, b"the sandbox has a bug; its log says more\n", "text/plain")
                if not self._send(request, response):
                    return

    def _request(self) -> Request | None:
        if self._reader.peek(1)[:1] == _TLS_HANDSHAKE:
            # Clients try HTTPS first; without an answer they would wait for one.
            self._socket.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n")
            return None
        line = self._reader.readline(MAX_LINE).split()
        if len(line) != 3:
            return None
        method, target, _ = (part.decode("latin-1") for part in line)
        headers = self._headers()
        path, _, query = target.partition("?")
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = None if chunked else int(headers.get("content-length", "0"))
        expects = headers.get("expect", "").lower() == "100-continue"
        return Request(
            method=method,
            target=target,
            path=unquote(path),
            query=parse_qs(query, keep_blank_values=True),
            headers=headers,
            body=Body(self._reader, length, self._go_on if expects else lambda: None),
        )

    def _headers(self) -> Mapping[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = self._reader.readline(MAX_LINE).decode("latin-1").rstrip("\r\n")
            if not line:
                return headers
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        raise BrokenBodyError(f"more than {MAX_HEADERS} headers")

    def _go_on(self) -> None:
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, request: Request, response: Response) -> bool:
        """Sends the answer; False where the connection cannot be used again."""
        if response.reset:
            self._reset()
            return False
        left = request.body.left
        if left <= MAX_DRAIN:
            request.body.read(MAX_DRAIN)
        last = request.headers.get("connection", "").lower() == "close" or left > MAX_DRAIN
        sent = self._write(_head(response, last=last), response, is_head=request.method == "HEAD")
        if left > MAX_DRAIN:
            self._linger()
        return not last and (request.method == "HEAD" or sent == response.length)

    def _linger(self) -> None:
        """Reads on a little after the answer: closing over unread bytes would reset the connection, and lose it."""
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(1)
        until = time.monotonic() + LINGER_SECONDS
        while self._reader.read1(PIECE) and time.monotonic() < until:
            pass

    def _write(self, head: bytes, response: Response, *, is_head: bool) -> int:
        """Sends head and content, the head together with the first piece; returns the content's size."""
        pending, sent = head, 0
        for piece in () if is_head else response.content:
            sent += len(piece)
            if pending and len(piece) <= MAX_LINE:
                piece, pending = pending + piece, b""  # noqa: PLW2901 - one packet for a small answer
            elif pending:
                self._out(pending, response.drip)
                pending = b""
            self._out(piece, response.drip)
        if pending:
            self._out(pending, response.drip)
        return sent

    def _out(self, data: bytes | bytearray | memoryview, drip: float) -> None:
        if not drip:
            self._socket.sendall(data)
            return
        for at in range(len(data)):
            if self._server.wait(drip):
                return
            self._socket.sendall(data[at : at + 1])

    def _reset(self) -> None:
        # Zero seconds of linger make close() send RST in the place of FIN (socket(7), SO_LINGER).
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _head(response: Response, *, last: bool) -> bytes:
    reason = _REASONS.get(response.status, "Unknown")
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if response.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {response.length}")
    if last:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
