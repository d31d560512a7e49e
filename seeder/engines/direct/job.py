"""One image on its way: its manifests are read, its blobs wished for, then children, index and tags are put."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from seeder import targets
from seeder.engines.direct.crew import Crew, Urgency
from seeder.engines.direct.ledger import Ledger, Promise
from seeder.engines.direct.reading import Reading
from seeder.engines.direct.shelf import Shelf, Wish
from seeder.engines.events import BytesMoved, Sized
from seeder.engines.protocol import OnEvent
from seeder.errors import DeferredError, EngineError, MissingError, RegistryError, SeederError
from seeder.manifests import platform_of, sized
from seeder.model.copy import Copy, Outcome, Result
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import is_foreign_layer
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy

_NESTING = 4
# What a registry says of a manifest whose blobs or children it misses (zot says the second).
_INCOMPLETE = frozenset({"manifest-blob-unknown", "manifest-invalid", "blob-unknown", "manifest-unknown"})


@dataclass(frozen=True, slots=True)
class Tools:
    """What all images of a run share."""

    client: Client
    reading: Reading
    ledger: Ledger
    shelf: Shelf
    crew: Crew
    policy: Policy
    on_event: OnEvent


@dataclass(slots=True, eq=False)
class _Node:
    """A manifest and what has to stand at the target before it may: `missing` counts blobs and children.

    The `leader` is put before all other children; those that are ready sooner are `held`. It is None once it stands.
    """

    manifest: Manifest
    parent: _Node | None
    depth: int
    missing: int = 0
    children: list[_Node] = field(default_factory=list)
    leader: Digest | None = None
    held: list[_Node] = field(default_factory=list)


class Job:
    """Copies that share a repository and a digest; `finish` is told each one's outcome, once."""

    def __init__(self, copies: Sequence[Copy], tools: Tools, finish: Callable[[Copy, Outcome], None]) -> None:
        self._copies = list(copies)
        self._tools = tools
        self._finish = finish
        self._lock = threading.Lock()
        self._ended = False
        self._first = copies[0]
        self._place = ImageReference(self._first.destination.registry, self._first.destination.repository)
        self._promise = Promise(self._first.source)
        self.began = float("inf")
        self._platform: Platform | None = None

    @property
    def is_wanted(self) -> bool:
        return not self._ended

    @property
    def is_under_way(self) -> bool:
        return self.began < float("inf") and not self._ended

    def start(self) -> None:
        """The first task of the image; everything that follows is a task, or told by the shelf."""
        self.began = time.monotonic()
        self._guarded(self._begin)

    def _begin(self) -> None:
        tools, copy = self._tools, self._first
        if all(each.present and not each.repair for each in self._copies):
            self._put_root(self._stands(self._place.at(copy.source.digest or copy.pin.descriptor.digest)))
            return
        tools.shelf.check(self._place)
        known = tools.reading.known(copy.source.digest or copy.pin.descriptor.digest)
        self._promise = tools.ledger.promise(copy.source, 0 if known else max(1, copy.pulls.assumed))
        root = known or tools.reading.read(copy.source, self._promise, self._place if copy.repair else None)
        root = self._chosen(root)
        self._rooted(root.descriptor.digest)
        if self._first.root is None and self._is_there(root):
            self._put_root(root)
            return
        self._enter(_Node(root, None, 0))

    def _chosen(self, root: Manifest) -> Manifest:
        """The child, where one platform of an index is wanted."""
        copy = self._first
        if not root.descriptor.is_index or len(copy.platforms) != 1:
            return root
        child = root.for_platform(copy.platforms[0])
        if child is None:
            raise _no_platform(copy, root)
        self._platform = child.platform
        return self._tools.reading.read(copy.pin.reference.at(child.digest), self._promise)

    def _rooted(self, root: Digest) -> None:
        """What stands at the target is named by its own digest too, and that may be known only now."""
        rooted = []
        for copy in self._copies:
            destination = targets.rooted(copy.destination, root)
            more = tuple(tag for tag in destination.tags if tag not in copy.destination.tags)
            rooted.append(replace(copy, destination=destination, tags=(*copy.tags, *more)))
        self._copies = rooted

    def _is_there(self, root: Manifest) -> bool:
        """Whether a root that was not known when the target was looked at stands there all the same."""
        repair = any(copy.repair for copy in self._copies)
        return not repair and self._tools.client.find_manifest(self._place.at(root.descriptor.digest)) is not None

    def _stands(self, place: ImageReference) -> Manifest:
        """A manifest that stands at the target: from the store, else from there."""
        known = self._tools.reading.known(place.digest) if place.digest else None
        return known or self._tools.client.get_manifest(place, mirrors=False)

    def _enter(self, node: _Node) -> None:
        """Counts first all that a manifest needs, and asks for it then: an answer may come at once."""
        manifest = node.manifest
        if node.depth > _NESTING:
            fault = f"{self._first.source}: indexes below indexes, more than {_NESTING} deep"
            raise RegistryError(fault, code="nesting")
        children = list({child.digest: child for child in manifest.children()}.values())
        blobs = _blobs(manifest)
        node.missing = len(children) + len(blobs)
        if node.missing == 0:
            self._complete(node)
        if blobs:
            self._tools.on_event(Sized(self._first, sum(blob.size for blob in blobs)))
        config = next(iter(manifest.blobs()), None)
        for blob in blobs:
            self._wish(node, blob, is_config=config is not None and blob.digest == config.digest)
        self._read_children(node, children)

    def _wish(self, node: _Node, blob: Descriptor, *, is_config: bool) -> None:
        def done(error: SeederError | None) -> None:
            if error is not None:
                self._fail(error)
            else:
                self._arrived(node)

        self._tools.shelf.want(replace(self._wish_for(blob, done), is_config=is_config))

    def _wish_for(self, blob: Descriptor, done: Callable[[SeederError | None], None]) -> Wish:
        return Wish(
            place=self._place,
            source=replace(self._first.pin.reference, tag=None, digest=None),
            descriptor=blob,
            done=done,
            is_wanted=lambda: self.is_wanted,
            on_bytes=self._moved,
        )

    def _moved(self, count: int) -> None:
        self._tools.on_event(BytesMoved(self._first, count))

    def _read_children(self, node: _Node, children: Sequence[Descriptor]) -> None:
        if not children:
            return
        tools = self._tools
        unknown = sum(tools.reading.known(child.digest) is None for child in children)
        if unknown > self._promise.left:
            tools.ledger.extend(self._promise, unknown - self._promise.left)
        place = self._place if unknown and self._has_begun(children[0]) else None
        node.leader = children[0].digest
        for child in children:
            tools.crew.add(Urgency.READ, self._reader(node, child, place))

    def _has_begun(self, leader: Descriptor) -> bool:
        """Whether an earlier run, whose store is gone, left children at the target: the first is put before others."""
        return self._tools.client.find_manifest(self._place.at(leader.digest)) is not None

    def _reader(self, node: _Node, child: Descriptor, place: ImageReference | None) -> Callable[[], None]:
        def read() -> None:
            manifest = self._tools.reading.read(self._first.pin.reference.at(child.digest), self._promise, place)
            entered = _Node(manifest, node, node.depth + 1)
            node.children.append(entered)
            self._enter(entered)

        return lambda: self._guarded(read)

    def _arrived(self, node: _Node) -> None:
        """One thing less that a manifest waits for."""
        with self._lock:
            node.missing -= 1
            complete = node.missing == 0
        if complete:
            self._complete(node)

    def _complete(self, node: _Node) -> None:
        if node.parent is None:
            self._finishing(lambda: self._put_root(node.manifest, node))
        elif not self._is_held(node, node.parent):
            self._finishing(lambda: self._put_child(node))

    def _is_held(self, node: _Node, parent: _Node) -> bool:
        with self._lock:
            if parent.leader is None or parent.leader == node.manifest.descriptor.digest:
                return False
            parent.held.append(node)
            return True

    def _finishing(self, step: Callable[[], None]) -> None:
        self._tools.crew.add(Urgency.FINISH, lambda: self._guarded(step))

    def _put_child(self, node: _Node) -> None:
        self._put(self._place.at(node.manifest.descriptor.digest), node)
        parent = node.parent
        if parent is None:
            return
        with self._lock:
            released: list[_Node] = []
            if parent.leader == node.manifest.descriptor.digest:
                parent.leader, released, parent.held = None, parent.held, []
        for held in released:
            self._complete(held)
        self._arrived(parent)

    def _put_root(self, root: Manifest, node: _Node | None = None) -> None:
        """The root under all tags, the plain one last, so that a tag that stands names what is whole."""
        confirmed = node is not None
        node = node or _Node(root, None, 0)
        tags = list(dict.fromkeys(tag for copy in self._copies for tag in reversed(copy.tags)))
        for tag in tags:
            self._put(replace(self._place, tag=tag), node)
        if not tags:
            self._put(self._place.at(root.descriptor.digest), node)
        self._succeed(node, confirmed=confirmed)

    def _put(self, reference: ImageReference, node: _Node) -> None:
        """Puts a manifest; what the target misses below it is uploaded once more, whatever it said before."""
        client, policy = self._tools.client, self._tools.policy
        for attempt in range(1, policy.attempts + 1):
            try:
                client.put_manifest(reference, node.manifest)
            except RegistryError as error:
                incomplete = error.code in _INCOMPLETE or isinstance(error, MissingError)
                if not incomplete or attempt == policy.attempts or not self.is_wanted:
                    raise
                self._mend(node)
                if attempt > 1:  # at once the first time, then a registry may need some time to see its own blobs
                    policy.rest(attempt, error)
            else:
                return

    def _mend(self, node: _Node) -> None:
        for blob in _blobs(node.manifest):
            self._tools.shelf.again(self._wish_for(blob, _nothing))
        for child in node.children:
            if self._tools.client.find_manifest(self._place.at(child.manifest.descriptor.digest)) is None:
                self._put(self._place.at(child.manifest.descriptor.digest), child)

    def _guarded(self, step: Callable[[], None]) -> None:
        if self._ended:
            return
        try:
            step()
        except SeederError as error:
            self._fail(error)

    def _succeed(self, node: _Node, *, confirmed: bool) -> None:
        root, platforms = node.manifest, self._platforms(node) if confirmed else {}
        for number, copy in enumerate(self._ending()):
            outcome = _copied(copy, root, 0 if number else self._promise.spent)
            pin = replace(copy.pin, platforms=dict(sorted({**copy.pin.platforms, **platforms}.items())))
            self._finish(copy, replace(outcome, pin=pin, confirmed=confirmed))

    def _platforms(self, node: _Node) -> dict[Platform, PlatformPin]:
        """What was learnt of platforms and sizes on the way, for the lock."""
        if not node.manifest.descriptor.is_index:
            platform = self._platform or self._configured(node.manifest)
            return {platform: sized(node.manifest)} if platform else {}
        read = {child.manifest.descriptor.digest: child.manifest for child in node.children}
        wanted = self._first.platforms
        return {
            child.platform: sized(read[child.digest])
            for child in node.manifest.children()
            if child.platform is not None
            and child.digest in read
            and not child.is_attestation
            and not child.is_index
            and (not wanted or any(platform.accepts(child.platform) for platform in wanted))
        }

    def _configured(self, manifest: Manifest) -> Platform | None:
        config = next(iter(manifest.blobs()), None)
        data = self._tools.shelf.content(self._place, config.digest) if config is not None else None
        return platform_of(data) if data is not None else None

    def _fail(self, error: SeederError) -> None:
        for number, copy in enumerate(self._ending()):
            self._finish(copy, failure(copy, error, 0 if number else self._promise.spent))

    def expire(self, seconds: float) -> None:
        """Ends the image, since it took too long."""
        hint = "look at the network, or at the size of the image; --image-timeout gives it more time"
        fault = f"copying {self._first.source} took longer than {seconds:g} s"
        self._fail(EngineError(fault, hint=hint, code="timeout"))

    def _ending(self) -> list[Copy]:
        """The copies, for whoever ends the image; nothing for those who come later."""
        with self._lock:
            if self._ended:
                return []
            self._ended = True
        self._tools.ledger.release(self._promise)
        return self._copies


