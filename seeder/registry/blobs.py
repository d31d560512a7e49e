"""Blobs of a repository: look, open from an offset, mount, upload in one streamed PUT or in chunks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from urllib3.response import BaseHTTPResponse

from seeder.errors import MissingError, RegistryError
from seeder.model.digest import Digest
from seeder.registry.addresses import joined
from seeder.registry.calls import Call, Calls
from seeder.registry.endpoint import Endpoint
from seeder.registry.heads import Block
from seeder.registry.open_blob import Answered, OpenBlob
from seeder.registry.reading import discard, length_of
from seeder.registry.retry import Policy

_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19}|\*)\Z")
_STREAM = "application/octet-stream"


class Upload(Struct, frozen=True, kw_only=True):
    """An upload session: the address to send to, and the bytes that all chunks but the last have to have."""

    url: str
    least_chunk: int = 0


class RemoteBlobs(Struct, frozen=True, eq=False):
    """The blobs of one repository, by the distribution spec; thread-safe."""

    _calls: Calls
    endpoint: Endpoint

    def size(self, digest: Digest) -> int | None:
        """Its size in bytes; None where the repository has no such blob."""
        call = Call(
            method="HEAD",
            endpoint=self.endpoint,
            path=f"blobs/{digest}",
            doing=f"asking for blob {digest} of {self.endpoint}",
        )
        try:
            return self._calls.send(call, partial(_size, call))
        except MissingError:
            return None

    def open(self, digest: Digest, *, start: int = 0, policy: Policy | None = None) -> OpenBlob:
        """The blob's bytes, from `start` where the registry can (see `OpenBlob.start`).

        Raises MissingError, DeniedError, ThrottledError, UnreachableError, RegistryError.
        """
        doing = f"reading blob {digest} of {self.endpoint}"
        call = Call(
            method="GET",
            endpoint=self.endpoint,
            path=f"blobs/{digest}",
            doing=doing,
            headers={"Range": f"bytes={start}-"} if start else {},
            expected=frozenset({200, 206} if start else {200}),
        )
        return self._calls.send(call, lambda answer: _answered(answer, start, doing), policy)

    def start(self) -> Upload:
        """A new upload session."""
        call = self._post("blobs/uploads/")
        return self._calls.send(call, partial(_session, call, self._calls.base(call.endpoint)))

    def mount(self, digest: Digest, source: str) -> Upload | None:
        """Takes a blob over from a repository of the registry: None when done, else a session to upload to.

        From the repository itself that asks whether it is there, and takes no more rights than an upload.
        """
        also = (source,) if source != self.endpoint.repository else ()
        call = self._post(f"blobs/uploads/?mount={digest}&from={source}", also=also)
        return self._calls.send(call, partial(_mounted, call, self._calls.base(call.endpoint)))

    def _post(self, path: str, also: tuple[str, ...] = ()) -> Call:
        return Call(
            method="POST",
            endpoint=self.endpoint,
            path=path,
            doing=f"starting an upload to {self.endpoint}",
            actions="pull,push",
            also=also,
            headers={"Content-Length": "0"},
            expected=frozenset({201, 202}),
        )

    def put(self, upload: Upload, digest: Digest, size: int, body: Iterable[Block]) -> None:
        """Sends a whole blob and closes the session. `body` must yield `size` bytes.

        What `body` raises comes through, and the connection is closed with the session unfinished. Raises
        MissingError where the session is lost, DeniedError, RegistryError (413, 400 `digest-invalid`, …).
        """
        separator = "&" if "?" in upload.url else "?"
        call = Call(
            method="PUT",
            endpoint=self.endpoint,
            url=f"{upload.url}{separator}digest={str(digest).replace(':', '%3A')}",
            doing=f"uploading blob {digest} to {self.endpoint}",
            actions="pull,push",
            headers={"Content-Type": _STREAM, "Content-Length": str(size)},
            body=body,
            expected=frozenset({200, 201, 204}),
            read_timeout=self._calls.limits.upload,
        )
        self._calls.send(call, discard)

    def patch(self, upload: Upload, start: int, size: int, chunk: Iterable[Block]) -> Upload:
        """Sends a chunk of `size` bytes, which begins at `start`; gives the session to send the next one to.

        Raises as `put` does, and what `chunk` raises comes through.
        """
        call = Call(
            method="PATCH",
            endpoint=self.endpoint,
            url=upload.url,
            doing=f"uploading bytes from {start} on to {self.endpoint}",
            actions="pull,push",
            headers={
                "Content-Type": _STREAM,
                "Content-Length": str(size),
                "Content-Range": f"{start}-{start + size - 1}",
            },
            body=chunk,
            expected=frozenset({202, 204}),
            read_timeout=self._calls.limits.upload,
        )
        return self._calls.send(call, partial(_following, upload))

    def cancel(self, upload: Upload) -> None:
        """Ends a session; a registry that cannot is left to clean up by itself."""
        call = Call(
            method="DELETE",
            endpoint=self.endpoint,
            url=upload.url,
            doing=f"cancelling an upload to {self.endpoint}",
            actions="pull,push",
            expected=frozenset({200, 202, 204, 400, 404, 405}),
        )
        try:
            self._calls.send(call, discard, Policy(attempts=1))
        except RegistryError:
            return


def _size(call: Call, answer: BaseHTTPResponse) -> int:
    discard(answer)
    length = length_of(answer)
    if length is None:
        raise RegistryError(f"{call.doing}: the answer tells no size", where=call.endpoint.host)
    return length


def _answered(answer: BaseHTTPResponse, asked: int, doing: str) -> Answered:
    """A 200 to a range is the whole; a 206 must begin where it was asked to, and may end before the blob does."""
    if answer.status == 200:
        return Answered(answer, 0, length_of(answer), doing)
    match = _RANGE.match(answer.headers.get("content-range", ""))
    if match is None or int(match[1]) != asked:
        answer.close()
        raise RegistryError(f"{doing}: bytes from {asked} on were asked for, and others came", code="range")
    return Answered(answer, asked, None if match[2] == "*" else int(match[2]), doing)


def _session(call: Call, base: str, answer: BaseHTTPResponse) -> Upload:
    discard(answer)
    location = answer.headers.get("location")
    if not location:
        raise RegistryError(f"{call.doing}: the answer names no session", where=call.endpoint.host)
    url = joined(f"{base}/v2/{call.endpoint.repository}/{call.path}", location)
    least = answer.headers.get("oci-chunk-min-length", "")
    return Upload(url=url, least_chunk=int(least) if least.isdigit() else 0)


def _following(upload: Upload, answer: BaseHTTPResponse) -> Upload:
    discard(answer)
    location = answer.headers.get("location")
    return replace(upload, url=joined(upload.url, location)) if location else upload


def _mounted(call: Call, base: str, answer: BaseHTTPResponse) -> Upload | None:
    if answer.status == 201:
        discard(answer)
        return None
    return _session(call, base, answer)
