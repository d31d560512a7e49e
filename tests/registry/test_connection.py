"""Heads as servers write them, over a real socket."""

from __future__ import annotations

import http.client
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest
import urllib3

from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.connection import PlainConnection, unhurried
from seeder.registry.heads import UnfitError
from seeder.registry.reading import discard, read_bounded
from seeder.registry.sources import Sources


class Speaker:
    """A server that says the same to each request, and keeps what it heard on each connection."""

    def __init__(self, said: bytes, *, closes: bool = False) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._said = said
        self._closes = closes
        self._speaking: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._speaking.append(threading.Thread(target=self._speak, args=(connection,), daemon=True))
            self._speaking[-1].start()

    def _speak(self, connection: socket.socket) -> None:
        with connection:
            while heard := connection.recv(1 << 16):
                self.heard.append(heard)
                connection.sendall(self._said)
                if self._closes:
                    return

    def heard_out(self) -> bytes:
        """All that was heard, once those who spoke have hung up."""
        for thread in self._speaking:
            thread.join()
        return b"".join(self.heard)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def speaking(said: bytes, *, closes: bool = False) -> Iterator[tuple[Speaker, PlainConnection]]:
    speaker = Speaker(said, closes=closes)
    connection = PlainConnection("127.0.0.1", speaker.port, timeout=5)
    try:
        yield speaker, connection
    finally:
        connection.close()
        speaker.close()


def answer(connection: PlainConnection, method: str = "GET") -> urllib3.HTTPResponse:
    connection.request(method, "/v2/", headers={"Host": "r.test"})
    return connection.getresponse()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200\r\ncontent-length:3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_bodies_end_where_the_head_says(head: bytes, body: bytes) -> None:
    with speaking(head) as (speaker, connection):
        for _ in range(2):
            found = answer(connection)
            assert found.status in {200, 204}
            assert found.read(decode_content=False) == body
        for _ in range(2):
            memory = bytearray(2)
            found = answer(connection)
            parts = [bytes(memory[:count]) for count in iter(partial(found.readinto, memory), 0)]
            assert (b"".join(parts), len(parts)) == (body, -(-len(body) // 2))
        assert speaker.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    ],
)
def test_a_body_that_ends_early_is_told_from_one_that_is_whole(said: bytes) -> None:
    with speaking(said, closes=True) as (_, connection):
        blocks = iter(partial(answer(connection).readinto, bytearray(8)), 0)
        with pytest.raises(urllib3.exceptions.HTTPError):
            list(blocks)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\nabc", b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"])
def test_where_a_connection_ends_the_next_request_opens_one(head: bytes) -> None:
    with speaking(head, closes=True) as (speaker, connection):
        for _ in range(2):
            assert answer(connection).read(decode_content=False) == b"abc"
        assert speaker.connections == 2


@pytest.mark.parametrize("body", [b"abc", b""])
def test_what_was_said_to_be_the_end_is_hung_up_when_it_was_read(body: bytes) -> None:
    """`Connection: close`, from a server that waits for the client to do so."""
    said = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with speaking(said + body) as (speaker, connection):
        found = answer(connection)
        assert connection.sock is None
        assert (read_bounded(found, 9, "it") if body else discard(found)) == body
        del found
        speaker.heard_out()


def test_the_answer_to_a_head_has_no_body() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n") as (speaker, connection):
        for _ in range(2):
            found = answer(connection, "HEAD")
            assert (found.read(), found.headers["content-length"]) == (b"", "300")
        assert speaker.connections == 1


def test_headers_are_found_by_any_spelling_and_joined() -> None:
    said = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nx-long: a\r\n  b\r\nwww-authenticate: Bearer y\r\n"
    with speaking(said + b"nonsense\r\n: nameless\r\nX-Latin: caf\xe9 \r\nContent-Length: 0\r\n\r\n") as (
        _,
        connection,
    ):
        found = answer(connection)
        assert (found.status, found.reason) == (401, "No")
        assert found.headers["Www-Authenticate"] == "Basic, Bearer y"
        assert (found.headers["X-Long"], found.headers["x-latin"]) == ("a b", "café")
        assert [found.headers.get(name, "none") for name in ("www-Authenticate", "x-other")] == [
            "Basic, Bearer y",
            "none",
        ]


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 wrong OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (65 << 10) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n",
    ],
)
def test_what_is_no_head(said: bytes) -> None:
    with speaking(said) as (_, connection):
        with pytest.raises(http.client.HTTPException):
            answer(connection)
        assert connection.sock is None


def test_silence_is_a_server_that_hung_up() -> None:
    with speaking(b"", closes=True) as (_, connection), pytest.raises(http.client.RemoteDisconnected):
        answer(connection)


