"""Bodies that are read whole, within a bound of bytes; that of time is the connection's."""

from __future__ import annotations

import urllib3.exceptions
from urllib3.response import BaseHTTPResponse

from seeder.errors import RegistryError, UnreachableError

_PIECE = 64 << 10


def read_bounded(answer: BaseHTTPResponse, limit: int, what: str) -> bytes:
    """The whole body; raises RegistryError over `limit` bytes, UnreachableError for a cut or too slow one.

    `what` names the body in the error's text.
    """
    length = answer.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        answer.close()
        raise RegistryError(f"{what} has {length} bytes, and {limit} are the most", code="too-large")
    try:
        data = _pieces(answer, limit, what)
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
        answer.close()
        raise UnreachableError(f"{what} did not come in time") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        answer.close()
        raise UnreachableError(f"{what} was cut off: {type(error).__name__}") from error
    if length.isdigit() and len(data) != int(length):
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
