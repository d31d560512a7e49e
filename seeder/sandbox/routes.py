"""Which request is which (distribution-spec, "Endpoints")."""

from __future__ import annotations

import re

from msgspec import Struct

from seeder.model.reference import is_valid_repository
from seeder.sandbox.counters import Action
from seeder.sandbox.message import Request
from seeder.sandbox.tokens import Grant

_PATH = re.compile(
    r"/v2/(?P<repository>.+?)/(?:(?P<kind>manifests|blobs|referrers)/(?P<selector>[^/]+)"
    r"|(?P<uploads>blobs/uploads)/(?P<session>[^/]*)|(?P<tags>tags/list))\Z"
)
_ACTIONS = {
    ("manifests", "GET"): Action.MANIFEST_GET,
    ("manifests", "HEAD"): Action.MANIFEST_HEAD,
    ("manifests", "PUT"): Action.MANIFEST_PUT,
    ("blobs", "GET"): Action.BLOB_GET,
    ("blobs", "HEAD"): Action.BLOB_HEAD,
    ("referrers", "GET"): Action.REFERRERS,
    ("session", "GET"): Action.UPLOAD_GET,
    ("session", "PATCH"): Action.UPLOAD_PATCH,
    ("session", "PUT"): Action.UPLOAD_PUT,
    ("session", "DELETE"): Action.UPLOAD_DELETE,
    ("tags", "GET"): Action.TAGS,
}
_PULLS = {"GET", "HEAD"}


class Route(Struct, frozen=True, kw_only=True):
    """A request as understood; `selector` is a tag, digest or upload session."""

    action: Action
    repository: str = ""
    selector: str = ""
    grants: tuple[Grant, ...] = ()


def route(request: Request) -> Route:
    """What is asked for; `Action.OTHER` for what the sandbox does not know."""
    if request.path in {"/v2/", "/v2"}:
        return Route(action=Action.PING)
    if request.path == "/token":
        return Route(action=Action.TOKEN)
    found = _PATH.match(request.path)
    if found is None or not is_valid_repository(found["repository"]):
        return Route(action=Action.OTHER)
    repository = found["repository"]
    action = _action(found, request)
    actions = ("pull",) if request.method in _PULLS else ("pull", "push")
    grants = [Grant(repository, name) for name in actions]
    if action == Action.MOUNT:
        grants.append(Grant(request.parameter("from"), "pull"))
    selector = found["selector"] or found["session"] or ""
    return Route(action=action, repository=repository, selector=selector, grants=tuple(grants))


def cdn_route(request: Request) -> Route:
    """A request to the second port: `selector` is the digest."""
    return Route(action=Action.CDN_GET, selector=request.path.removeprefix("/blobs/"))


def _action(found: re.Match[str], request: Request) -> Action:
    if found["uploads"] and not found["session"]:
        if request.method != "POST":
            return Action.OTHER
        return Action.MOUNT if request.parameter("mount") and request.parameter("from") else Action.UPLOAD_POST
    kind = "session" if found["uploads"] else found["kind"] or "tags"
    return _ACTIONS.get((kind, request.method), Action.OTHER)
