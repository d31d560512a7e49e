"""The sandbox as its users meet it: start, fill, count, stop."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.platform import Platform
from seeder.model.reference import HUB, ImageReference
from seeder.sandbox import images
from seeder.sandbox.access import Access
from seeder.sandbox.cdn import Cdn
from seeder.sandbox.counters import Counters, Tally
from seeder.sandbox.images import DOCKER, OCI, Built, Child, Layer, MediaTypes
from seeder.sandbox.ledger import Ledger
from seeder.sandbox.message import Request, Response
from seeder.sandbox.registry import Registry
from seeder.sandbox.server import Server
from seeder.sandbox.storage import Blob, Storage
from seeder.sandbox.tokens import Tokens

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")


@dataclass(kw_only=True, eq=False)
class Sandbox:
    """A registry on two ports of 127.0.0.1, from `start()` or `with` until `stop()`.

    `quota`          pulls that it grants, None for no limit and no `ratelimit-*` headers
    `quota_source`   what `docker-ratelimit-source` says: an address, or an account's UUID
    `token_auth`     bearer tokens are demanded (anonymous ones are given); False: none, or Basic with `basic`
    `token_seconds`  how long a token is good for
    `basic`          user and password that are demanded, see `anonymous_pull`
    `anonymous_pull` with `basic`: credentials are needed for pushes only
    `private`        repositories that nobody may read without credentials
    `read_only`      pushes are refused with 403
    `cdn`            blob GETs are redirected (307) to a second port, with addresses good for `cdn_seconds`
    `referrers`      the referrers API is there, and a PUT with a subject answers OCI-Subject
    `tls`            a server's context; both ports then speak HTTPS
    `spool_above`    blobs of more bytes than this are kept on disk
    """

    quota: int | None = None
    quota_source: str = "127.0.0.1"
    token_auth: bool = True
    token_seconds: float = 300.0
    basic: tuple[str, str] | None = None
    anonymous_pull: bool = False
    private: frozenset[str] = frozenset()
    read_only: bool = False
    cdn: bool = True
    cdn_seconds: float = 600.0
    referrers: bool = False
    tls: ssl.SSLContext | None = None
    port: int = 0
    spool_above: int = 8 << 20
    _storage: Storage = field(init=False, repr=False)
    _tally: Tally = field(init=False, repr=False, default_factory=Tally)
    _registry: Registry | None = field(init=False, repr=False, default=None)
    _servers: list[Server] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        self._storage = Storage(self.spool_above)

    def __enter__(self) -> Self:
        return self if self._servers else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Opens the ports. Raises OSError where `port` is taken."""
        tokens = Tokens(self.token_seconds) if self.token_auth else None
        access = Access(
            tokens=tokens,
            credentials=self.basic,
            anonymous_pull=self.anonymous_pull,
            read_only=self.read_only,
            private=set(self.private),
        )
        ledger = Ledger(self.quota, self.quota_source)
        registry = Registry(storage=self._storage, access=access, ledger=ledger, tally=self._tally)
        registry.referrers = self.referrers
        self._registry = registry
        self._servers = [Server(self._answer, port=self.port, tls=self.tls)]
        registry.url = self._servers[0].url
        if self.cdn:
            registry.cdn = Cdn(self._storage, lambda count: self._tally.moved(sent=count), self.cdn_seconds)
            self._servers.append(Server(registry.cdn.answer, tls=self.tls))
            registry.cdn_url = self._servers[1].url
        return self

    def stop(self) -> None:
        """Closes the ports and forgets what was held; a second call does nothing."""
        for server in self._servers:
            server.stop()
        self._storage.close()

    def _answer(self, request: Request) -> Response:
        return self._running.answer(request)

    @property
    def _running(self) -> Registry:
        if self._registry is None:
            raise RuntimeError("the sandbox was not started")
        return self._registry

    # Where it is

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, as it stands in a reference."""
        return self._servers[0].address

    @property
    def url(self) -> str:
        return self._servers[0].url

    @property
    def cdn_address(self) -> str:
        return self._servers[1].address

    def reference(self, text: str) -> ImageReference:
        """A reference of another registry, as it is called here: `nginx:1.27` → `127.0.0.1:…/library/nginx:1.27`."""
        elsewhere = ImageReference.parse(text)
        return ImageReference(self.address, elsewhere.repository, elsewhere.tag, elsewhere.digest)

    def registries_conf(self, prefix: str = HUB) -> str:
        """A registries.conf by which the sandbox stands in for a registry (containers-registries.conf(5))."""
        insecure = "true" if self.tls is None else "false"
        return f'[[registry]]\nprefix = "{prefix}"\nlocation = "{self.address}"\ninsecure = {insecure}\n'

    # What it holds

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
        descriptor = Descriptor(media_type=media_type, digest=Digest.of(raw), size=len(raw))
        self._storage.put_manifest(named.repository, Manifest(descriptor=descriptor, raw=raw), named.tag)
        return descriptor

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

    # What was asked

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        return self._tally.snapshot()

    @property
    def pulls(self) -> int:
        """What was charged to the quota."""
        return self._running.ledger.spent

    def set_quota(self, limit: int | None) -> None:
        """A new quota, with nothing spent."""
        self._running.ledger.set(limit)

    def expire_tokens(self) -> None:
        """Makes every token that was given out worthless now."""
        tokens = self._running.access.tokens
        if tokens is not None:
            tokens.expire()

    def reset(self) -> None:
        """Counters and spent quota start again; the content stays."""
        self._tally.reset()
        self.set_quota(self._running.ledger.limit)


def _repository(reference: str) -> str:
    return ImageReference.parse(reference).repository


def _kinds(*, docker: bool) -> MediaTypes:
    return DOCKER if docker else OCI
