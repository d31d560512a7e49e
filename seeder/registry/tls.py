"""TLS: the certificates of containers and of Docker (containers-certs.d(5)), and what the environment names."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from seeder import files
from seeder.errors import FileError
from seeder.settings import config_home_of

SYSTEM_FOLDERS = (Path("/etc/containers/certs.d"), Path("/etc/docker/certs.d"))


class Certificates:
    """Makes one TLS context a host, and keeps it. `folders` are certs.d folders, the first with the host counts."""

    def __init__(self, folders: tuple[Path, ...] = (), *, ca_file: str = "", ca_folder: str = "") -> None:
        self._folders = folders
        self._ca = (ca_file or None, ca_folder or None)
        self._contexts: dict[tuple[Path | None, Path | None, bool], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, host: str, *, registry: str = "", verify: bool = True) -> ssl.SSLContext:
        """The context for a host with its port; raises FileError where a certificate cannot be used.

        `registry` is who sent us there, as to its token service or to where it keeps blobs: the authorities that are
        trusted for it are trusted there too, as containers and Docker do. Its client certificates stay its own.
        """
        folder, sender = self.folder(host), self.folder(registry) if registry else None
        with self._lock:
            if (folder, sender, verify) not in self._contexts:
                self._contexts[folder, sender, verify] = self._make(folder, sender, verify=verify)
            return self._contexts[folder, sender, verify]

    def folder(self, host: str) -> Path | None:
        """The certs.d folder that counts for a host."""
        return next((path for folder in self._folders if files.is_folder(path := folder / host)), None)

    def _make(self, folder: Path | None, sender: Path | None, *, verify: bool) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._ca[0], capath=self._ca[1])
        except OSError as error:  # SSLError too; neither says of which file
            raise FileError(
                f"cannot be used as certificates: {error.strerror or error}",
                where=self._ca[0] or "",
                hint="SSL_CERT_FILE names it; it must be PEM",
            ) from error
        if self._ca != (None, None) and (folder or sender):
            context.load_default_certs()
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        for file in sorted(folder.iterdir()) if folder else ():
            _add(context, file)
        for file in sorted(sender.glob("*.crt")) if sender and sender != folder else ():
            _add(context, file)
        return context


def _add(context: ssl.SSLContext, file: Path) -> None:
    """A `*.crt` is a CA; a `*.cert` is a client's and has its key beside it."""
    try:
        if file.suffix == ".crt":
            context.load_verify_locations(cafile=file)
        elif file.suffix == ".cert":
            context.load_cert_chain(file, file.with_suffix(".key"))
    except (OSError, ssl.SSLError) as error:
        raise FileError(
            f"cannot be used as a certificate: {error}",
            where=str(file),
            hint="it must be PEM, and a .cert needs its .key",
        ) from error


def load(environment: Mapping[str, str]) -> Certificates:
    """The certificates of an environment: the user's certs.d, then the system's; SSL_CERT_FILE and SSL_CERT_DIR."""
    return Certificates(
        tuple(_folders(environment)),
        ca_file=environment.get("SSL_CERT_FILE", ""),
        ca_folder=environment.get("SSL_CERT_DIR", ""),
    )


def _folders(environment: Mapping[str, str]) -> Iterator[Path]:
    yield config_home_of(environment) / "containers/certs.d"
    yield from SYSTEM_FOLDERS
