"""`WWW-Authenticate` (RFC 9110 §11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110's word for a word
_NEXT = re.compile(
    rf"""[\s,]*(?:
        (?P<key>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]*))
      | (?P<scheme>{_TOKEN})(?=[\s,]|\Z)
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


class Challenge(Struct, frozen=True, kw_only=True):
    """One challenge: `scheme` and the names of `parameters` in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse(header: str) -> tuple[Challenge, ...]:
    """All challenges of a header's value, as far as it can be read."""
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while match := _NEXT.match(header, at):
        at = match.end()
        if match["scheme"]:
            found.append((match["scheme"].lower(), {}))
        elif found:
            quoted = match["quoted"]
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else match["bare"]
            found[-1][1].setdefault(match["key"].lower(), value)
    return tuple(Challenge(scheme=scheme, parameters=parameters) for scheme, parameters in found)


def best(header: str) -> Challenge | None:
    """The challenge that seeder can meet: bearer before basic."""
    challenges = {challenge.scheme: challenge for challenge in reversed(parse(header))}
    return challenges.get("bearer") or challenges.get("basic")
