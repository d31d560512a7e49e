"""What it means that there was no answer: urllib3's and the system's exceptions as ours, with a hint."""

from __future__ import annotations

import errno
import re
import ssl

import urllib3.exceptions as http

from seeder.errors import UnreachableError

PROXY_LOGIN = "user and password stand before an `@` in the proxy's address, as HTTPS_PROXY has it"
_REFUSED = re.compile(r"(?<=Tunnel connection failed: )(407|403)\b.{0,40}")  # http.client's words
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


class NoTLSError(UnreachableError):
    """What answers there does not speak TLS."""

    code = "no-tls"


class RefusedByProxyError(UnreachableError):
    """A proxy does not let us through, which no repetition changes."""

    code = "proxy"


def is_crowded(error: Exception) -> bool:
    """Whether this process has too many open files for one more connection."""
    cause = _cause(error, OSError)
    return isinstance(cause, OSError) and cause.errno in {errno.EMFILE, errno.ENFILE}


def no_answer(error: Exception, host: str, doing: str) -> UnreachableError:
    """The error for a request that got no answer."""
    tls = _cause(error, ssl.SSLError)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return _certificate(tls, host)
    if isinstance(tls, ssl.SSLError) and (tls.reason or "").upper() in _NO_TLS:
        return NoTLSError(
            "does not speak TLS",
            where=host,
            hint=f"if {host} is plain HTTP, say `insecure: true` on the target (or in registries.conf, for a source or "
            "a `push:` that only you reach)",
        )
    refused = _REFUSED.search(str(_cause(error, OSError))) if isinstance(error, http.ProxyError) else None
    if refused:
        hint = PROXY_LOGIN if refused[1] == "407" else "the proxy's rules do not allow this host"
        return RefusedByProxyError(f"the proxy before it does not let us through: {refused[0]}", where=host, hint=hint)
    message, hint = _words(error, doing)
    return UnreachableError(message, where=host, hint=hint)


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> UnreachableError:
    return UnreachableError(
        f"its certificate is not trusted: {error.verify_message}",
        where=host,
        hint=f"put its CA at /etc/containers/certs.d/{host}/ca.crt, or name it in SSL_CERT_FILE",
        code="certificate",
    )


def _words(error: Exception, doing: str) -> tuple[str, str]:
    cause = _cause(error, OSError)
    if is_crowded(error):
        return f"no connection: {_short(cause or error)}", "raise the limit of open files (ulimit -n)"
    if isinstance(error, http.NameResolutionError):
        return "this name has no address", "check the host's name, and DNS where seeder runs"
    if isinstance(error, http.ProxyError):
        return (
            f"the proxy before it failed: {_short(cause or error.original_error)}",
            "check HTTP_PROXY, HTTPS_PROXY, NO_PROXY",
        )
    if isinstance(error, http.NewConnectionError) or isinstance(cause, ConnectionRefusedError):
        return f"no connection: {_short(cause or error)}", "is it running, and is the port right?"
    if isinstance(error, http.ConnectTimeoutError):
        return "no connection in time", "check the port, firewalls and HTTPS_PROXY"
    if isinstance(error, http.ReadTimeoutError | TimeoutError):
        return f"stopped answering ({doing})", "it may be overloaded; try again"
    return f"ended the connection ({doing}): {_short(cause or error)}", ""


def _short(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).rpartition(">: ")[2][:200]


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first exception of a kind on the way down: causes, contexts, and what urllib3 keeps in `args`."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        here = waiting.pop(0)
        if here is None or id(here) in seen:
            continue
        if isinstance(here, kind):
            return here
        seen.add(id(here))
        waiting += [*(arg for arg in here.args if isinstance(arg, BaseException)), here.__cause__, here.__context__]
    return None
