"""The sandbox's answers: checks who asks, charges the quota, and hands on to manifests and blobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from seeder.sandbox import blobs, manifests
from seeder.sandbox.access import Access
from seeder.sandbox.cdn import Cdn
from seeder.sandbox.counters import Action, Tally
from seeder.sandbox.ledger import Ledger, exhausted
from seeder.sandbox.message import Refusal, Request, Response, json_reply, reply
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage

_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
_MANIFEST_READS = {Action.MANIFEST_GET, Action.MANIFEST_HEAD}


class Registry(Struct, kw_only=True):
    """`cdn` is where blob GETs are sent, with the base of its addresses; None where blobs are served right here."""

    storage: Storage
    access: Access
    ledger: Ledger
    tally: Tally
    cdn: Cdn | None = None
    cdn_url: str = ""
    realm: str = ""
    referrers: bool = False
    referrers_page: int = 0

    def answer(self, request: Request, found: Route) -> Response:
        try:
            response = self._answer(request, found)
        except Refusal as refusal:
            response = refusal.response
        if found.action in _MANIFEST_READS and response.status != 401:
            response.headers |= self.ledger.headers()
        response.headers |= _VERSION
        return response

    def _answer(self, request: Request, found: Route) -> Response:
        if found.action == Action.TOKEN:
            return self.access.token(request)
        if found.action == Action.OTHER:
            return self._unknown(found)
        refused = self.access.check(request, found, self.realm)
        if refused is not None:
            return refused
        return self._handlers()[found.action](request, found)

    def _handlers(self) -> Mapping[Action, Callable[[Request, Route], Response]]:
        sessions = (Action.UPLOAD_GET, Action.UPLOAD_PATCH, Action.UPLOAD_PUT, Action.UPLOAD_DELETE)
        return {
            Action.PING: lambda _request, _route: json_reply(200, {}),
            Action.MANIFEST_HEAD: lambda request, found: manifests.get(self.storage, request, found),
            Action.MANIFEST_GET: self._manifest,
            Action.MANIFEST_PUT: self._put_manifest,
            Action.BLOB_HEAD: self._blob,
            Action.BLOB_GET: self._blob,
            Action.MOUNT: lambda request, found: blobs.open_upload(self.storage, request, found),
            Action.UPLOAD_POST: lambda request, found: blobs.open_upload(self.storage, request, found),
            Action.TAGS: lambda request, found: manifests.tags(self.storage, request, found),
            Action.REFERRERS: self._referrers,
        } | dict.fromkeys(sessions, self._upload)

    def _manifest(self, request: Request, found: Route) -> Response:
        """A GET: charged if there is something to serve."""
        response = manifests.get(self.storage, request, found)
        return response if self.ledger.spend() else exhausted()

    def _put_manifest(self, request: Request, found: Route) -> Response:
        return manifests.put(self.storage, request, found, referrers=self.referrers)

    def _blob(self, request: Request, found: Route) -> Response:
        blob = blobs.find(self.storage, found)
        if self.cdn is None or request.method == "HEAD":
            return blobs.serve(blob, found.selector, request, self._sent)
        location = self.cdn_url + self.cdn.path(found.selector)
        return reply(307, b"", "text/html; charset=utf-8", Location=location)

    def _upload(self, request: Request, found: Route) -> Response:
        return blobs.upload(self.storage, request, found, self.tally)

    def _referrers(self, request: Request, found: Route) -> Response:
        if not self.referrers:
            return reply(404, b"404 page not found\n", "text/plain; charset=utf-8")
        return manifests.referrers(self.storage, request, found, page=self.referrers_page)

    def _unknown(self, found: Route) -> Response:
        if found.repository:
            return reply(405, b"Method Not Allowed\n", "text/plain; charset=utf-8")
        return reply(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _sent(self, count: int) -> None:
        self.tally.moved(sent=count)
