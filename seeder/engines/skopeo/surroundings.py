"""What skopeo needs around it: credentials, a policy, a registries.conf. Nothing of it stays, however a run ends."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from msgspec import Struct

from seeder import files
from seeder.errors import FileError, SeederError
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.credential import Credential
from seeder.registry.registries_conf import RegistriesConf
from seeder.registry.sources import Sources
from seeder.settings import home_of

_OWN_STDIN = Path("/proc/self/fd/0")
_SYSTEM_POLICY = Path("/etc/containers/policy.json")


class Surroundings(Struct, frozen=True, kw_only=True):
    """`options` stand before skopeo's command, `authfile` holds what it may need to log in.

    `stdin` is a descriptor that skopeo is to get as its standard input, None where it needs none.
    """

    environment: Mapping[str, str]
    options: tuple[str, ...]
    authfile: Path
    stdin: int | None = None


@contextmanager
def made(sources: Sources, client: Client, references: Iterable[ImageReference]) -> Iterator[Surroundings]:
    """For the time of a run; raises FileError where the credentials cannot be written down.

    Skopeo gets the file that REGISTRY_AUTH_FILE names. Where several files or helpers hold the credentials, which it
    would look through in another order, it gets those that this run needs: in a file without a name, which skopeo has
    as its standard input, and of which not even a KILL leaves anything.
    """
    with _authfile(sources, client, references) as (path, stdin):
        yield Surroundings(environment=sources.environment, options=_options(sources), authfile=path, stdin=stdin)


def _options(sources: Sources) -> tuple[str, ...]:
    options: list[str] = []
    if sources.conf.path is not None:
        options += ["--registries-conf", str(sources.conf.path)]
    user = home_of(sources.environment) / ".config/containers/policy.json"
    if not files.is_file(user) and not files.is_file(_SYSTEM_POLICY):
        options.append("--insecure-policy")  # what every policy.json that is shipped says
    return tuple(options)


@contextmanager
def _authfile(
    sources: Sources, client: Client, references: Iterable[ImageReference]
) -> Iterator[tuple[Path, int | None]]:
    named = sources.environment.get("REGISTRY_AUTH_FILE")
    if named:
        yield Path(named), None
        return
    data = json.dumps({"auths": _all_entries(sources, client, references)}).encode()
    with _private_file(sources.environment) as file:
        file.write(data)
        file.flush()
        if _OWN_STDIN.parent.exists():
            yield _OWN_STDIN, file.fileno()
        else:
            yield Path(file.name), None


def _private_file(environment: Mapping[str, str]) -> IO[bytes]:
    """In memory, or on a disk where a sandbox forbids that. It has a name only where no /proc can open it without one.

    Raises FileError.
    """
    where = environment.get("TMPDIR")
    try:
        if not _OWN_STDIN.parent.exists():
            return tempfile.NamedTemporaryFile(prefix="seeder-", dir=where)
        with suppress(AttributeError, OSError):
            return os.fdopen(os.memfd_create("auth.json"), "wb")
        return tempfile.TemporaryFile(dir=where)
    except OSError as error:
        raise FileError(
            f"cannot write down the credentials for skopeo: {error.strerror}",
            where=where or tempfile.gettempdir(),
            hint="name a folder that can be written in TMPDIR",
        ) from error


def _all_entries(sources: Sources, client: Client, references: Iterable[ImageReference]) -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = {}
    for reference in references:
        try:
            entries |= _entries(sources, client, reference)
        except SeederError:  # a blocked registry, a helper that fails: its own copy will say so, the others go on
            continue
    return entries


def _entries(sources: Sources, client: Client, reference: ImageReference) -> dict[str, dict[str, str]]:
    found = {}
    for host, repository in _places(sources.conf, client, reference):
        credential = sources.credentials.lookup(host, repository)
        if credential is not None:
            found[f"{host}/{repository}"] = _entry(credential)
    return found


def _places(conf: RegistriesConf, client: Client, reference: ImageReference) -> Iterator[tuple[str, str]]:
    """Where skopeo will ask for a reference: it looks for credentials by the place on the wire, Docker Hub by name."""
    for endpoint in (client.endpoint(reference), *conf.mirrors(reference)):
        host = "docker.io" if endpoint.host == "registry-1.docker.io" else endpoint.host
        yield host, endpoint.repository


def _entry(credential: Credential) -> dict[str, str]:
    if credential.is_identity_token:
        user = base64.b64encode(f"{credential.username}:".encode()).decode()
        return {"auth": user, "identitytoken": credential.secret}
    return {"auth": base64.b64encode(f"{credential.username}:{credential.secret}".encode()).decode()}
