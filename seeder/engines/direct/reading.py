"""Manifests for a run: from the store, from the target, and only then a pull that the ledger promised."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from seeder.engines.direct.ledger import Ledger, Promise
from seeder.engines.protocol import Manifests
from seeder.errors import SeederError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client


@dataclass(frozen=True, slots=True)
class Reading:
    """Thread-safe; a digest that several images want at once is asked for once."""

    client: Client
    store: Manifests
    ledger: Ledger
    _locks: dict[Digest, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, digest: Digest) -> Manifest | None:
        return self.store.get(digest)

    def read(self, source: ImageReference, promise: Promise, place: ImageReference | None = None) -> Manifest:
        """The manifest that the source's digest names, in the store before it is returned.

        `place` is a repository of the target to ask first. Raises QuotaError before a pull that was not promised and
        that the source does not leave, and what the source answers.
        """
        digest = source.digest
        if digest is None:
            raise ValueError(f"{source} has no digest")
        with self._lock:
            lock = self._locks.setdefault(digest, threading.Lock())
        with lock:
            known = self.store.get(digest)
            if known is not None:
                return known
            manifest = self._at(place.at(digest)) if place is not None else None
            if manifest is None:
                self.ledger.spend(promise)
                manifest = self.client.get_manifest(source)
            self.store.put(manifest)
            return manifest

    def _at(self, place: ImageReference) -> Manifest | None:
        try:
            return self.client.get_manifest(place, mirrors=False)
        except SeederError:
            return None