def _blobs(manifest: Manifest) -> list[Descriptor]:
    """Config and layers that stand in a registry, each once."""
    blobs = (blob for blob in manifest.blobs() if not is_foreign_layer(blob.media_type))
    return list({blob.digest: blob for blob in blobs}.values())


def _nothing(_error: SeederError | None) -> None:
    """For wishes that are fulfilled in the caller's own thread."""


def _no_platform(copy: Copy, index: Manifest) -> RegistryError:
    there = sorted({str(child.platform) for child in index.children() if child.platform and not child.is_attestation})
    return MissingError(
        f"{copy.pin.reference} has nothing for {copy.platforms[0]}; it has {', '.join(there) or 'no platforms'}",
        hint="give the image its own `platforms` in the catalog",
        where=copy.pin.reference.registry,
        code="platform-missing",
    )


def _copied(copy: Copy, root: Manifest, pulls: int) -> Outcome:
    return Outcome(
        reference=copy.pin.reference,
        result=Result.COPIED,
        destination=replace(
            copy.destination, tags=tuple(tag for tag in copy.destination.tags if tag not in copy.leaves)
        ),
        pin=copy.pin,
        root=root.descriptor.digest,
        required=copy.required,
        pulls=pulls,
    )


def failure(copy: Copy, error: SeederError, pulls: int = 0) -> Outcome:
    """A copy that did not come about: put off where the quota is why, else failed."""
    return Outcome(
        reference=copy.pin.reference,
        result=Result.DEFERRED if isinstance(error, DeferredError) else Result.FAILED,
        destination=copy.destination,
        pin=copy.pin,
        required=copy.required,
        error=error,
        pulls=pulls,
    )
