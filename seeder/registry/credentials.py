"""Credentials that users already have: auth.json of containers, config.json of Docker, their helpers.

Looked up as containers does (containers-auth.json(5)): by repository path from the longest to the shortest, then by
host.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from seeder import files
from seeder.model.reference import HUB
from seeder.registry.auth_files import HUB_HOSTS, AuthFile, read
from seeder.registry.credential import Credential
from seeder.settings import config_home_of, home_of

_HUB_SERVER = "https://index.docker.io/v1/"


class Credentials:
    """All that there is; helpers are asked once a host. `authfile` is what to hand to other tools, if anything."""

    def __init__(self, files: Sequence[AuthFile] = (), *, authfile: Path | None = None, ask: Ask | None = None) -> None:
        self._files = tuple(files)
        self.authfile = authfile
        self._ask = ask or _ask
        self._asked: dict[tuple[str, str], Credential | None] = {}
        self._lock = threading.Lock()

    @property
    def nobody(self) -> str:
        """Where a login was looked for, for the hint where there was none."""
        read = " and ".join(str(file.path) for file in self._files)
        return (
            f"{read} {'has' if len(self._files) == 1 else 'have'} no login for it" if read else "no auth file is there"
        )

    def lookup(self, host: str, repository: str) -> Credential | None:
        """The credential for a repository; raises DeniedError where a helper fails."""
        host = HUB if host in HUB_HOSTS else host
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


def _ask(helper: str, server: str) -> Credential | None:
    from seeder.registry.credential_helper import ask  # noqa: PLC0415 - only where there is a helper

    return ask(helper, server)


def load(environment: Mapping[str, str]) -> Credentials:
    """Reads the auth files of an environment; raises DocumentError.

    REGISTRY_AUTH_FILE alone where it is set; else containers' auth.json (run time folder, then config folder), then
    Docker's config.json (DOCKER_CONFIG, else ~/.docker).
    """
    named = environment.get("REGISTRY_AUTH_FILE")
    if named:
        return Credentials([read(Path(named), "REGISTRY_AUTH_FILE")], authfile=Path(named))
    present = [path for path in _places(environment) if files.is_file(path)]
    elsewhere = present[0] if present and environment.get("DOCKER_CONFIG") else None
    return Credentials([read(path) for path in present], authfile=elsewhere)


def _places(environment: Mapping[str, str]) -> Iterator[Path]:
    runtime = environment.get("XDG_RUNTIME_DIR")
    yield (Path(runtime) if runtime else Path(f"/run/containers/{os.getuid()}")) / (
        "containers/auth.json" if runtime else "auth.json"
    )
    yield config_home_of(environment) / "containers/auth.json"
    yield Path(environment.get("DOCKER_CONFIG") or home_of(environment) / ".docker") / "config.json"


def _keys(host: str, repository: str) -> Iterator[str]:
    parts = [host, *repository.split("/")]
    for length in range(len(parts), 0, -1):
        yield "/".join(parts[:length])
