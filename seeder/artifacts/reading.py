"""A workshop's files as an artifact in a registry: read into a folder, through oras.

Shapes: an image with tar layers, as imgpkg and `educates publish-workshop` push it, and OCI artifacts, whose layers are
tars or files named by `org.opencontainers.image.title`, as `oras push` makes them (image-spec annotations.md).

The manifest is read by our own client, which checks it. oras brings the layers and checks nothing, so digest, size and
time are held here.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TypeVar

from msgspec import Struct, field

from seeder import unpack
from seeder.artifacts.carrier import Route, carrying
from seeder.errors import DigestMismatchError, FileError, RegistryError, UnreachableError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.threads import within

TITLE = "org.opencontainers.image.title"
_BLOCK = 1 << 20
_EMPTY = "application/vnd.oci.empty.v1+json"  # image-spec manifest.md: stands for no content
T = TypeVar("T")


class Patience(Struct, frozen=True, kw_only=True):
    """The longest that anything may take: `seconds`, and more for what is large, at `rate` bytes a second."""

    seconds: float = 60.0
    rate: int = 16 << 10

    def keep(self, work: Callable[[], T], reference: ImageReference, what: str, size: int = 0) -> T:
        """What the work returns or raises; UnreachableError with code `timeout` where it takes too long."""
        limit = self.seconds + size / self.rate
        try:
            return within(limit, work)
        except TimeoutError as error:
            raise UnreachableError(
                f"{what} of {reference} came too slowly: it was given up after {limit:.0f} s",
                where=reference.registry,
                hint="try again, or fetch it by another way (`oras pull`, `imgpkg pull`) and name the folder instead",
                code="timeout",
            ) from error


class Artifacts(Struct, frozen=True, kw_only=True):
    """Reads artifacts with what a run knows of registries."""

    client: Client
    environment: Mapping[str, str]
    patience: Patience = field(default_factory=Patience)

    @contextmanager
    def opened(self, reference: ImageReference) -> Iterator[Path]:
        """A folder with the artifact's files, gone afterwards. At Docker Hub it costs one pull.

        Raises what the registry answers, FileError for a layer that cannot be unpacked safely.
        """
        manifest = self.patience.keep(lambda: self._manifest(reference), reference, "the manifest")
        if manifest.descriptor.is_index:
            raise RegistryError(
                f"{reference} is an index of images, not the files of a workshop",
                where=reference.registry,
                hint="name the artifact that `educates publish-workshop` or `oras push` made",
                code="no-artifact",
            )
        with ExitStack() as kept:
            try:
                folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="seeder-artifact-")))
                self._unpack(reference, manifest, folder)
            except OSError as error:
                raise FileError(
                    f"the files of {reference} cannot be kept: {error.strerror or error}",
                    hint="make room, or let TMPDIR name a folder that can be written",
                ) from error
            yield folder

    def _manifest(self, reference: ImageReference) -> Manifest:
        found = self.client.head_manifest(reference)
        return self.client.get_manifest(reference.at(found.digest))

    def _unpack(self, reference: ImageReference, manifest: Manifest, folder: Path) -> None:
        budget = unpack.Budget()
        for layer in manifest.layers():
            title = layer.annotations.get(TITLE, "")
            with tempfile.TemporaryFile() as kept:
                self._fetch(reference, layer, kept, budget)
                where = f"{reference}: layer {layer.digest.short}"
                if unpack.is_tar(kept) or (not title and "tar" in layer.media_type):
                    unpack.tar(kept, folder, budget, where=where)
                elif title:
                    unpack.single(kept, folder, title, budget, where=where)
                elif layer.media_type != _EMPTY:
                    raise FileError(f"is of type {layer.media_type}, which is neither a tar nor named", where=where)

    def _fetch(self, reference: ImageReference, layer: Descriptor, kept: IO[bytes], budget: unpack.Budget) -> None:
        """A layer into a file, rewound; raises before more than it claims was kept."""
        budget.take(layer.size, where=f"{reference}: layer {layer.digest.short}")
        self.patience.keep(
            lambda: self.client.policy.call(lambda: self._attempt(reference, layer, kept)),
            reference,
            f"layer {layer.digest}",
            layer.size,
        )
        kept.seek(0)

    def _attempt(self, reference: ImageReference, layer: Descriptor, kept: IO[bytes]) -> None:
        kept.seek(0)
        kept.truncate()
        hashed, size = hashlib.new(layer.digest.algorithm), 0
        for block in self._blocks(reference, layer):
            size += len(block)
            if size > layer.size:
                break
            hashed.update(block)
            kept.write(block)
        if size != layer.size or hashed.hexdigest() != layer.digest.hex:
            raise DigestMismatchError(
                f"layer {layer.digest} of {reference} is not what its digest says",
                where=reference.registry,
                hint="a proxy or registry on the way changes or cuts content; nothing of it was kept",
            )

    def _blocks(self, reference: ImageReference, layer: Descriptor) -> Iterator[bytes]:
        doing = f"reading layer {layer.digest} of {reference}"
        route = Route(client=self.client, environment=self.environment, reference=reference, doing=doing)
        with (
            carrying(route) as carrier,
            carrier.oras.get_blob(carrier.container, str(layer.digest), stream=True) as answer,
        ):
            while block := answer.raw.read1(_BLOCK):
                yield block
