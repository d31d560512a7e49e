"""Docker's config.json wherever it stands in a text: as JSON, in YAML's braces, in base64."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

_AUTHS = re.compile(r"[\"']?auths[\"']?\s*:\s*(?P<map>\{)")
_ENCODED = re.compile(r"\.dockerconfigjson[\"']?\s*:\s*[\"']?(?P<data>[A-Za-z0-9+/]{16,}={0,2})")
_MOST = 100  # a text with more of them is none that a person wrote
_SECRETS = ("auth", "password", "identitytoken", "registrytoken")


class Logins(Struct, frozen=True, kw_only=True):
    """The characters `start` up to `end` say for each host what its secret is, empty where it has none."""

    start: int
    end: int
    secrets: dict[str, str]


def logins(content: str) -> Iterator[Logins]:
    """Every map of log-ins in a text."""
    for match in islice(_AUTHS.finditer(content), _MOST):
        yield from _made(match.start(), match.end(), _json(content, match.start("map")))
    for match in islice(_ENCODED.finditer(content), _MOST):
        decoded = _base64(match["data"])
        found = _json(decoded, 0)
        if isinstance(found, dict):
            yield from _made(*match.span("data"), found.get("auths"))


def _made(start: int, end: int, auths: object) -> Iterator[Logins]:
    if isinstance(auths, dict) and auths:
        yield Logins(start=start, end=end, secrets={str(host): _secret(entry) for host, entry in auths.items()})


def _secret(entry: object) -> str:
    if not isinstance(entry, dict):
        return ""
    return next((value for key in _SECRETS if isinstance(value := entry.get(key), str) and value), "")


def _json(text: str, start: int) -> object:
    try:
        return json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _base64(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
