"""What skopeo needs around it: a private folder, credentials, a policy, folders it may write to."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

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
    """A private folder for the time of a run, gone at its end. Raises FileError where none can be made.

    Skopeo gets the file that REGISTRY_AUTH_FILE names. Where several files or helpers hold the credentials, which it
    would look through in another order, it gets those that this run needs, and nothing of them on a disk, where a
    KILL would leave it: a file in memory, which skopeo has as its standard input.
    """
    with _folder(sources.environment) as name, _authfile(Path(name), sources, client, references) as (path, stdin):
        yield Surroundings(
            environment=_environment(sources.environment, Path(name)),
            options=_options(sources, Path(name)),
            authfile=path,
            stdin=stdin,
        )


def _folder(environment: Mapping[str, str]) -> tempfile.TemporaryDirectory[str]:
    where = environment.get("TMPDIR")
    try:
        return tempfile.TemporaryDirectory(prefix="seeder-", dir=where)
    except OSError as error:
        raise FileError(
            f"cannot make a folder for skopeo: {error.strerror}",
            where=where or tempfile.gettempdir(),
            hint="name a folder that can be written in TMPDIR",
        ) from error


def _options(sources: Sources, folder: Path) -> tuple[str, ...]:
    options = ["--tmpdir", str(folder)]
    if sources.conf.path is not None:
        options += ["--registries-conf", str(sources.conf.path)]
    user = home_of(sources.environment) / ".config/containers/policy.json"
    if not files.is_file(user) and not files.is_file(_SYSTEM_POLICY):
        options.append("--insecure-policy")  # what every policy.json that is shipped says
    return tuple(options)


def _environment(environment: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """The run's own, with a folder for skopeo's cache of blobs where it could write to none."""
    cache = Path(environment.get("XDG_DATA_HOME") or home_of(environment) / ".local/share")
    # None may be looked at where HOME is another user's: os.access then says no.
    nearest = next((path for path in (cache, *cache.parents) if files.is_folder(path)), cache)
    if os.access(nearest, os.W_OK):
        return environment
    return {**environment, "XDG_DATA_HOME": str(folder)}


@contextmanager
def _authfile(
    folder: Path, sources: Sources, client: Client, references: Iterable[ImageReference]
) -> Iterator[tuple[Path, int | None]]:
    named = sources.environment.get("REGISTRY_AUTH_FILE")
    if named:
        yield Path(named), None
        return
    data = json.dumps({"auths": _all_entries(sources, client, references)}).encode()
    in_memory = _file_in_memory()
    if in_memory is None:
        path = folder / "auth.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        yield path, None
        return
    with os.fdopen(in_memory, "wb") as file:
        file.write(data)
        file.flush()
        yield _OWN_STDIN, in_memory


def _file_in_memory() -> int | None:
    """Linux has them, unless a sandbox forbids; one can be opened anew where /proc is mounted."""
    if not hasattr(os, "memfd_create") or not _OWN_STDIN.parent.exists():
        return None
    try:
        return os.memfd_create("auth.json")
    except OSError:
        return None


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