def test_a_small_body_leaves_with_its_head_and_a_stream_after_it() -> None:
    with speaking(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n") as (speaker, connection):
        connection.request("PUT", "/v2/x?y=z", body=b"{}", headers={"Host": "r.test"})
        assert connection.getresponse().status == 201
        assert speaker.heard == [b"PUT /v2/x?y=z HTTP/1.1\r\nContent-Length: 2\r\nHost: r.test\r\n\r\n{}"]
        connection.request("POST", "/v2/x", headers={"Host": "r.test"})
        assert connection.getresponse().status == 201
        assert b"\r\nContent-Length: 0\r\n" in speaker.heard[-1]
        connection.request("PUT", "/v2/x", body=iter([b"ab", b"c"]), headers={"Content-Length": "3"})
        connection.getresponse()
        connection.close()
        assert speaker.heard_out().endswith(b"\r\n\r\nabc")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/v2/ HTTP/1.1\r\nX: y", {}),
        ("/v 2", {}),
        ("/v2/", {"Authorization": "Bearer a\r\nX: y"}),
        ("/v2/", {"X": "a\x00"}),
        ("/v2/", {"X": "€"}),
    ],
)
def test_nothing_slips_into_a_head(target: str, headers: dict[str, str]) -> None:
    with speaking(b"") as (speaker, connection):
        with pytest.raises(UnfitError):
            connection.request("GET", target, headers=headers)
        assert (connection.sock, speaker.heard) == (None, [])


def test_a_stream_without_a_length_is_refused() -> None:
    with speaking(b"") as (_, connection), pytest.raises(UnfitError, match="length"):
        connection.request("PUT", "/v2/", body=iter([b"a"]))


def test_a_server_that_takes_a_body_slowly_gets_all_of_it() -> None:
    """A block may take longer than the timeout, as long as something of it is taken."""
    size = 512 << 10
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def take() -> None:
            taker, _ = listener.accept()
            with taker:
                taken = 0
                while taken < size:
                    time.sleep(0.01)
                    taken += len(taker.recv(16 << 10))
                taker.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=take, daemon=True).start()
        connection = PlainConnection("127.0.0.1", listener.getsockname()[1], timeout=0.1)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection.request("PUT", "/v2/x", body=iter([bytes(size)]), headers={"Content-Length": str(size)})
        connection.timeout = 5.0  # as urllib3 sets it for the answer
        assert connection.getresponse().status == 201
        connection.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"
TRICKLE = 0.05  # seconds between two bytes: less than the timeout of a read, and more than twice that in all


@contextmanager
def trickling(first: bytes, then: bytes) -> Iterator[PlainConnection]:
    """A server that sends the first part at once, and the rest a byte at a time, over and over."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            speaker, _ = listener.accept()
            with speaker, suppress(OSError):
                speaker.recv(1 << 16)
                speaker.sendall(first)
                for byte in itertools.cycle(then):
                    speaker.sendall(bytes([byte]))
                    time.sleep(TRICKLE)

        threading.Thread(target=trickle, daemon=True).start()
        connection = PlainConnection("127.0.0.1", listener.getsockname()[1], timeout=4 * TRICKLE)
        yield connection
        connection.close()


@pytest.mark.parametrize(
    ("first", "then"), [(b"", b"HTTP"), (b"HTTP/1.1 200 ", b"O"), (HEAD, b"X"), (HEAD, b"X: y\r\n")]
)
def test_a_head_that_trickles_ends_in_time(first: bytes, then: bytes) -> None:
    with trickling(first, then) as connection, pytest.raises(TimeoutError):
        answer(connection)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_a_body_that_trickles_ends_in_time(first: bytes, then: bytes) -> None:
    with trickling(first, then) as connection:
        found = answer(connection)
        pieces = iter(partial(found.read1, 100, decode_content=False), b"")
        with pytest.raises(urllib3.exceptions.HTTPError):
            list(pieces)


def test_a_body_that_may_take_long_does() -> None:
    with trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", b"x") as connection:
        found = answer(connection)
        unhurried(found)
        assert found.read(decode_content=False) == b"x" * 12


def test_a_blob_that_was_read_leaves_its_connection_to_the_next() -> None:
    speaker = Speaker(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    address = f"127.0.0.1:{speaker.port}"
    client = Client(Sources(), insecure_hosts=[address])
    held = []  # so that no connection ends because nobody remembers it
    for _ in range(3):
        with client.blobs(ImageReference(address, "acme/app")).open(Digest.of(b"abc")) as blob:
            assert blob.read(3) == b"abc"
            held.append(blob)
    assert speaker.connections == 1
    client.close()
    speaker.close()
