"""One call of the distribution spec: authorised, sent, repeated where that helps, its failure put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import TypeVar

from msgspec import Struct, field
from urllib3.response import BaseHTTPResponse

from seeder.errors import QuotaError, SeederError, ThrottledError, UnreachableError
from seeder.registry import challenge
from seeder.registry.answers import Asking, error_of
from seeder.registry.auth import Authorizer
from seeder.registry.endpoint import Endpoint
from seeder.registry.heads import Body
from seeder.registry.pace import Lane, Pace
from seeder.registry.quotas import Quotas
from seeder.registry.reading import discard
from seeder.registry.retry import Policy
from seeder.registry.schemes import Schemes
from seeder.registry.scopes import Scope
from seeder.registry.transport import Sent, Transport

T = TypeVar("T")
_OK = frozenset({200})
_ASKING = frozenset({"GET", "HEAD"})


class Call(Struct, frozen=True, kw_only=True):
    """`path` stands below the repository; `url` replaces it where a registry named an address itself.

    `doing` says in an error's text what was being done. `expected` are the statuses that are no failure. `also` are
    repositories of the same registry that have to be readable as well.
    """

    method: str
    endpoint: Endpoint
    doing: str
    path: str = ""
    url: str = ""
    actions: str = "pull"
    also: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = None
    expected: frozenset[int] = _OK
    read_timeout: float | None = None

    @property
    def lane(self) -> Lane:
        """Its place in the pace, by what is asked for, or with all that is sent. Manifests that are read lead on."""
        host, kind = self.endpoint.host, self.path.partition("/")[0]
        if self.method not in _ASKING:
            return Lane(host, "sent")
        return Lane(host, kind, leads_on=kind == "manifests" and self.method == "GET")

    @property
    def is_repeatable(self) -> bool:
        return self.body is None or isinstance(self.body, bytes)


class Calls:
    """Thread-safe."""

    def __init__(self, transport: Transport, authorizer: Authorizer, quotas: Quotas, policy: Policy) -> None:
        self.transport = transport
        self.limits = transport.limits
        self.quotas = quotas
        self.policy = policy
        self.pace = Pace(ceiling=transport.limits.at_once, pause=transport.limits.pause)
        self._authorizer = authorizer
        self._schemes = Schemes(transport, authorizer)

    def send(self, call: Call, read: Callable[[BaseHTTPResponse], T], policy: Policy | None = None) -> T:
        """Makes the call and gives its answer to `read`; both again after what is a failure for a while only."""
        if not call.is_repeatable:
            return read(self.once(call))
        return (policy or self.policy).call(lambda: read(self.once(call)))

    def once(self, call: Call) -> BaseHTTPResponse:
        """An answer of an expected status, its body unread. Raises a leaf of SeederError for any other."""
        base = self.base(call.endpoint)
        url = call.url or f"{base}/v2/{call.endpoint.repository}/{call.path}"
        ours = url.startswith(f"{base}/")
        scope = Scope(endpoint=call.endpoint, actions=call.actions, also=call.also)
        header = self._authorizer.ahead(scope) if ours else ""
        host = call.endpoint.host
        # A streamed body may itself wait for its source's turn, so that an upload must not hold one.
        lane = call.lane
        with self.pace.turn(lane) if call.is_repeatable else nullcontext():
            answer = self._sent(call, url, header)
            if answer.status == 401 and ours:
                answer = self._renewed(call, url, scope, header, answer)
        self.quotas.read(host, answer.headers)
        if answer.status in call.expected:
            self.pace.went_well(lane)
            return answer
        raise self.failure(call, answer)

    def failure(self, call: Call, answer: BaseHTTPResponse) -> SeederError:
        """What an answer means that was not expected."""
        host = call.endpoint.host
        asking = Asking(
            user=self._authorizer.user(call.endpoint),
            nobody=self._authorizer.nobody,
            pushes="push" in call.actions,
            path=call.path,
        )
        error = error_of(answer, call.doing, host, asking)
        if isinstance(error, QuotaError):
            self.quotas.spend(host)
        elif isinstance(error, ThrottledError):
            self.pace.complained(call.lane, error.retry_after)
        elif answer.status == 503:
            self.pace.complained(call.lane, None)
        return error

    def _sent(self, call: Call, url: str, header: str) -> BaseHTTPResponse:
        headers = {**call.headers, "Authorization": header} if header else call.headers
        return self.transport.send(
            Sent(
                method=call.method,
                url=url,
                registry=call.endpoint.host,
                headers=headers,
                body=call.body,
                insecure=call.endpoint.insecure,
                read_timeout=call.read_timeout,
            )
        )

    def _renewed(self, call: Call, url: str, scope: Scope, header: str, answer: BaseHTTPResponse) -> BaseHTTPResponse:
        asked = challenge.best(answer.headers.get("www-authenticate", ""))
        new = self._authorizer.challenged(scope, asked, header) if asked else ""
        if not new:
            return answer
        discard(answer)
        if not call.is_repeatable:
            raise UnreachableError(f"{call.doing}: the token had ended", where=call.endpoint.host)
        return self._sent(call, url, new)

    def authorization(self, endpoint: Endpoint, actions: str, *, asked: str = "", sent: str = "") -> str:
        """What a request would send; after a 401 (`asked` is its challenge, `sent` what was refused) empty for nothing
        new.
        """
        scope, told = Scope(endpoint=endpoint, actions=actions), challenge.best(asked) if asked else None
        return self._authorizer.challenged(scope, told, sent) if told else self._authorizer.ahead(scope)

    def expect(self, endpoints: Iterable[Endpoint]) -> None:
        """Announces repositories that will be pulled from."""
        self._authorizer.expect(endpoints)

    def base(self, endpoint: Endpoint) -> str:
        """`scheme://host[:port]` of an endpoint."""
        return self._schemes.base(endpoint)
