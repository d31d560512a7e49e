"""Requests and responses as the sandbox sees them (RFC 9110, RFC 9112)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from msgspec import Struct, field

PIECE = 1 << 20
Octets = bytes | bytearray | memoryview


class BrokenBodyError(Exception):
    """The client ended its body early, or framed it wrongly."""


class Body:
    """What follows a request's head: `length` bytes, or chunks where `length` is None. It is read once, in pieces."""

    def __init__(self, reader: BinaryIO, length: int | None, on_first_read: Callable[[], None]) -> None:
        self._reader = reader
        self._left = length
        self._on_first_read = on_first_read
        self._started = False
        self._kept: bytes | None = None
        self.finished = length == 0

    @property
    def left(self) -> int:
        """How many bytes were not read yet; more than any limit where chunks are still to come."""
        if self.finished:
            return 0
        return sys.maxsize if self._left is None else self._left

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of at most 1 MiB. Raises BrokenBodyError where fewer come than were announced."""
        if self._kept is not None:
            yield self._kept
            self._kept = None
        if self.finished:
            return
        if not self._started:
            self._started = True
            self._on_first_read()
        yield from self._chunks() if self._left is None else self._counted()
        self.finished = True

    def read(self, limit: int) -> bytes:
        """The whole body; no more than `limit` + 1 bytes of it, so that a longer one can be told."""
        held = bytearray()
        for piece in self.pieces():
            held += piece
            if len(held) > limit:
                break
        return bytes(held[: limit + 1])

    def keep(self) -> bytes:
        """The whole body, which can then be read once more."""
        self._kept = b"".join(self.pieces())
        return self._kept

    def _counted(self) -> Iterator[bytes]:
        while self._left:
            piece = self._reader.read(min(PIECE, self._left))
            if not piece:
                raise BrokenBodyError(f"{self._left} bytes of the body did not come")
            self._left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := self._chunk_size():
            while size:
                piece = self._reader.read(min(PIECE, size))
                if not piece:
                    raise BrokenBodyError("a chunk did not come whole")
                size -= len(piece)
                yield piece
            self._reader.readline(3)
        while self._reader.readline(4096).strip():
            pass

    def _chunk_size(self) -> int:
        line = self._reader.readline(256)
        try:
            return int(line.split(b";")[0], 16)
        except ValueError:
            raise BrokenBodyError(f"{line!r} is no chunk size") from None


class Request(Struct, kw_only=True):
    """`target` is as sent, `path` decoded and without the query.

    Header names are lower case, the values of repeated headers are joined by a comma.
    """

    method: str
    target: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Body

    def parameter(self, name: str) -> str:
        """The first value of a query parameter; empty where there is none."""
        return next(iter(self.query.get(name, ())), "")


class Response(Struct, kw_only=True):
    """`length` is what `Content-Length` says; where `content` gives another number of bytes, the connection ends.

    `drip` sends a byte at a time with so many seconds between; `reset` ends the connection without an answer.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: Iterable[Octets] = ()
    length: int = 0
    drip: float = 0.0
    reset: bool = False


def reply(status: int, data: bytes = b"", content_type: str = "", **headers: str) -> Response:
    """A small answer held in memory; `_` in the names of headers stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type:
        named["Content-Type"] = content_type
    return Response(status=status, headers=named, content=(data,), length=len(data))


def json_reply(status: int, document: object, **headers: str) -> Response:
    return reply(status, json.dumps(document).encode() + b"\n", "application/json; charset=utf-8", **headers)


class Refusal(Exception):  # noqa: N818 - it is an answer, and no fault of the sandbox
    """An answer of the registry's own error form (distribution-spec, "Error codes")."""

    def __init__(self, status: int, code: str, message: str, detail: object = None) -> None:
        super().__init__(message)
        self.response = json_reply(status, {"errors": [{"code": code, "message": message, "detail": detail}]})
