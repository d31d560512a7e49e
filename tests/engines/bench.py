"""What the tests of every engine share: a stand-in of Docker Hub, a target, and an engine between them."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seeder import targets
from seeder.engines.direct import DirectEngine
from seeder.engines.events import Event
from seeder.engines.protocol import Engine
from seeder.engines.skopeo import SkopeoEngine
from seeder.errors import SeederError
from seeder.manifests import ManifestReader
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Pulls
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.outcome import Missed, Outcome
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry import credentials, registries_conf
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits
from seeder.sandbox import Sandbox

AMD64, ARM64, RISCV = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("linux", "riscv64")
QUICK = Policy(attempts=4, sleep=lambda _: None)


class Store:
    """Manifests in memory."""

    def __init__(self) -> None:
        self._held: dict[Digest, Manifest] = {}
        self._lock = threading.Lock()

    def get(self, digest: Digest) -> Manifest | None:
        return self._held.get(digest)

    def put(self, manifest: Manifest) -> None:
        with self._lock:
            self._held[manifest.descriptor.digest] = manifest


@dataclass
class Bench:
    """A hub, a target and what an engine needs; `kind` is the engine's name.

    With `goes_ahead` it begins with each copy before its run, as far as no quota counts the pulls.
    """

    kind: str
    hub: Sandbox
    target: Sandbox
    store: Store = field(default_factory=Store)
    policy: Policy = QUICK
    limits: Limits = field(default_factory=lambda: Limits(pause=0.0, read=20.0))
    goes_ahead: bool = False

    def client(self) -> Client:
        return Client(Sources.load(dict(os.environ)), insecure_hosts=self.hosts, limits=self.limits, policy=self.policy)

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.target.address})

    def engine(self, **options: object) -> Engine:
        client = self.client()
        reader = ManifestReader(client, self.store)
        if self.kind == "direct":
            return DirectEngine(client=client, reader=reader, **options)  # type: ignore[arg-type]
        environment = dict(os.environ)
        sources = Sources(
            environment=environment, conf=registries_conf.load(environment), credentials=credentials.load(environment)
        )
        return SkopeoEngine(
            client=client,
            reader=reader,
            sources=sources,
            insecure_hosts=self.hosts,
            **options,  # type: ignore[arg-type]
        )

    def copy(
        self, text: str, descriptor: Descriptor, *platforms: Platform, root: Digest | None = None, pulls: int = 1
    ) -> Copy:
        """A copy to the layout's place; `root` is the digest that the plan knows of, if it does."""
        reference = ImageReference.parse(text)
        settings = TargetSettings(name="event", registry=self.target.address, insecure=True)
        destination = targets.rooted(targets.destination(reference, descriptor.digest, settings), root)
        return Copy(
            pin=Pin(reference=reference, descriptor=descriptor),
            destination=destination,
            platforms=platforms,
            root=root,
            tags=destination.tags,
            pulls=Pulls(at_least=pulls, assumed=pulls),
        )

    def image(self, text: str, **options: object) -> Copy:
        """An image at the hub, and its copy."""
        descriptor = self.hub.put_image(text, **options)  # type: ignore[arg-type]
        return self.copy(text, descriptor, root=descriptor.digest)

    def index(self, text: str, **options: object) -> Copy:
        """An index at the hub, and the copy of all of it."""
        descriptor = self.hub.put_index(text, **options)  # type: ignore[arg-type]
        manifest = self.hub.manifest(text)
        assert manifest is not None
        return self.copy(text, descriptor, root=descriptor.digest, pulls=1 + len(manifest.children()))

    def run(
        self, *copies: Copy, on_event: Callable[[Event], None] = lambda _: None, **options: object
    ) -> list[Outcome]:
        engine = self.engine(**options)
        for copy in copies if self.goes_ahead and self.hub.quota is None else ():
            if not copy.present:
                engine.ahead(copy)
        return list(engine.run(copies, on_event))

    def one(self, copy: Copy, **options: object) -> Outcome:
        (outcome,) = self.run(copy, **options)  # type: ignore[arg-type]
        return outcome

    def whole(self, copy: Copy) -> bool:
        """Whether the target has all of an image, under all tags of the copy."""
        repository = copy.destination.repository
        stands = [self.target.manifest(f"{repository}:{tag}") for tag in copy.tags]
        return all(root is not None and self._has(repository, root) for root in stands)

    def _has(self, repository: str, manifest: Manifest) -> bool:
        for child in manifest.children():
            found = self.target.manifest(f"{repository}@{child.digest}")
            if found is None or not self._has(repository, found):
                return False
        return all(self.target.has_blob(repository, blob.digest) for blob in manifest.blobs())

    def asked_more_than_once(self, action: str) -> dict[str, int]:
        """Digests for which the hub was asked more than once by a kind of request (manifest-get, blob-get)."""
        counts: Counter[str] = self.hub.counters.by_selector(action)  # type: ignore[arg-type]
        return {selector: count for selector, count in counts.items() if count > 1}


@contextmanager
def benches(kind: str, home: Path, *, goes_ahead: bool = False) -> Iterator[Bench]:
    """A bench whose hub is Docker Hub by registries.conf."""
    with Sandbox() as hub, Sandbox(token_auth=False) as target:
        (home / "registries.conf").write_text(hub.registries_conf())
        yield Bench(kind, hub, target, goes_ahead=goes_ahead)


def failed(outcomes: Sequence[Outcome]) -> SeederError:
    (outcome,) = outcomes
    assert isinstance(outcome, Missed)
    return outcome.error


def faults(outcomes: Iterable[Outcome]) -> list[SeederError]:
    """Those of all that did not come about."""
    return [outcome.error for outcome in outcomes if isinstance(outcome, Missed)]
