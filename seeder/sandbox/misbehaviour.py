"""How each fault is done: a function a kind, from the request to the answer."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.sandbox.access import UNAUTHORIZED
from seeder.sandbox.faults import Fault, Kind
from seeder.sandbox.ledger import exhausted
from seeder.sandbox.message import Octets, Request, Response, json_reply, reply
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage
from seeder.sandbox.tokens import Tokens

TOO_MANY = b"Too Many Requests\n"
_PAGE = "<html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1><hr>nginx</body></html>\n"
_NAMES = {401: "Unauthorized", 413: "Request Entity Too Large", 429: "Too Many Requests", 500: "Internal Server Error"}
_FULL = {"code": "UNKNOWN", "message": "unknown error", "detail": {"Op": "write", "Path": "/data", "Err": 28}}


class Call(Struct, kw_only=True):
    """A request that a fault has hit; `answer` is what would happen without the fault."""

    request: Request
    route: Route
    storage: Storage
    tokens: Tokens | None
    stopping: threading.Event
    challenge: str
    answer: Callable[[], Response]


Misbehaviour = Callable[[Fault, Call], Response]


def _cut(fault: Fault, call: Call) -> Response:
    response = call.answer()
    kept = response.length // 2 if fault.amount is None else int(fault.amount)
    response.content = _first(response.content, kept)
    return response


def _stall(fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.content = _paused(response.content, response.length // 2, lambda: call.stopping.wait(fault.amount))
    return response


def _corrupt(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.content = _flipped(response.content, response.length // 2)
    return response


def _overlong(fault: Fault, call: Call) -> Response:
    response = call.answer()
    more = int(fault.amount or 1024)
    response.length += more
    response.content = itertools.chain(response.content, (bytes(more),))
    return response


def _wrong_length(fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.length -= int(fault.amount or 1)
    return response


def _status(fault: Fault, _call: Call) -> Response:
    status = fault.status or 503
    response = reply(status, _PAGE.format(status, _NAMES.get(status, "Error")).encode(), "text/html")
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _reset(_fault: Fault, _call: Call) -> Response:
    return Response(status=0, reset=True)


def _lost_answer(_fault: Fault, call: Call) -> Response:
    call.answer()
    return Response(status=0, reset=True)


def _slow(fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.drip = fault.amount or 0.05
    return response


def _delay(fault: Fault, call: Call) -> Response:
    """A sandbox that is stopped meanwhile answers no more."""
    if call.stopping.wait(1.0 if fault.amount is None else fault.amount):
        return Response(status=0, reset=True)
    return call.answer()


def _expire_tokens(_fault: Fault, call: Call) -> Response:
    if call.tokens is not None:
        call.tokens.expire()
    return call.answer()


def _unauthorized(_fault: Fault, call: Call) -> Response:
    return json_reply(401, UNAUTHORIZED, WWW_Authenticate=call.challenge)


def _quota(_fault: Fault, _call: Call) -> Response:
    return exhausted()


def too_many_requests() -> Response:
    """Docker Hub's answer beyond its abuse limit: no JSON."""
    return reply(429, TOO_MANY, "text/plain")


def _abuse(fault: Fault, _call: Call) -> Response:
    response = too_many_requests()
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _login(_fault: Fault, _call: Call) -> Response:
    return json_reply(429, {"details": "too many failed login attempts for username or IP address"})


def _redirect_loop(_fault: Fault, call: Call) -> Response:
    return reply(307, b"", "text/html", Location=call.request.target)


