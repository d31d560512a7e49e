"""What a run reads of its environment before it asks any registry."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from seeder.registry import credentials, registries_conf
from seeder.registry.credentials import Credentials
from seeder.registry.registries_conf import RegistriesConf


class Sources(Struct, frozen=True, kw_only=True):
    """Read once, so that both engines see the same."""

    environment: Mapping[str, str] = field(default_factory=dict)
    conf: RegistriesConf = field(default_factory=RegistriesConf)
    credentials: Credentials = field(default_factory=Credentials)

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Sources:
        """Raises DocumentError, FileError for what the environment names and cannot be read."""
        return cls(
            environment=environment, conf=registries_conf.load(environment), credentials=credentials.load(environment)
        )
