"""Manifests for a run: from the store, from the target, and only then a pull that the ledger promised."""

from __future__ import annotations

from seeder.engines.direct.ledger import Ledger, Promise
from seeder.manifests import ManifestReader
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference


class Reading:
    """Thread-safe; a digest that several images want at once is asked for once."""

    def __init__(self, reader: ManifestReader, ledger: Ledger) -> None:
        self._reader = reader
        self._ledger = ledger
        self.store = reader.store

    def known(self, digest: Digest) -> Manifest | None:
        return self.store.get(digest)

    def read(self, source: ImageReference, promise: Promise, place: ImageReference | None = None) -> Manifest:
        """The manifest that the source's digest names, in the store before it is returned.

        `place` is a repository of the target to ask first. Raises QuotaError before a pull that was not promised and
        that the source does not leave, and what the source answers.
        """
        free = [place.at(source.digest)] if place is not None and source.digest is not None else []
        return self._reader.read(source, free, lambda: self._ledger.spend(promise))
