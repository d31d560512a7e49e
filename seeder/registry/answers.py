"""What an answer that is no success means: an error with the registry's own code and message, and what to try."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from msgspec import Struct
from urllib3.response import BaseHTTPResponse

from seeder import json_text
from seeder.errors import DeniedError, MissingError, QuotaError, RegistryError, SeederError, ThrottledError
from seeder.registry.endpoint import HUB_HOST
from seeder.registry.failures import PROXY_LOGIN
from seeder.registry.reading import discard

# What a registry says of a manifest whose blobs or children it misses (zot says the second).
_INCOMPLETE = frozenset({"manifest-blob-unknown", "manifest-invalid", "blob-unknown", "manifest-unknown"})
_LACKING = frozenset({"BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"})
_QUOTA_WORDS = ("pull rate limit", "increase-rate-limit")
_MESSAGE = 300


class Said(Struct, frozen=True, kw_only=True):
    """The first error of a registry's answer, empty where the body is not the spec's JSON.

    `lacks` are the digests that it has not, by whichever error: a word of each that is not told readably.
    """

    code: str = ""
    message: str = ""
    is_json: bool = False
    lacks: tuple[str, ...] = ()

    @classmethod
    def read(cls, body: bytes) -> Said:
        """Lenient: behind proxies a body may be HTML or empty, and `detail` may be anything."""
        try:
            errors = json_text.parse(body)["errors"]
            code, message = str(errors[0].get("code", "")), str(errors[0].get("message", ""))[:_MESSAGE]
            return cls(code=code, message=message, is_json=True, lacks=tuple(_lacking(errors)))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return cls(message=_plain(body))

    @property
    def text(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part)


def _lacking(errors: Iterable[Any]) -> Iterator[str]:
    for error in errors:
        if isinstance(error, Mapping) and str(error.get("code")) in _LACKING:
            detail = error.get("detail")
            yield str(detail.get("digest") if isinstance(detail, Mapping) else detail)


def _plain(body: bytes) -> str:
    text = body[:_MESSAGE].decode(errors="replace").strip()
    return "" if text.startswith("<") or "\n" in text else text


class Asking(Struct, frozen=True, kw_only=True):
    """Who asked, for what: `user` is whose credentials were sent, else `nobody` says where none were found.

    `pushes` is whether the request was to write, `path` what stood below the repository.
    """

    user: str | None = None
    nobody: str = ""
    pushes: bool = False
    path: str = ""


def error_of(answer: BaseHTTPResponse, doing: str, host: str, asking: Asking) -> SeederError:
    """The error for an answer, whose body is read as far as it helps."""
    said = Said.read(discard(answer))
    status = answer.status
    text = f"{doing}: {said.text or answer.reason or 'refused'} ({status})"
    if status == 429:
        return _too_many(answer, said, text, host)
    if status in {401, 403}:
        return DeniedError(text, where=host, hint=_denied_hint(asking, host), code="denied", status=status)
    error = RegistryError(text, where=host, hint=_hint(answer, said), code=_code(said), status=status)
    if status == 404:
        error = MissingError(text, where=host, hint=_missing_hint(said, asking), status=status)
    error.lacks = said.lacks
    return error


def is_incomplete(error: SeederError) -> bool:
    """Whether a registry that was to take a manifest says that it misses something below it."""
    return error.code in _INCOMPLETE or isinstance(error, MissingError)


def _code(said: Said) -> str:
    """The registry's own code; one that says nothing counts as none."""
    code = said.code.lower().replace("_", "-")
    return code if code not in {"", "unknown"} else RegistryError.code


def _too_many(answer: BaseHTTPResponse, said: Said, text: str, host: str) -> SeederError:
    """Docker Hub's quota answers with JSON and speaks of pulls; its abuse limit answers with bare text."""
    remaining = answer.headers.get("ratelimit-remaining", "")
    words = said.message.lower()
    if any(word in words for word in _QUOTA_WORDS) or (said.is_json and remaining.startswith("0")):
        return QuotaError(text, where=host, hint="the pull quota is spent; run again later, or log in for a higher one")
    error = ThrottledError(text, where=host, hint="too many requests at once; seeder slows down", status=429)
    error.retry_after = retry_after(answer.headers.get("retry-after", ""))
    return error


def retry_after(value: str) -> float | None:
    """Seconds from a `Retry-After`: a number, or an HTTP date; None where there is none that can be read."""
    value = value.strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return None


def _denied_hint(asking: Asking, host: str) -> str:
    if asking.user is None:
        known = f"; {asking.nobody}" if asking.nobody else ""
        if asking.pushes:
            return f"seeder asked as nobody: log in as someone who may push there ({_login(host)}){known}"
        return f"it is missing, or private: check the name, or log in ({_login(host)}){known}"
    who = f"as {asking.user}" if asking.user else "with the identity token"
    if asking.pushes:
        return f"seeder asked {who}: check that this login is still right and may push there"
    return f"seeder asked {who}: check that this login is still right and may do this; the name may also be wrong"


def _login(host: str) -> str:
    """Docker Hub's credentials are kept under a name that only `docker login` without one writes."""
    return "`docker login`" if host == HUB_HOST else f"`docker login {host}`"


def _missing_hint(said: Said, asking: Asking) -> str:
    match said.code:
        case "NAME_UNKNOWN":
            return "there is no such repository, or it is private"
        case code if code == "BLOB_UNKNOWN" or asking.path.startswith("blobs/sha"):
            return "the registry lost a layer of this image; it has to be pushed again"
        case _ if asking.path.startswith("manifests/sha"):
            return "the registry has no such digest, or no longer: `seeder pin --update` takes what a tag names now"
        case "MANIFEST_UNKNOWN":
            return "the repository has no such tag"
        case _:
            return "check the name and the tag"


def _hint(answer: BaseHTTPResponse, said: Said) -> str:
    match answer.status:
        case 413:
            return (
                "a proxy before the registry refuses large bodies; for nginx: client_max_body_size 0; "
                'for ingress-nginx: nginx.ingress.kubernetes.io/proxy-body-size: "0"'
            )
        case 407:
            return PROXY_LOGIN
        case 405:
            return "the registry does not allow this; is it a read-only mirror?"
        case 415:
            return "the registry does not take this media type (zot: http.compat: [docker2s2]); seeder converts nothing"
        case 400 if answer.headers.get("content-type", "").startswith("text/plain") and "HTTPS" in said.message:
            return "the registry speaks TLS; take `insecure` away"
        case 400 if said.code == "MANIFEST_INVALID":
            return "the registry does not take this kind of manifest, or one this large"
        case 500 | 507:
            return "check the registry's log; its disk may be full"
        case _:
            return ""
