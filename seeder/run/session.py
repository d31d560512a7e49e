"""What a run works with: one registry client, the manifest store, and what was read of the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seeder.checked import CheckedRoots
from seeder.model.catalog import TargetKind, TargetSettings
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.settings import Settings
from seeder.store import ManifestStore

if TYPE_CHECKING:
    from seeder.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`insecure_hosts` are where seeder may talk plain HTTP, by the catalog's word.

    `checked` are the roots that the target was found to serve whole.
    """

    client: Client
    store: ManifestStore
    sources: Sources
    insecure_hosts: frozenset[str] = frozenset()
    checked: CheckedRoots = field(default_factory=CheckedRoots)


@contextmanager
def opened(
    settings: Settings, target: TargetSettings | None = None, *, source: Path | None = None, writes: bool = False
) -> Iterator[Session]:
    """A session for one run; raises DocumentError, FileError for what the environment names and cannot be read.

    `source` is an OCI layout that stands in for every source. With `writes` a target that is a folder is made where it
    is not there yet.
    """
    environment = settings.environment
    sources = Sources.load(environment)
    host = (target.push or target.registry) if target else ""
    insecure = frozenset({host}) if target and target.insecure else frozenset()
    layouts = _layouts(target, writes=writes)
    client = _client(sources, insecure, layouts, source, host)
    try:
        yield Session(
            client=client,
            store=ManifestStore(settings.cache_dir),
            sources=sources,
            insecure_hosts=insecure,
            checked=CheckedRoots(settings.cache_dir, "" if layouts else host),
        )
    finally:
        client.close()


def _client(
    sources: Sources, insecure: frozenset[str], layouts: Mapping[str, Layout], source: Path | None, host: str
) -> Client:
    if not layouts and source is None:
        return Client(sources.conf, sources.credentials, insecure_hosts=insecure, environment=sources.environment)
    from seeder.layout import open_layout  # noqa: PLC0415 - only who copies from or to a folder pays
    from seeder.places import Network, PlacesClient  # noqa: PLC0415

    network = Network(
        sources=sources.conf, logins=sources.credentials, insecure_hosts=insecure, environment=sources.environment
    )
    return PlacesClient(
        network, layouts=layouts, source=open_layout(source) if source is not None else None, target=host
    )


def _layouts(target: TargetSettings | None, *, writes: bool) -> dict[str, Layout]:
    """The target by its host, if it is a folder; one that is not there yet holds nothing."""
    if target is None or target.kind is not TargetKind.OCI_LAYOUT:
        return {}
    from seeder.layout import Layout, create, open_layout  # noqa: PLC0415 - see _client
    from seeder.targets import oci_layout  # noqa: PLC0415

    path = Path(target.path)
    made = create(path) if writes else open_layout(path) if path.exists() else Layout(path)
    return {oci_layout.host(target): made}
