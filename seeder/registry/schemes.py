"""Which insecure hosts speak TLS."""

from __future__ import annotations

from seeder.errors import UnreachableError
from seeder.registry import challenge
from seeder.registry.auth import Authorizer
from seeder.registry.endpoint import Endpoint
from seeder.registry.failures import NoTLSError
from seeder.registry.reading import discard
from seeder.registry.transport import Sent, Transport
from seeder.threads import Locks

_PROBE_SECONDS = 10.0


class Schemes:
    """Asked once a host, without credentials. Thread-safe."""

    def __init__(self, transport: Transport, authorizer: Authorizer) -> None:
        self._transport = transport
        self._authorizer = authorizer
        self._known: dict[str, str] = {}
        self._locks: Locks[str] = Locks()

    def base(self, endpoint: Endpoint) -> str:
        if not endpoint.insecure:
            return f"https://{endpoint.host}"
        known = self._known.get(endpoint.host)
        if known is None:
            with self._locks.of(endpoint.host):
                known = self._known.get(endpoint.host)
                if known is None:
                    known = self._known[endpoint.host] = self._find(endpoint)
        return known

    def _find(self, endpoint: Endpoint) -> str:
        """A port speaks one or the other: plain HTTP is tried first there, since a TLS server says at once that it is
        one, and some plain servers wait for more. Without a port, 443 comes before 80.
        """
        has_port = endpoint.host.rpartition(":")[2].isdigit() and not endpoint.host.endswith("]")
        schemes = ("http", "https") if has_port else ("https", "http")
        silent: UnreachableError | None = None
        for scheme in schemes:
            base = f"{scheme}://{endpoint.host}"
            try:
                if self._answers(base, endpoint):
                    return base
            except NoTLSError:
                continue
            except UnreachableError as error:
                if scheme == schemes[1]:
                    raise
                silent = error  # it may have been cut off just now, and no other scheme will do
        raise silent or NoTLSError(
            f"{endpoint.host} answers neither as a registry over HTTP nor over TLS", where=endpoint.host
        )

    def _answers(self, base: str, endpoint: Endpoint) -> bool:
        sent = Sent(method="GET", url=f"{base}/v2/", registry=endpoint.host, insecure=True, read_timeout=_PROBE_SECONDS)
        answer = self._transport.send(sent)
        body = discard(answer)
        asked = challenge.best(answer.headers.get("www-authenticate", ""))
        if answer.status == 401 and asked:
            self._authorizer.learn(endpoint.host, asked)
        wrong = answer.status == 400 or b"HTTPS" in body
        return base.startswith("https") or not wrong
