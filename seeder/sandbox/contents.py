"""What a sandbox holds, as its users put it there and look at it: images, indexes, artifacts made up from names."""

from __future__ import annotations

from collections.abc import Sequence

from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.sandbox import images
from seeder.sandbox.images import DOCKER, OCI, Built, Child, Layer, MediaTypes
from seeder.sandbox.storage import Blob, Storage

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")


class Contents:
    """References name a repository and tag here, whatever their registry: `nginx:1.27` is `library/nginx:1.27`."""

    _storage: Storage

    def put_image(
        self,
        reference: str,
        *,
        layers: Sequence[Layer] | None = None,
        platform: Platform = AMD64,
        docker: bool = False,
        note: str = "",
    ) -> Descriptor:
        """An image of one platform, made up from its name; with another `note` it gets another digest."""
        return self.put(reference, self._image(reference, layers, platform, docker=docker, note=note))

    def put_index(
        self,
        reference: str,
        *,
        platforms: Sequence[Platform] = (AMD64, ARM64),
        layers: Sequence[Layer] = (),
        docker: bool = False,
        attestations: bool = False,
        note: str = "",
    ) -> Descriptor:
        """An image of several platforms. `layers` are put below each child's own layer, so that they are shared."""
        children = []
        for platform in platforms:
            own = Layer(name=f"{_repository(reference)} {platform} {note}".strip())
            built = self._image(reference, [*layers, own], platform, docker=docker, note=note)
            children.append(Child(image=built, platform=platform))
        if attestations:
            children += [images.attestation(child.image) for child in children]
        return self.put(reference, images.index(children, _kinds(docker=docker)))

    def put_artifact(
        self, reference: str, *, artifact_type: str, payload: bytes, subject: Descriptor | None = None
    ) -> Descriptor:
        return self.put(reference, images.artifact(artifact_type, payload, subject))

    def put(self, reference: str, built: Built) -> Descriptor:
        """Whatever was built by `seeder.sandbox.images`; a reference without tag or digest gets `latest`."""
        named = ImageReference.parse(reference).or_latest()
        self._store(named.repository, built, named.tag)
        return built.manifest.descriptor

    def put_manifest(self, reference: str, media_type: str, raw: bytes) -> Descriptor:
        """Any bytes as a manifest, unchecked."""
        named = ImageReference.parse(reference).or_latest()
        manifest = Manifest.of(media_type, raw)
        self._storage.put_manifest(named.repository, manifest, named.tag)
        return manifest.descriptor

    def put_blob(self, reference: str, data: bytes) -> Digest:
        digest = Digest.of(data)
        self._storage.put_blob(_repository(reference), digest, Blob(len(data), data))
        return digest

    def manifest(self, reference: str) -> Manifest | None:
        """What stands under a tag or digest."""
        named = ImageReference.parse(reference).or_latest()
        return self._storage.manifest(named.repository, named.digest or named.tag or "latest")

    def has_blob(self, reference: str, digest: Digest) -> bool:
        return self._storage.blob(_repository(reference), digest) is not None

    def tags(self, reference: str) -> list[str]:
        return self._storage.tags(_repository(reference)) or []

    def remove_blob(self, reference: str, digest: Digest) -> None:
        """As garbage collection does, without a word to anyone."""
        self._storage.remove_blob(_repository(reference), digest)

    def remove_manifest(self, reference: str) -> None:
        """A tag; or, by digest, the manifest with all its tags."""
        named = ImageReference.parse(reference).or_latest()
        self._storage.remove_manifest(named.repository, named.digest or named.tag or "latest")

    def wipe(self) -> None:
        """Forgets all content; counters and quota stay."""
        self._storage.clear()

    def _image(
        self, reference: str, layers: Sequence[Layer] | None, platform: Platform, *, docker: bool, note: str
    ) -> Built:
        name = _repository(reference)
        own = layers if layers is not None else [Layer(name="base"), Layer(name=name)]
        return images.image(own, platform, _kinds(docker=docker), note=f"{name} {note}".strip())

    def _store(self, repository: str, built: Built, tag: str | None) -> None:
        for child in built.children:
            self._store(repository, child, None)
        for data in built.blobs:
            self._storage.put_blob(repository, Digest.of(data), Blob(len(data), data))
        self._storage.put_manifest(repository, built.manifest, tag)


def _repository(reference: str) -> str:
    return ImageReference.parse(reference).repository


def _kinds(*, docker: bool) -> MediaTypes:
    return DOCKER if docker else OCI
