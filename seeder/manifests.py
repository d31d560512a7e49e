"""Where a manifest comes from: the store, then places that cost nothing, and only then the source, once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable

from seeder.errors import SeederError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.store import ManifestStore


def sized(manifest: Manifest) -> PlatformPin:
    """An image manifest as a lock keeps it: its digest, and the bytes of config and layers. Raises RegistryError."""
    return PlatformPin(digest=manifest.descriptor.digest, size=sum(blob.size for blob in manifest.blobs()))


def platform_of(config: bytes) -> Platform | None:
    """The platform that an image's config names (image-spec config.md); None for what is no such config."""
    try:
        named = json.loads(config)
        return Platform(str(named["os"]), str(named["architecture"]), str(named.get("variant") or ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class ManifestReader:
    """Thread-safe: two threads that want the same digest make one request."""

    def __init__(self, client: Client, store: ManifestStore) -> None:
        self._client = client
        self._store = store
        self._locks: dict[Digest, threading.Lock] = {}
        self._lock = threading.Lock()

    def known(self, digest: Digest) -> Manifest | None:
        """What the store has, without any request."""
        return self._store.get(digest)

    def read(self, reference: ImageReference, free: Iterable[ImageReference] = ()) -> Manifest:
        """The manifest that the reference's digest names, kept in the store before it is returned.

        `free` are the same content elsewhere (a target), asked before the source. Raises what the source answers.
        """
        digest = reference.digest
        if digest is None:
            raise ValueError(f"{reference} has no digest")
        with self._lock:
            lock = self._locks.setdefault(digest, threading.Lock())
        with lock:
            return self._store.get(digest) or self._fetched(reference, free)

    def _fetched(self, reference: ImageReference, free: Iterable[ImageReference]) -> Manifest:
        manifest = next(filter(None, map(self._tried, free)), None) or self._client.get_manifest(reference)
        self._store.put(manifest)
        return manifest

    def _tried(self, reference: ImageReference) -> Manifest | None:
        try:
            return self._client.get_manifest(reference, mirrors=False)
        except SeederError:
            return None
