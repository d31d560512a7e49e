"""Bodies that are read whole or not at all, within a bound of bytes; that of time is the connection's."""

from __future__ import annotations

import urllib3.exceptions
from urllib3.response import BaseHTTPResponse

from seeder.errors import RegistryError, UnreachableError

_PIECE = 64 << 10


def length_of(answer: BaseHTTPResponse) -> int | None:
    """What the answer says of the length of its body; None where that is nothing, or no number."""
    length = answer.headers.get("content-length", "")
    return int(length) if length.isdigit() else None


def check_length(length: int, limit: int, what: str) -> None:
    """Raises RegistryError where that is more than may be read."""
    if length > limit:
        raise RegistryError(f"{what} has {length} bytes, and {limit} are the most", code="too-large")


def read_bounded(answer: BaseHTTPResponse, limit: int, what: str) -> bytes:
    """The whole body; raises RegistryError over `limit` bytes, UnreachableError for a cut or too slow one.

    `what` names the body in the error's text.
    """
    length = length_of(answer)
    try:
        check_length(length or 0, limit, what)
    except RegistryError:
        answer.close()
        raise
    try:
        data = _pieces(answer, limit, what)
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
        answer.close()
        raise UnreachableError(f"{what} did not come in time") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        answer.close()
        raise UnreachableError(f"{what} was cut off: {type(error).__name__}") from error
    if length is not None and len(data) != length:
        answer.close()
        raise UnreachableError(f"{what} was cut off after {len(data)} of {length} bytes")
    answer.release_conn()
    return data


def _pieces(answer: BaseHTTPResponse, limit: int, what: str) -> bytes:
    data = bytearray()
    while piece := answer.read1(_PIECE, decode_content=False):
        data += piece
        if len(data) > limit:
            answer.close()
            raise RegistryError(f"{what} has more than {limit} bytes", code="too-large")
    return bytes(data)


def discard(answer: BaseHTTPResponse, limit: int = 8 << 10) -> bytes:
    """Reads a short body, so that its connection can serve again; of a long one the start, and closes it.

    Never waits for more than was sent: 416 of distribution 2.8 claims a length that does not come.
    """
    if answer.length_remaining == 0:
        answer.release_conn()
        return b""
    try:
        if answer.status == 416 or (length_of(answer) or 0) > limit:
            answer.close()
            return b""
        start = answer.read(limit, decode_content=False) or b""
    except (urllib3.exceptions.HTTPError, OSError):
        answer.close()
        return b""
    if len(start) == limit:
        answer.close()
    answer.release_conn()
    return start
