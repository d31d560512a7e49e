"""Blobs: GET with Range, HEAD, uploads in one or many pieces, mounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from seeder.sandbox.counters import Tally
from seeder.sandbox.manifests import digest_of
from seeder.sandbox.message import Octets, Refusal, Request, Response
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Blob, Storage, Upload

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
_CONTENT_RANGE = re.compile(r"(?:bytes )?(\d+)-(\d+)(?:/.*)?\Z")


def find(storage: Storage, route: Route) -> Blob:
    """Raises Refusal."""
    blob = storage.blob(route.repository, digest_of(route.selector))
    if blob is None:
        raise Refusal(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": route.selector})
    return blob


def serve(blob: Blob, digest: str, request: Request, count: Callable[[int], None]) -> Response:
    """The whole blob, or the one range that was asked for (RFC 9110 §14); several ranges get the whole."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": digest,
        "ETag": f'"{digest}"',
        "Accept-Ranges": "bytes",
    }
    start, end, status = 0, blob.size, 200
    if found := _RANGE.match(request.headers.get("range", "")):
        start, end = _range(found, blob.size)
        if start >= end:
            return Response(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{blob.size}"
        status = 206
    content = () if request.method == "HEAD" else _counted(blob.pieces(start, end), count)
    return Response(status=status, headers=headers, content=content, length=end - start)


def _range(found: re.Match[str], size: int) -> tuple[int, int]:
    first, last = found.groups()
    if not first:
        return max(0, size - int(last or 0)), size
    return int(first), min(size, int(last) + 1) if last else size


def _counted(pieces: Iterator[Octets], count: Callable[[int], None]) -> Iterator[Octets]:
    for piece in pieces:
        count(len(piece))
        yield piece


def open_upload(storage: Storage, request: Request, route: Route) -> Response:
    """POST: a new session; or, with `mount` and `from`, the blob itself where `from` has it."""
    wanted, source = request.parameter("mount"), request.parameter("from")
    if wanted and source:
        digest = digest_of(wanted)
        if storage.mount(route.repository, source, digest):
            return _stored(route.repository, str(digest))
    return _session(storage.open_upload(route.repository), 202)


def upload(storage: Storage, request: Request, route: Route, tally: Tally) -> Response:
    """GET, PATCH, PUT and DELETE of a session."""
    session = storage.upload(route.repository, route.selector)
    state = request.parameter("_state")
    if not state or (session is not None and state != str(session.offset)):
        # distribution signs the offset into each Location, and takes the newest alone.
        raise Refusal(404, "BLOB_UPLOAD_INVALID", "blob upload invalid")
    if session is None:
        raise Refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
    if request.method == "GET":
        return _session(session, 204)
    if request.method == "DELETE":
        storage.end_upload(session)
        session.cancel()
        return Response(status=204)
    _check_order(session, request)
    for piece in request.body.pieces():
        session.append(piece)
        tally.moved(received=len(piece))
    return _session(session, 202) if request.method == "PATCH" else _close(storage, session, request)


def _check_order(session: Upload, request: Request) -> None:
    """A chunk must go on where the last one ended, as in distribution 3; 2.8 takes it wherever it says it stands."""
    found = _CONTENT_RANGE.match(request.headers.get("content-range", ""))
    if found and int(found[1]) != session.offset:
        raise Refusal(416, "BLOB_UPLOAD_INVALID", "blob upload invalid", f"the next byte is {session.offset}")


def _close(storage: Storage, session: Upload, request: Request) -> Response:
    digest = digest_of(request.parameter("digest"))
    storage.end_upload(session)
    if not session.matches(digest):
        session.cancel()
        raise Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": str(digest)})
    storage.put_blob(session.repository, digest, session.blob())
    return _stored(session.repository, str(digest))


def _stored(repository: str, digest: str) -> Response:
    headers = {"Location": f"/v2/{repository}/blobs/{digest}", "Docker-Content-Digest": digest}
    return Response(status=201, headers=headers)


def _session(session: Upload, status: int) -> Response:
    # The state in the query changes with each piece: a client must use the newest address, and add to its query.
    location = f"/v2/{session.repository}/blobs/uploads/{session.id}?_state={session.offset}"
    last = max(0, session.offset - 1)
    headers = {"Location": location, "Range": f"0-{last}", "Docker-Upload-UUID": session.id}
    return Response(status=status, headers=headers)
