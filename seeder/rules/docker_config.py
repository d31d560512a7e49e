"""Docker's config.json and its older kin wherever they stand in a text: JSON, YAML of either style, base64."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

# A quote is written \" where the map stands in a string of its own.
_AUTHS = re.compile(r"\\?[\"']?auths\\?[\"']?\s*:\s*(?P<map>\{)")
_OLDER = re.compile(r"\.dockercfg[\"']?\s*:\s*(?:[|>][-+]?\s*)?[\"']?(?P<map>\{)")
_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?:-[ \t]+)?[\"']?auths[\"']?[ \t]*:[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_ENCODED = re.compile(
    r"\.(?P<kind>dockerconfigjson|dockercfg)[\"']?\s*:\s*(?:[|>][-+]?\s*)?[\"']?(?P<data>[A-Za-z0-9+/]{16,}={0,2})"
)
_ENTRY = re.compile(
    r"(?P<key>\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s\"'{},#][^\s\"'{},]{0,200}?)[ \t]*:(?=[\s{\"']|\Z)[ \t]*"
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'{},#][^\s},]*)?"
)
_HINTS = ("auths", ".dockerc")
_MOST = 100  # a text with more of them is none that a person wrote
_LONGEST = 20_000  # characters of one
_SECRETS = ("auth", "password", "identitytoken", "registrytoken")


class Logins(Struct, frozen=True, kw_only=True):
    """The characters `start` up to `end` say for each host what its secret is, empty where it has none."""

    start: int
    end: int
    secrets: dict[str, str]


def is_older(path: str) -> bool:
    """Whether all of a file is one map of log-ins."""
    return path.rpartition("/")[2] == ".dockercfg"


def logins(content: str, *, is_older: bool = False) -> Iterator[Logins]:
    """Every map of log-ins in a text; `is_older` where the whole text is one, as `.dockercfg` is."""
    if is_older:
        yield from _made(0, len(content), _json(content))
    if not any(hint in content for hint in _HINTS):
        return
    for pattern in (_AUTHS, _OLDER):
        for match in islice(pattern.finditer(content), _MOST):
            text = content[match.start("map") : match.start("map") + _LONGEST]
            text = text.replace('\\"', '"') if "\\" in match[0] else text
            found = _json(text)
            yield from _made(match.start(), match.end(), _read(_braced(text)) if found is None else found)
    for match in islice(_BLOCK.finditer(content), _MOST):
        yield from _made(match.start(), match.end(), _read(_below(content, match.end(), match["indent"])))
    for match in islice(_ENCODED.finditer(content), _MOST):
        found = _json(decoded(match["data"]))
        is_map = match["kind"] == "dockerconfigjson" and isinstance(found, dict)
        yield from _made(*match.span("data"), found.get("auths") if is_map and isinstance(found, dict) else found)


def _made(start: int, end: int, auths: object) -> Iterator[Logins]:
    if isinstance(auths, dict) and auths:
        yield Logins(start=start, end=end, secrets={_host(str(host)): _secret(entry) for host, entry in auths.items()})


def _host(key: str) -> str:
    """A registry as it is keyed, without a user that an address may hold."""
    scheme, sign, rest = key.rpartition("://")
    return scheme + sign + rest.rpartition("@")[2]


def _secret(entry: object) -> str:
    """What opens the registry; `auth` is one only where it is a user and a password in base64."""
    if not isinstance(entry, dict):
        return ""
    given = {key: value for key in _SECRETS if isinstance(value := entry.get(key), str) and value}
    user, _, password = decoded(given.pop("auth", "")).partition(":")
    return password if user and password else next(iter(given.values()), "")


def _json(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _read(text: str) -> dict[str, dict[str, str]]:
    """YAML of either style, and what almost is: keys without a value are hosts, the others belong to the last host."""
    found: dict[str, dict[str, str]] = {}
    host = ""
    for match in _ENTRY.finditer(text):
        key, value = match["key"].strip("\"'"), (match["value"] or "").strip("\"'")
        if value or key in _SECRETS:
            found.setdefault(host, {})[key] = value
        else:
            host = key
            found.setdefault(host, {})
    return found


def _braced(text: str) -> str:
    """Up to the brace that closes the first one."""
    depth = 0
    for match in re.finditer(r"[{}]", text):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return text[1 : match.start()]
    return text[1:]


def _below(content: str, start: int, indent: str) -> str:
    """The lines that stand further in than `indent`."""
    lines = content[start : start + _LONGEST].split("\n")[1:]
    end = next(
        (at for at, line in enumerate(lines) if line.strip() and not line.startswith((f"{indent} ", f"{indent}\t"))),
        None,
    )
    return "\n".join(lines[:end])


def decoded(data: str) -> str:
    """The text that base64 holds, empty where it is none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
