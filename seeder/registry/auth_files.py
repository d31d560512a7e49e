"""auth.json of containers and config.json of Docker, as values (containers-auth.json(5))."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from seeder import files, json_text
from seeder.errors import DocumentError
from seeder.model.reference import HUB, HUB_ALIASES
from seeder.registry.credential import Credential
from seeder.registry.endpoint import HUB_HOST

HUB_HOSTS = HUB_ALIASES | {HUB_HOST}


class AuthFile(Struct, frozen=True, kw_only=True):
    """One file: `entries` by key (host, or host and path), `helpers` by host, `store` for every other host."""

    path: Path
    entries: Mapping[str, Credential] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""


def read(path: Path, named_by: str = "") -> AuthFile:
    """Reads one; raises DocumentError. `named_by` is the setting of the environment that names it."""
    data = files.read_document(path, named_by=named_by)
    try:
        document = json_text.parse(data or b"{}")
        return parse(document, path)
    except _UnusableError as error:
        raise DocumentError(f"is no auth file: {error}", where=str(path), hint="make it with `docker login`") from None
    except (ValueError, TypeError, AttributeError):
        # Without the cause: its text may quote the file, and the file holds secrets.
        raise DocumentError(
            "is no auth file: it must be JSON with `auths`", where=str(path), hint="make it with `docker login`"
        ) from None


def parse(document: Mapping[str, Any], path: Path) -> AuthFile:
    """The values of an auth file; raises ValueError, TypeError or AttributeError on what is not one."""
    auths: Mapping[str, Mapping[str, str]] = document.get("auths") or {}
    entries = {_normal(key): credential for key, item in auths.items() if (credential := _credential(key, item))}
    helpers = {_normal(host): str(name) for host, name in (document.get("credHelpers") or {}).items()}
    return AuthFile(path=path, entries=entries, helpers=helpers, store=str(document.get("credsStore") or ""))


class _UnusableError(ValueError):
    """What is wrong with an entry, without its secret."""


def _credential(key: str, item: Mapping[str, str]) -> Credential | None:
    username, secret = item.get("username", ""), item.get("password", "")
    if item.get("auth"):
        try:
            text = base64.b64decode(item["auth"], validate=True).decode()
        except binascii.Error as error:
            raise _UnusableError(f"`auth` of {key} is not base64") from error
        username, colon, secret = text.partition(":")
        if not colon:
            raise _UnusableError(f"`auth` of {key} is not USER:PASSWORD in base64")
        secret = secret.rstrip("\0")
    if item.get("identitytoken"):
        return Credential(username=username, secret=item["identitytoken"], is_identity_token=True)
    return Credential(username=username, secret=secret) if username or secret else None


def _normal(key: str) -> str:
    """A key as containers reads it: with a scheme it is Docker's form, of which the host counts."""
    bare = key.removeprefix("https://").removeprefix("http://")
    host, _, path = bare.partition("/")
    if bare != key or path.strip("/") in {"v1", "v2"}:
        path = ""
    host = HUB if host in HUB_HOSTS else host
    return f"{host}/{path.strip('/')}" if path.strip("/") else host
