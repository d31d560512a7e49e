"""Who may do what, and the challenge for who may not."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from seeder.sandbox.message import Refusal, Request, Response, json_reply
from seeder.sandbox.routes import Route
from seeder.sandbox.tokens import SERVICE, Grant, Tokens, basic, parse_scopes, scope

UNAUTHORIZED = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": None}]}


class Access(Struct, kw_only=True):
    """`credentials` are one user and password, None where nobody needs any.

    With `anonymous_pull` the credentials are needed for pushes only. `private` repositories always need them. A
    `read_only` sandbox refuses every push with 403, as Docker Hub does for a repository of someone else.
    """

    tokens: Tokens | None
    credentials: tuple[str, str] | None = None
    anonymous_pull: bool = False
    read_only: bool = False
    private: set[str] = field(default_factory=set)

    def check(self, request: Request, route: Route, realm: str) -> Response | None:
        """None where the request may go on, else the answer. Raises Refusal where no credentials would help."""
        granted = self._granted(request, route)
        if granted is None or not set(route.grants) <= granted:
            error = ', error="insufficient_scope"' if granted is not None else ""
            return json_reply(401, UNAUTHORIZED, WWW_Authenticate=self.challenge(route, realm, error))
        if self.read_only and any(grant.action == "push" for grant in route.grants):
            raise Refusal(403, "DENIED", "requested access to the resource is denied")
        return None

    def token(self, request: Request) -> Response:
        """The token endpoint: a token for what of the scope is allowed, silently without the rest."""
        header = request.headers.get("authorization", "")
        given = basic(header)
        if self.tokens is None or (header and given is None) or (given and not self._knows(given)):
            return json_reply(401, {"details": "incorrect username or password"})
        if request.parameter("service") != SERVICE:
            return json_reply(400, {"details": f"service is not {SERVICE}"})
        asked = parse_scopes(request.query.get("scope", ()))
        token = self.tokens.give(self._allowed(asked, given))
        return json_reply(200, {"token": token, "access_token": token, "expires_in": int(self.tokens.seconds)})

    def _granted(self, request: Request, route: Route) -> frozenset[Grant] | None:
        """What the request's credentials allow; None where it must name some first."""
        header = request.headers.get("authorization", "")
        if self.tokens is not None:
            scheme, _, token = header.partition(" ")
            return self.tokens.grants(token.strip()) if scheme.lower() == "bearer" else None
        given = basic(header)
        if header and (given is None or not self._knows(given)):
            return None
        allowed = frozenset(self._allowed(route.grants, given))
        return allowed if allowed or not self.credentials else None

    def _knows(self, given: tuple[str, str]) -> bool:
        return self.credentials is None or given == self.credentials

    def _allowed(self, grants: Iterable[Grant], given: tuple[str, str] | None) -> list[Grant]:
        if self.credentials is not None and given == self.credentials:
            return list(grants)
        public = [grant for grant in grants if grant.repository not in self.private]
        if self.credentials is None:
            return public
        return [grant for grant in public if self.anonymous_pull and grant.action == "pull"]

    def challenge(self, route: Route, realm: str, error: str = "") -> str:
        """What `WWW-Authenticate` says of a request."""
        if self.tokens is None:
            return 'Basic realm="sandbox"'
        wanted = f',scope="{scope(route.grants)}"' if route.grants else ""
        return f'Bearer realm="{realm}",service="{SERVICE}"{wanted}{error}'
