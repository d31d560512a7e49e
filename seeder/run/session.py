"""What a run works with: one registry client, the manifest store, and what was read of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from seeder.engines.skopeo import Sources
from seeder.model.catalog import TargetSettings
from seeder.registry import config, credentials
from seeder.registry.client import Client
from seeder.settings import Settings
from seeder.store import ManifestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`insecure_hosts` are where seeder may talk plain HTTP, by the catalog's word."""

    client: Client
    store: ManifestStore
    sources: Sources
    insecure_hosts: frozenset[str] = frozenset()


@contextmanager
def opened(settings: Settings, target: TargetSettings | None = None) -> Iterator[Session]:
    """A session for one run; raises DocumentError, FileError for what the environment names and cannot be read."""
    environment = settings.environment
    sources = Sources(environment=environment, conf=config.load(environment), credentials=credentials.load(environment))
    insecure = frozenset({target.push or target.registry}) if target and target.insecure else frozenset()
    client = Client(sources.conf, sources.credentials, insecure_hosts=insecure, environment=environment)
    try:
        yield Session(client=client, store=ManifestStore(settings.cache_dir), sources=sources, insecure_hosts=insecure)
    finally:
        client.close()
