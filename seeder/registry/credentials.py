"""Credentials that users already have: auth.json of containers, config.json of Docker, their helpers.

Looked up as containers does (containers-auth.json(5)): by repository path from the longest to the shortest, then by
host. Secrets never stand in `repr`.
"""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from seeder import files, json_text
from seeder.errors import DeniedError, DocumentError
from seeder.model.reference import HUB, HUB_ALIASES
from seeder.registry.endpoint import HUB_HOST
from seeder.settings import config_home_of, home_of

_HUB_HOSTS = HUB_ALIASES | {HUB_HOST}
_HUB_SERVER = "https://index.docker.io/v1/"
HELPER_TIMEOUT = 30.0


class Credential(Struct, frozen=True, kw_only=True):
    """A user name and secret, or an identity token (OAuth2 refresh token) in its stead."""

    username: str = ""
    secret: str = ""
    is_identity_token: bool = False

    def __repr__(self) -> str:
        return f"Credential(username={self.username!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What rich shows in place of a `repr`; a Struct's own has all fields."""
        return [("username", self.username)]

    def basic(self) -> str:
        """The value of an `Authorization` header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()


class AuthFile(Struct, frozen=True, kw_only=True):
    """One file: `entries` by key (host, or host and path), `helpers` by host, `store` for every other host."""

    path: Path
    entries: Mapping[str, Credential] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""


class Credentials:
    """All that there is; helpers are asked once a host. `authfile` is what to hand to other tools, if anything."""

    def __init__(self, files: Sequence[AuthFile] = (), *, authfile: Path | None = None, ask: Ask | None = None) -> None:
        self._files = tuple(files)
        self.authfile = authfile
        self._ask = ask or _ask
        self._asked: dict[tuple[str, str], Credential | None] = {}
        self._lock = threading.Lock()

    def lookup(self, host: str, repository: str) -> Credential | None:
        """The credential for a repository; raises DeniedError where a helper fails."""
        host = HUB if host in _HUB_HOSTS else host
        for file in self._files:
            found = self._in_file(file, host, repository)
            if found is not None:
                return found
        return None

    def _in_file(self, file: AuthFile, host: str, repository: str) -> Credential | None:
        helper = file.helpers.get(host)
        if helper:
            return self._from_helper(helper, host)
        for key in _keys(host, repository):
            if key in file.entries:
                return file.entries[key]
        return self._from_helper(file.store, host) if file.store else None

    def _from_helper(self, helper: str, host: str) -> Credential | None:
        with self._lock:  # one helper at a time: it may ask the user
            if (helper, host) not in self._asked:
                self._asked[helper, host] = self._ask(helper, _HUB_SERVER if host == HUB else host)
            return self._asked[helper, host]


Ask = Callable[[str, str], Credential | None]


def load(environment: Mapping[str, str]) -> Credentials:
    """Reads the auth files of an environment; raises DocumentError.

    REGISTRY_AUTH_FILE alone where it is set; else containers' auth.json (run time folder, then config folder), then
    Docker's config.json (DOCKER_CONFIG, else ~/.docker).
    """
    named = environment.get("REGISTRY_AUTH_FILE")
    if named:
        return Credentials([_read(Path(named), "REGISTRY_AUTH_FILE")], authfile=Path(named))
    present = [path for path in _places(environment) if files.is_file(path)]
    elsewhere = present[0] if present and environment.get("DOCKER_CONFIG") else None
    return Credentials([_read(path) for path in present], authfile=elsewhere)


def _places(environment: Mapping[str, str]) -> Iterator[Path]:
    runtime = environment.get("XDG_RUNTIME_DIR")
    yield (Path(runtime) if runtime else Path(f"/run/containers/{os.getuid()}")) / (
        "containers/auth.json" if runtime else "auth.json"
    )
    yield config_home_of(environment) / "containers/auth.json"
    yield Path(environment.get("DOCKER_CONFIG") or home_of(environment) / ".docker") / "config.json"


def _read(path: Path, named_by: str = "") -> AuthFile:
    data = files.read_document(path, named_by=named_by)
    try:
        document = json_text.parse(data or b"{}")
        return parse(document, path)
    except (ValueError, TypeError, AttributeError):
        # Without the cause: its text may quote the file, and the file holds secrets.
        raise DocumentError(
            "is no auth file: it must be JSON with `auths`", where=str(path), hint="make it with `docker login`"
        ) from None


def parse(document: Mapping[str, Any], path: Path) -> AuthFile:
    """The values of an auth file; raises ValueError, TypeError or AttributeError on what is not one."""
    auths: Mapping[str, Mapping[str, str]] = document.get("auths") or {}
    entries = {_normal(key): credential for key, item in auths.items() if (credential := _credential(item))}
    helpers = {_normal(host): str(name) for host, name in (document.get("credHelpers") or {}).items()}
    return AuthFile(path=path, entries=entries, helpers=helpers, store=str(document.get("credsStore") or ""))


def _credential(item: Mapping[str, str]) -> Credential | None:
    username, secret = item.get("username", ""), item.get("password", "")
    if item.get("auth"):
        try:
            text = base64.b64decode(item["auth"], validate=True).decode()
        except binascii.Error as error:
            raise ValueError("auth is not base64") from error
        username, colon, secret = text.partition(":")
        if not colon:
            raise ValueError("auth has no colon")
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
    host = HUB if host in _HUB_HOSTS else host
    return f"{host}/{path.strip('/')}" if path.strip("/") else host


def _keys(host: str, repository: str) -> Iterator[str]:
    parts = [host, *repository.split("/")]
    for length in range(len(parts), 0, -1):
        yield "/".join(parts[:length])


def _ask(helper: str, server: str) -> Credential | None:
    """Runs a credential helper (github.com/docker/docker-credential-helpers: `get`, the server on stdin)."""
    from seeder.process import Limits, ProcessError, run  # noqa: PLC0415 - only where there is a helper

    program = f"docker-credential-{helper}"
    try:
        done = run([program, "get"], stdin=server.encode(), limits=Limits(timeout=HELPER_TIMEOUT))
    except ProcessError as error:
        said = error.completed.stdout.decode(errors="replace").strip() if error.completed else ""
        if "credentials not found" in said:
            return None
        raise DeniedError(
            f"{program} failed for {server}: {said[:200] or error.message}",
            hint=error.hint or f"try `echo {server} | {program} get`, or log in again",
            code="credential-helper",
        ) from error
    return _answer(program, done.stdout)


def _answer(program: str, output: bytes) -> Credential | None:
    try:
        found = json_text.parse(output)
        username, secret = str(found["Username"]), str(found["Secret"])
    except (ValueError, TypeError, KeyError):
        raise DeniedError(f"{program} gave no JSON with Username and Secret", code="credential-helper") from None
    if username == "<token>":
        return Credential(secret=secret, is_identity_token=True)
    return Credential(username=username, secret=secret) if secret else None
