"""oras, going where our own client goes, trusting and authorised as it is, and failing as it does.

oras keeps one token for every host, waits for ever and sleeps for minutes between tries of whatever fails, save for its
own AuthenticationException: so each failure goes through it as that, with ours as its cause, and comes out as ours.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import urllib3.exceptions
from msgspec import Struct

from seeder.errors import RegistryError, SeederError, UnreachableError
from seeder.model.reference import ImageReference
from seeder.registry import tls
from seeder.registry.addresses import Origin
from seeder.registry.client import Client
from seeder.registry.failures import no_answer
from seeder.registry.proxies import Proxies

if TYPE_CHECKING:
    import requests  # noqa: TID251 - only its types
    from oras.client import OrasClient
    from oras.container import Container

_TIMEOUT = (15.0, 60.0)  # seconds to connect, and between two reads
_REDIRECTS = 5


class Carrier(Struct, frozen=True):
    """An oras client for one repository: give it `container` where it wants one, and `url` for `do_request`."""

    oras: OrasClient
    container: Container

    def url(self, path: str) -> str:
        return f"{self.oras.prefix}://{self.container.registry}/v2/{self.container.api_prefix}/{path}"


class Route(Struct, frozen=True, kw_only=True):
    """What is done in which repository, for errors and tokens: `actions` are `pull` or `pull,push`."""

    client: Client
    environment: Mapping[str, str]
    reference: ImageReference
    doing: str
    actions: str = "pull"


@contextmanager
def carrying(route: Route) -> Iterator[Carrier]:
    """An oras client within which every failure is ours: DeniedError, MissingError, UnreachableError and their kin."""
    import requests  # noqa: PLC0415, TID251 - a third of a second, with oras, that other commands do not pay
    from oras.auth import AuthenticationException  # noqa: PLC0415

    host = route.client.endpoint(route.reference).host
    try:
        yield _carrier(route)
    except AuthenticationException as stopped:
        raise (stopped.__cause__ or stopped) from None
    except SeederError:
        raise
    except ValueError as error:  # oras' and requests' word for an answer that cannot be used
        raise _unusable(route) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise UnreachableError(f"{route.doing}: cut off ({type(error).__name__})", where=host) from error


def _carrier(route: Route) -> Carrier:
    from oras.client import OrasClient  # noqa: PLC0415
    from oras.container import Container  # noqa: PLC0415

    endpoint, base = route.client.endpoint(route.reference), route.client.base(route.reference)
    # oras reads a host without a dot or port as a part of a path at Docker Hub: it is told apart from the path here.
    container = Container(f"registry.invalid/{endpoint.repository}")
    container.registry = endpoint.host
    made = OrasClient(insecure=base.startswith("http://"))
    made.session = _session(route, f"{base}/")
    return Carrier(made, container)


def _session(route: Route, base: str) -> requests.Session:
    import requests  # noqa: PLC0415, TID251
    from oras.auth import AuthenticationException  # noqa: PLC0415

    class Session(requests.Session):
        def request(self, *args: Any, **more: Any) -> requests.Response:  # noqa: ANN401 - requests' own
            try:
                return super().request(*args, **more)
            except SeederError as error:
                raise AuthenticationException(route.doing) from error
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise AuthenticationException(route.doing) from _failure(route, error)

    made = Session()
    made.trust_env = False  # no netrc: what counts are the credentials that our client looked up
    made.max_redirects = _REDIRECTS
    made.headers["Accept-Encoding"] = "identity"
    endpoint = route.client.endpoint(route.reference)
    certificates, proxies = tls.load(route.environment), Proxies(route.environment)
    elsewhere = certificates.context("", verify=not endpoint.insecure)
    ours = certificates.context(endpoint.host, verify=not endpoint.insecure)
    made.mount("https://", _adapter(proxies, _refusing(route, base), context=elsewhere))
    made.mount("http://", _adapter(proxies, _refusing(route, base)))
    made.mount(base, _adapter(proxies, _authorising(route, base), context=ours))
    return made


Send = Callable[["requests.PreparedRequest"], "requests.Response"]
Way = Callable[["requests.PreparedRequest", Send], "requests.Response"]


def _authorising(route: Route, base: str) -> Way:
    """To the registry itself: with what our client would send, asked for once more where that is refused."""
    refusing = _refusing(route, base)

    def way(request: requests.PreparedRequest, send: Send) -> requests.Response:
        header = route.client.authorization(route.reference, route.actions)
        if header:
            request.headers["Authorization"] = header

        def renewed(request: requests.PreparedRequest) -> requests.Response:
            answer = send(request)
            asked = answer.headers.get("www-authenticate", "") if answer.status_code == 401 else ""
            new = route.client.authorization(route.reference, route.actions, asked=asked, sent=header) if asked else ""
            if not new:
                return answer
            answer.close()
            request.headers["Authorization"] = new
            return send(request)

        return refusing(request, renewed)

    return way


def _refusing(route: Route, base: str) -> Way:
    """Raises what an answer means that is no success; a HEAD may find nothing."""

    def way(request: requests.PreparedRequest, send: Send) -> requests.Response:
        if base.startswith("https:") and (request.url or "").startswith("http:"):
            raise RegistryError(f"{route.doing}: leads from https to http: refused", code="redirects")
        answer = send(request)
        if answer.status_code < 400 or (answer.status_code == 404 and request.method == "HEAD"):
            return answer
        raise route.client.refusal(route.reference, answer.raw, route.doing, route.actions)

    return way


def _adapter(proxies: Proxies, way: Way, *, context: ssl.SSLContext | None = None) -> requests.adapters.HTTPAdapter:
    """Speaks as our own transport does: bounded waits, the user's proxies and certificates."""
    import requests  # noqa: PLC0415, TID251

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - requests' own
            super().init_poolmanager(*args, **more, ssl_context=context)

        def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401
            return super().proxy_manager_for(proxy, **more, ssl_context=context)

        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:  # noqa: ANN401
            proxy = proxies.for_origin(Origin.of(request.url or ""))
            more["proxies"] = {"http": proxy, "https": proxy} if proxy else {}
            more |= {"timeout": _TIMEOUT, "verify": context is None or context.verify_mode is not ssl.CERT_NONE}
            plain = super().send
            return way(request, lambda asked: plain(asked, *args, **more))

    return Adapter()


def _failure(route: Route, error: Exception) -> SeederError:
    import requests  # noqa: PLC0415, TID251

    host = route.client.endpoint(route.reference).host
    if isinstance(error, requests.TooManyRedirects):
        return RegistryError(f"{route.doing}: more than {_REDIRECTS} redirects", where=host, code="redirects")
    if isinstance(error, ValueError):  # an address that is none
        return _unusable(route)
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    reason = getattr(inner, "reason", None)
    return no_answer(reason if isinstance(reason, Exception) else inner, host, route.doing)


def _unusable(route: Route) -> RegistryError:
    host = route.client.endpoint(route.reference).host
    return RegistryError(f"{route.doing}: the answer of {host} is not what the protocol says", where=host)
