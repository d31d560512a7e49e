"""A server that misbehaves by a script: for what no real registry can be made to do."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from seeder.registry.auth_files import AuthFile
from seeder.registry.client import Client
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer. `cut` sends so many bytes of the body only, under the whole length, and hangs up."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Script = Callable[[Request], Reply]


class Scripted:
    """`address` is `127.0.0.1:port`; `seen` are the requests so far, save the `/v2/` probe of insecure hosts."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _handler(script, self.seen))
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{'https' if tls else 'http'}://{self.address}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: clients that hang up are what these tests are about."""


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    server = Scripted(script, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _handler(script: Script, seen: list[Request]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together, else each answer waits 40 ms for an acknowledgement

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            if request.path != "/v2/":
                seen.append(request)
            self._send(script(request))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not {"content-length", "transfer-encoding"} & {name.lower() for name in reply.headers}:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
            self.close_connection = self.close_connection or reply.cut is not None

        do_GET = do_HEAD = do_CONNECT = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


def client_of(*servers: Scripted, user: str = "", attempts: int = 1, pause: float = 0.0) -> Client:
    """A client of scripted servers that waits for a `pause` after a complaint, and for nothing else.

    `user` logs in at the first with the secret `hunter2`.
    """
    entries = {servers[0].address: Credential(username=user, secret="hunter2")} if user else {}
    return Client(
        Sources(credentials=Credentials([AuthFile(path=Path("auth.json"), entries=entries)])),
        insecure_hosts=[server.address for server in servers],
        limits=Limits(pause=pause),
        policy=Policy(attempts=attempts, sleep=lambda _: None),
    )
