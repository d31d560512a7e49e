"""A workshop's files as an artifact in a registry: read into a folder, through oras.

Shapes: an image with tar layers, as imgpkg and `educates publish-workshop` push it, and OCI artifacts, whose layers are
tars or files named by `org.opencontainers.image.title`, as `oras push` makes them (image-spec annotations.md).

The manifest is read by our own client, which checks it. oras brings the layers, each with a client of its own, since it
keeps one token for all repositories; it checks nothing and waits for ever, so digest, size and time are held here.
"""

from __future__ import annotations

import hashlib
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seeder import unpack
from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    FileError,
    MissingError,
    RegistryError,
    ThrottledError,
    UnreachableError,
)
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.reference import ImageReference
from seeder.registry import tls
from seeder.registry.client import Client
from seeder.registry.transport import Origin, Proxies

if TYPE_CHECKING:
    from oras.client import OrasClient
    from requests.adapters import HTTPAdapter  # noqa: TID251 - only its type

TITLE = "org.opencontainers.image.title"
_TIMEOUT = (15.0, 60.0)  # seconds to connect, and between two reads
_BLOCK = 1 << 20
_EMPTY = "application/vnd.oci.empty.v1+json"  # image-spec manifest.md: stands for no content
_FAILURES = {401: DeniedError, 403: DeniedError, 404: MissingError, 429: ThrottledError}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """Reads artifacts with what a run knows of registries."""

    client: Client
    environment: Mapping[str, str]

    @contextmanager
    def opened(self, reference: ImageReference) -> Iterator[Path]:
        """A folder with the artifact's files, gone afterwards. At Docker Hub it costs one pull.

        Raises what the registry answers, FileError for a layer that cannot be unpacked safely.
        """
        found = self.client.head_manifest(reference)
        manifest = self.client.get_manifest(reference.at(found.digest))
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
        self.client.policy.call(lambda: self._attempt(reference, layer, kept))
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
        import requests  # noqa: PLC0415, TID251 - its exceptions are what a body ends with
        from oras.auth import AuthenticationException  # noqa: PLC0415

        endpoint = self.client.endpoint(reference)
        doing = f"reading layer {layer.digest} of {reference}"
        try:
            client = self._oras(reference, doing)
            with client.get_blob(f"{endpoint.host}/{endpoint.repository}", str(layer.digest), stream=True) as answer:
                yield from answer.iter_content(_BLOCK)
        except AuthenticationException as stopped:
            raise (stopped.__cause__ or stopped) from None
        except requests.RequestException as error:
            raise UnreachableError(f"{doing}: {type(error).__name__}", where=endpoint.host) from error

    def _oras(self, reference: ImageReference, doing: str) -> OrasClient:
        """An oras client for one repository, which gets hosts, certificates and Authorization from our own client."""
        from oras.client import OrasClient  # noqa: PLC0415 - a third of a second that other commands do not pay

        endpoint, base = self.client.endpoint(reference), self.client.base(reference)
        certificates = tls.load(self.environment)
        made = OrasClient(insecure=base.startswith("http://"))
        made.session.trust_env = False  # no netrc: what counts are the credentials that our client looked up
        proxies = Proxies(self.environment)
        elsewhere = certificates.context("", verify=not endpoint.insecure)
        made.session.mount("https://", bounded_adapter(doing, proxies, context=elsewhere))
        made.session.mount("http://", bounded_adapter(doing, proxies))
        made.session.mount(
            f"{base}/",
            bounded_adapter(
                doing,
                proxies,
                context=certificates.context(endpoint.host, verify=not endpoint.insecure),
                authorization=self.client.authorization(reference),
            ),
        )
        return made


def bounded_adapter(
    doing: str, proxies: Proxies, *, context: ssl.SSLContext | None = None, authorization: str = ""
) -> HTTPAdapter:
    """What oras speaks through: it never waits for ever, goes and trusts as our client does, and fails at once.

    oras sleeps for minutes between tries of whatever fails, save for its own AuthenticationException: so every failure
    goes through it as that, with ours as its cause.
    """
    import requests  # noqa: PLC0415, TID251 - oras speaks through it
    from oras.auth import AuthenticationException  # noqa: PLC0415

    class Bounded(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - requests' own
            super().init_poolmanager(*args, **more, ssl_context=context)

        def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401
            return super().proxy_manager_for(proxy, **more, ssl_context=context)

        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:  # noqa: ANN401
            proxy = proxies.for_origin(Origin.of(request.url or ""))
            more["proxies"] = {"http": proxy, "https": proxy} if proxy else {}
            if authorization:
                request.headers["Authorization"] = authorization
            more |= {"timeout": _TIMEOUT, "verify": context is None or context.verify_mode is not ssl.CERT_NONE}
            try:
                answer = super().send(request, *args, **more)
            except requests.RequestException as error:
                unreachable = UnreachableError(f"{doing}: {type(error).__name__}")
                raise AuthenticationException(doing) from unreachable
            if answer.status_code >= 400:
                kind = _FAILURES.get(answer.status_code, RegistryError)
                refused = kind(f"{doing}: answered {answer.status_code}", status=answer.status_code)
                raise AuthenticationException(doing) from refused
            return answer

    return Bounded()
