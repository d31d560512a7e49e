"""What skopeo's words mean, as errors that say what to try. Pure; the words are those of 1.9 to 1.22."""

from __future__ import annotations

import re

from msgspec import Struct

from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    EngineError,
    MissingError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)

_LINE = re.compile(r'level=(?P<level>\w+) msg=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>\S+))')
# A CDN's address is signed: what follows its `?` gives the blob to whoever reads it. It may be told without its host.
_QUERY = re.compile(r"((?:https?:/|(?<=\"))/[^\s\"?]+)\?[^\s\"]*")
_THROTTLED_AT = re.compile(r"too many requests to \w+://([^/\s]+)/", re.IGNORECASE)
# How a complaint about a child of an index begins, whichever side it is about: all before that child were read.
_CHILD = re.compile(r"copying image (\d+)/\d+ from manifest list: ")
_AT_SOURCE = ("initializing source", "reading ", "Error initializing source", "determining manifest MIME type")


class NestedIndexError(EngineError):
    """Skopeo copies no index that names indexes; it read `read` manifests before it saw one."""

    def __init__(self, message: str, *, where: str, read: int) -> None:
        super().__init__(message, where=where, hint="use the direct engine: leave --engine out")
        self.read = read


class Sides(Struct, frozen=True, kw_only=True):
    """The two ends of a copy as skopeo's words name them, and as people know them.

    `source_host` and `target_host` are hosts on the wire; `target` is the target's name in the catalog.
    """

    source: str
    source_host: str
    destination: str
    target_host: str
    target: str

    def is_target(self, message: str) -> bool:
        """Whether a message is about the target: by its host, else by what skopeo was doing."""
        if "happened during read" in message:
            return False  # the upload broke off because the download did
        if self.source_host != self.target_host:
            in_target, in_source = self.target_host in message, self.source_host in message
            if in_target != in_source:
                return in_target
        return not _CHILD.sub("", message).startswith(_AT_SOURCE)


def throttled_host(line: str) -> str | None:
    """The host whose 429 skopeo is about to sleep on, by a debug line; other lines may be about either side: None."""
    match = _THROTTLED_AT.search(line)
    return match[1] if match else None


def fault(stderr: str) -> str:
    """The last thing that skopeo complained of; debug lines are none. Queries of addresses are left out."""
    found = ""
    for line in stderr.splitlines():
        match = _LINE.search(line)
        if match is None:
            found = line.strip() or found
        elif match["level"] in {"fatal", "error", "panic"}:
            found = _unquoted(match["quoted"]) if match["quoted"] is not None else match["plain"]
    return _QUERY.sub(r"\1?…", found)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


def error(message: str, sides: Sides) -> SeederError:
    """The error for skopeo's last complaint; its own words are kept in it."""
    at_target = sides.is_target(message)
    where = sides.target_host if at_target else sides.source_host
    for pattern, make in _MEANINGS:
        if pattern.search(message):
            return make(_told(message, sides, at_target=at_target), where, sides if at_target else None)
    return EngineError(_told(message, sides, at_target=at_target), where=where)


def _told(message: str, sides: Sides, *, at_target: bool) -> str:
    doing = f"writing {sides.destination}" if at_target else f"copying {sides.source}"
    return f"{doing}: skopeo says: {message[:2000]}" if message else f"{doing}: skopeo failed and said nothing"


def _no_tls(message: str, where: str, target: Sides | None) -> SeederError:
    hint = (
        f"if {where} is plain HTTP, set `insecure: true` for targets.{target.target}"
        if target
        else f"if {where} is plain HTTP, set `insecure = true` for it in registries.conf"
    )
    return UnreachableError(message, where=where, hint=hint, code="no-tls")


def _certificate(message: str, where: str, _: Sides | None) -> SeederError:
    hint = f"put its CA at /etc/containers/certs.d/{where}/ca.crt, or name it in SSL_CERT_FILE"
    return UnreachableError(message, where=where, hint=hint, code="certificate")


def _denied(message: str, where: str, target: Sides | None) -> SeederError:
    hint = (
        f"check the credentials for {where} in REGISTRY_AUTH_FILE, and that they may push there"
        if target
        else f"it is missing or private; check the credentials for {where}"
    )
    return DeniedError(message, where=where, hint=hint)


def _missing(message: str, where: str, target: Sides | None) -> SeederError:
    hint = (
        f"the repository may have to be made at {where} first (Harbor: the project)"
        if target
        else "what was pinned is gone; pin it again with --update"
    )
    return MissingError(message, where=where, hint=hint, status=404)