def _redirect_plain(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    location = response.headers.get("Location", "")
    response.headers["Location"] = f"http://{location.removeprefix('https://')}"
    return response


def _range_ignored(_fault: Fault, call: Call) -> Response:
    call.request.headers = {name: value for name, value in call.request.headers.items() if name != "range"}
    return call.answer()


def _range_false(_fault: Fault, call: Call) -> Response:
    whole = call.answer().length or 1
    return Response(status=416, content=_paused((b" ",), 0, call.stopping.wait), length=whole)


def _upload_lost(_fault: Fault, call: Call) -> Response:
    session = call.storage.upload(call.route.repository, call.route.selector)
    if session is not None:
        call.storage.end_upload(session)
        session.cancel()
    return call.answer()


def _mount_refused(_fault: Fault, call: Call) -> Response:
    call.request.query = {}
    return call.answer()


def _mount_lies(_fault: Fault, call: Call) -> Response:
    digest = call.request.parameter("mount")
    location = f"/v2/{call.route.repository}/blobs/{digest}"
    return Response(status=201, headers={"Location": location, "Docker-Content-Digest": digest})


def _vanish(fault: Fault, call: Call) -> Response:
    """The request's manifest is read ahead, what it names last goes, and the manifest is put as it came."""
    manifest = Manifest.of(call.request.headers.get("content-type", ""), call.request.body.keep())
    named = (*manifest.blobs(), *manifest.children())[-1].digest
    call.storage.remove_blob(call.route.repository, named)
    call.storage.remove_manifest(call.route.repository, named)
    response = call.answer()
    response.status = fault.status or response.status
    return response


def _collect(_fault: Fault, call: Call) -> Response:
    call.storage.collect()
    return call.answer()


def _too_large(fault: Fault, call: Call) -> Response:
    if fault.amount is not None and int(call.request.headers.get("content-length", "0")) <= fault.amount:
        return call.answer()
    return _status(Fault(kind=Kind.STATUS, status=413), call)


def _full(_fault: Fault, _call: Call) -> Response:
    return json_reply(500, {"errors": [_FULL]})


def _wrong_digest(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.headers["Docker-Content-Digest"] = str(Digest.of(b"another"))
    return response


def _no_digest(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.headers.pop("Docker-Content-Digest", None)
    return response


def _no_subject(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    response.headers.pop("OCI-Subject", None)
    return response


def _moved(_fault: Fault, call: Call) -> Response:
    response = call.answer()
    repository, tag = call.route.repository, call.route.selector
    manifest = call.storage.manifest(repository, tag)
    if manifest is not None and ":" not in tag:
        document = json.loads(manifest.raw)
        document["annotations"] = {"moved": str(manifest.descriptor.digest)}
        moved = Manifest.of(manifest.descriptor.media_type, json.dumps(document).encode())
        call.storage.put_manifest(repository, moved, tag)
    return response


def _first(content: Iterable[Octets], count: int) -> Iterator[Octets]:
    for piece in content:
        yield piece[:count]
        count -= len(piece)
        if count <= 0:
            return


def _paused(content: Iterable[Octets], position: int, pause: Callable[[], object]) -> Iterator[Octets]:
    for piece in content:
        if 0 <= position < len(piece):
            yield piece[:position]
            pause()
            yield piece[position:]
        else:
            yield piece
        position -= len(piece)


def _flipped(content: Iterable[Octets], position: int) -> Iterator[Octets]:
    for piece in content:
        if 0 <= position < len(piece):
            changed = bytearray(piece)
            changed[position] ^= 0xFF
            yield changed
        else:
            yield piece
        position -= len(piece)


MISBEHAVIOURS: Mapping[Kind, Misbehaviour] = {
    Kind.CUT: _cut,
    Kind.STALL: _stall,
    Kind.CORRUPT: _corrupt,
    Kind.OVERLONG: _overlong,
    Kind.WRONG_LENGTH: _wrong_length,
    Kind.STATUS: _status,
    Kind.RESET: _reset,
    Kind.LOST_ANSWER: _lost_answer,
    Kind.SLOW: _slow,
    Kind.DELAY: _delay,
    Kind.EXPIRE_TOKENS: _expire_tokens,
    Kind.UNAUTHORIZED: _unauthorized,
    Kind.QUOTA: _quota,
    Kind.ABUSE: _abuse,
    Kind.LOGIN: _login,
    Kind.REDIRECT_LOOP: _redirect_loop,
    Kind.REDIRECT_PLAIN: _redirect_plain,
    Kind.RANGE_IGNORED: _range_ignored,
    Kind.RANGE_FALSE: _range_false,
    Kind.UPLOAD_LOST: _upload_lost,
    Kind.MOUNT_REFUSED: _mount_refused,
    Kind.MOUNT_LIES: _mount_lies,
    Kind.VANISH: _vanish,
    Kind.COLLECT: _collect,
    Kind.TOO_LARGE: _too_large,
    Kind.FULL: _full,
    Kind.WRONG_DIGEST: _wrong_digest,
    Kind.NO_DIGEST: _no_digest,
    Kind.NO_SUBJECT: _no_subject,
    Kind.MOVED: _moved,
}
