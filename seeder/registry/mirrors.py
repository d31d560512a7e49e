"""Mirrors of registries.conf: a convenience, asked before the registry itself for as long as they work."""

from __future__ import annotations

import logging

from seeder.errors import DeniedError, MissingError, SeederError
from seeder.model.reference import ImageReference
from seeder.registry.endpoint import Endpoint
from seeder.registry.registries_conf import RegistriesConf

log = logging.getLogger(__name__)


class Mirrors:
    """Thread-safe. One that failed is asked no more in this run: that would cost its patience for each image anew."""

    def __init__(self, conf: RegistriesConf) -> None:
        self._conf = conf
        self._failed: set[str] = set()

    def of(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        """Those that may be asked for what the reference's digest names, in order."""
        return tuple(mirror for mirror in self._conf.mirrors(reference) if mirror.host not in self._failed)

    def failed(self, mirror: Endpoint, error: SeederError) -> None:
        """Learns how a mirror failed. That it lacks something, or keeps it to itself, says nothing of the rest."""
        if isinstance(error, MissingError | DeniedError) or mirror.host in self._failed:
            return
        self._failed.add(mirror.host)
        log.info("the mirror %s is asked no more: %s", mirror.host, error.message)
