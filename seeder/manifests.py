"""Where a manifest comes from: the store, then places that cost nothing, and only then the source, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from seeder import json_text
from seeder.errors import DigestMismatchError, SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.reading import check_length
from seeder.threads import Locks

_CONFIG_LIMIT = 4 << 20


def sized(manifest: Manifest) -> PlatformPin:
    """An image manifest as a lock keeps it: its digest, and the bytes of config and layers. Raises RegistryError."""
    return PlatformPin(digest=manifest.descriptor.digest, size=sum(blob.size for blob in manifest.blobs()))


def platform_of(config: bytes) -> Platform | None:
    """The platform that an image's config names (image-spec config.md); None for what is no such config."""
    try:
        named = json_text.parse(config)
        return Platform(str(named["os"]), str(named["architecture"]), str(named.get("variant") or ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def configured(client: Client, reference: ImageReference, manifest: Manifest) -> Platform | None:
    """The platform that an image's config names: a blob, and no pull; None for what is no image.

    Raises what the registry answers, DigestMismatchError for other bytes than the manifest names.
    """
    config = next(iter(manifest.blobs()), None)
    if config is None or config.size > _CONFIG_LIMIT:
        return None
    with client.blobs(reference).open(config.digest) as blob:
        data = blob.read(config.size)
    if not config.digest.matches(data):
        raise DigestMismatchError(f"the config of {reference} is not what its digest says", where=reference.registry)
    return platform_of(data)


def check_sizes(client: Client, image: ImageReference, manifests: Iterable[Descriptor]) -> None:
    """Raises RegistryError where one of an image's manifests is too large to be read: no request has to find that."""
    for one in manifests:
        check_length(one.size, client.limits.manifest, f"the manifest of {image.at(one.digest)}")


class Manifests(Protocol):
    """Manifests by digest: the part of the store that is needed here."""

    def get(self, digest: Digest) -> Manifest | None: ...

    def put(self, manifest: Manifest) -> None: ...


class ManifestReader:
    """Thread-safe: two threads that want the same digest make one request."""

    def __init__(self, client: Client, store: Manifests) -> None:
        self._client = client
        self.store = store
        self._locks: Locks[Digest] = Locks()

    def read(
        self,
        reference: ImageReference,
        free: Iterable[ImageReference] = (),
        before_pull: Callable[[], None] = lambda: None,
    ) -> Manifest:
        """The manifest that the reference's digest names, kept in the store before it is returned.

        `free` are the same content elsewhere (a target), asked before the source; `before_pull` is called before that
        is. Raises what the source answers, and what `before_pull` raises.
        """
        digest = reference.digest
        if digest is None:
            raise ValueError(f"{reference} has no digest")
        with self._locks.of(digest):
            known = self.store.get(digest)
            if known is not None:
                return known
            manifest = next(filter(None, map(self._tried, free)), None)
            if manifest is None:
                before_pull()
                manifest = self._client.get_manifest(reference)
            self.store.put(manifest)
            return manifest

    def _tried(self, reference: ImageReference) -> Manifest | None:
        try:
            return self._client.get_manifest(reference, mirrors=False)
        except SeederError:
            return None