def _throttled(message: str, where: str, _: Sides | None) -> SeederError:
    return ThrottledError(message, where=where, status=429)


def _digest(message: str, where: str, _: Sides | None) -> SeederError:
    return DigestMismatchError(message, where=where, hint="a proxy or registry on the way changes content")


def _conversion(message: str, where: str, _: Sides | None) -> SeederError:
    hint = f"{where} refuses this image's media types, and seeder converts nothing (zot: http.compat: [docker2s2])"
    return EngineError(message, where=where, hint=hint, code="media-type")


def _too_large(message: str, where: str, _: Sides | None) -> SeederError:
    hint = 'a proxy limits uploads (ingress-nginx: nginx.ingress.kubernetes.io/proxy-body-size: "0")'
    return EngineError(message, where=where, hint=hint, code="too-large")


def _full(message: str, where: str, _: Sides | None) -> SeederError:
    return EngineError(message, where=where, hint=f"there is no space left at {where} or here", code="no-space")


def _server(message: str, where: str, target: Sides | None) -> SeederError:
    hint = "the registry has a fault of its own; try again"
    if target:
        hint += ", and look whether its disk is full"
    return UnreachableError(message, where=where, hint=hint, status=500)


def _lost(message: str, where: str, _: Sides | None) -> SeederError:
    hint = f"{where} forgot what was sent: a restart, a cleaner, or replicas without a common storage; run again"
    return UnreachableError(message, where=where, hint=hint, code="upload-lost")


def _unreachable(message: str, where: str, _: Sides | None) -> SeederError:
    return UnreachableError(message, where=where, hint=f"is {where} running, and is its name right?")


def _redirects(message: str, where: str, _: Sides | None) -> SeederError:
    return RegistryError(message, where=where, hint="look at its settings, and at a proxy in between", code="redirects")


def _nested(message: str, where: str, _: Sides | None) -> SeederError:
    child = _CHILD.search(message)
    return NestedIndexError(message, where=where, read=1 + int(child[1]) if child else 1)


def _policy(message: str, where: str, _: Sides | None) -> SeederError:
    hint = "containers' policy.json on this machine forbids the image; see containers-policy.json(5)"
    return DeniedError(message, where=where, hint=hint, code="policy")


def _pattern(*words: str, status: str = "") -> re.Pattern[str]:
    """Words, or an HTTP status (`status: 500`, `StatusCode: 500`, and 1.9's `500 (Internal Server Error)`).

    A number alone says nothing: uploads and digests are full of them.
    """
    statuses = (rf"status(?:code)?:?\s*\(?(?:{status})\b", rf" (?:{status}) \([a-z]") if status else ()
    return re.compile("|".join((*words, *statuses)), re.IGNORECASE)


# The first that fits counts: words that name a cause stand before words that stand in many messages.
_MEANINGS = (
    (_pattern("too ?many ?requests", "pull rate limit", status="429"), _throttled),
    (_pattern("received a manifest list instead of"), _nested),
    (_pattern(r"stopped after \d+ redirects"), _redirects),
    (_pattern("server gave HTTP response to HTTPS client", "first record does not look like a TLS"), _no_tls),
    (_pattern("x509:", "certificate signed by unknown", "tls: (failed|bad|unknown)"), _certificate),
    (_pattern("no space left", "disk quota", "insufficient storage", status="507"), _full),
    (_pattern("entity too large", status="413"), _too_large),
    (_pattern("Source image rejected"), _policy),
    (_pattern("digest .*(mismatch|did not match|does not match)", "manifest .*does not match"), _digest),
    (
        _pattern(
            "preserve digests",
            "would be modified",
            "converted to v2s",
            "must be converted",
            "unsupported media",
            status="415",
        ),
        _conversion,
    ),
    (
        _pattern(
            "unauthorized",
            "authentication required",
            "invalid username",
            r"\bdenied\b",
            "forbidden",
            status="401|403",
        ),
        _denied,
    ),
    (_pattern("blob upload unknown", "blob unknown"), _lost),
    (_pattern("manifest unknown", "name unknown", "NAME_UNKNOWN", "not found", status="404"), _missing),
    (_pattern("bad gateway", "service unavailable", "gateway time-?out", status=r"50\d"), _server),
    (
        _pattern(
            "connection refused",
            "no such host",
            "timeout",
            "no route",
            "reset by peer",
            "use of closed network connection",
            r"\bEOF\b",
            "unreachable",
        ),
        _unreachable,
    ),
    (_pattern("deadline exceeded", "broken pipe", "server misbehaving", "dial tcp"), _unreachable),
)
