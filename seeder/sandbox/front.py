"""What every request passes on its way in and out: limits, faults, counters, the link."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct, field

from seeder.sandbox.access import Access
from seeder.sandbox.counters import Action, Asked, Tally
from seeder.sandbox.faults import Call, Fault, Faults
from seeder.sandbox.link import Link, RequestLimit, too_many_requests
from seeder.sandbox.message import Request, Response
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage

Answer = Callable[[Request, Route], Response]


class Front(Struct, kw_only=True):
    """Stands before a registry and its CDN alike."""

    storage: Storage
    access: Access
    tally: Tally
    link: Link
    limit: RequestLimit
    stopping: threading.Event
    realm: str = ""
    faults: Faults = field(default_factory=Faults)

    def pass_on(self, request: Request, found: Route, answer: Answer) -> Response:
        """Gives the request to `answer`, unless a limit or a fault stands before it."""
        self.link.wait()
        response = self._answer(request, found, answer)
        asked = Asked(
            action=found.action,
            method=request.method,
            path=request.path,
            repository=found.repository,
            selector=found.selector,
            status=response.status,
        )
        self.tally.add(asked)
        if self.link.bandwidth:
            response.content = self.link.paced(response.content)
        return response

    def _answer(self, request: Request, found: Route, answer: Answer) -> Response:
        if found.action != Action.CDN_GET and self.limit.exceeded():
            return too_many_requests()
        if not self._is_challenged(request, found):
            # Faults that hit the same request are done one around the other, the first the outermost.
            for fault in reversed(self.faults.hitting(request, found.action)):
                answer = self._around(answer, fault)
        return answer(request, found)

    def _around(self, answer: Answer, fault: Fault) -> Answer:
        def misbehave(request: Request, found: Route) -> Response:
            call = Call(
                request=request,
                route=found,
                storage=self.storage,
                tokens=self.access.tokens,
                stopping=self.stopping,
                challenge=self.access.challenge(found, self.realm),
                answer=lambda: answer(request, found),
            )
            return fault.answer(call)

        return misbehave

    def _is_challenged(self, request: Request, found: Route) -> bool:
        """Whether the request can only get a challenge, for want of credentials."""
        open_to_all = found.action in {Action.TOKEN, Action.CDN_GET, Action.OTHER}
        demanded = self.access.tokens is not None or self.access.credentials is not None
        return not open_to_all and demanded and "authorization" not in request.headers
