"""One image on its way: its manifests are read, its blobs wished for, then children, index and tags are put."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from seeder import targets
from seeder.engines import nesting
from seeder.engines.direct.crew import Urgency
from seeder.engines.direct.graph import Graph, Node, blobs_of, children_of, platforms_below
from seeder.engines.direct.putting import Putter
from seeder.engines.direct.roots import Roots
from seeder.engines.direct.scout import Scout
from seeder.engines.direct.shelf import Wish, of_one_manifest
from seeder.engines.direct.tools import Tools
from seeder.engines.events import BytesMoved, Mounted, Sized
from seeder.errors import EngineError, SeederError
from seeder.manifests import check_sizes, sized
from seeder.model.copy import Copy
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.outcome import Outcome
from seeder.model.pin import PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference


class Job:
    """Copies that share a repository and a digest; `finish` is told each one's outcome, once.

    A `scout` that went ahead goes on for it.
    """

    def __init__(
        self,
        copies: Sequence[Copy],
        tools: Tools,
        finish: Callable[[Job, Copy, Outcome], None],
        scout: Scout | None = None,
    ) -> None:
        self._copies = list(copies)
        self._tools = tools
        self._finish = finish
        self._lock = threading.Lock()
        self._ended = False
        self._first = copies[0]
        self._place = self._first.destination.place
        self._graph = Graph()
        self._scout = scout
        self._roots = scout.roots if scout is not None else Roots(tools, self._first)
        self._promise = self._roots.promise
        self.began = float("inf")
        self._platform: Platform | None = None

    @property
    def _putter(self) -> Putter:
        """Made for each manifest: kept, it and the image would hold each other in memory until the run ends."""
        return Putter(self._tools, self._place, self._wish_for)

    def is_wanted(self) -> bool:
        """Whether anybody waits for the image still."""
        return not self._ended

    @property
    def is_under_way(self) -> bool:
        return self.began < float("inf") and not self._ended

    def start(self) -> None:
        """The first task of the image; everything that follows is a task, or told by the shelf."""
        self.began = time.monotonic()
        self._guarded(self._begin)

    def expire(self, seconds: float) -> None:
        """Ends the image, since it took too long."""
        self._fail(
            EngineError(
                f"copying {self._first.source} took longer than {seconds:g} s",
                hint="look at the network, or at the size of the image; --image-timeout gives it more time",
                code="timeout",
            )
        )

    def _begin(self) -> None:
        if all(each.present and not each.repair for each in self._copies):
            self._put_root(Node(self._roots.standing()), confirmed=False)
            return
        if self._scout is not None:
            self._scout.follow(self.is_wanted, self._moved_ahead)
        self._tools.shelf.check(self._place)
        if self._scout is None:
            self._roots.set_aside()
        root = self._roots.read()
        self._platform = root.platform
        self._rooted(root.manifest.descriptor.digest)
        if root.stands:
            self._put_root(Node(root.manifest), confirmed=False)
            return
        self._enter(Node(root.manifest))

    def _rooted(self, root: Digest) -> None:
        """What stands at the target is named by its own digest too, and that may be known only now."""
        self._copies = [copy.to(targets.rooted(copy.destination, root)) for copy in self._copies]

    def _enter(self, node: Node) -> None:
        """Counts first all that a manifest needs, and asks for it then: an answer may come at once."""
        nesting.check(self._first.source, node.depth)
        children, blobs = children_of(node.manifest), blobs_of(node.manifest)
        check_sizes(self._tools.client, self._first.pin.reference, children)
        node.missing = len(children) + len(blobs)
        if node.missing == 0:
            self._complete(node)
        if blobs:
            self._tools.on_event(Sized(self._first, sum(blob.size for blob in blobs)))
        for wish in of_one_manifest([self._wish_for(blob, self._arriver(node)) for blob in blobs]):
            self._tools.shelf.want(wish)
        self._read_children(node, children)

    def _arriver(self, node: Node) -> Callable[[SeederError | None], None]:
        def done(error: SeederError | None) -> None:
            if error is not None:
                self._fail(error)
            elif self._graph.arrived(node):
                self._complete(node)

        return done

    def _wish_for(self, blob: Descriptor, done: Callable[[SeederError | None], None]) -> Wish:
        return Wish(
            place=self._place,
            source=replace(self._first.pin.reference, tag=None, digest=None),
            descriptor=blob,
            done=done,
            is_wanted=self.is_wanted,
            on_bytes=self._moved,
            on_mount=self._mounted,
        )

    def _moved_ahead(self, kind: type[BytesMoved | Mounted], count: int) -> None:
        self._tools.on_event(kind(self._first, count))

    def _moved(self, count: int) -> None:
        self._tools.on_event(BytesMoved(self._first, count))

    def _mounted(self, count: int) -> None:
        self._tools.on_event(Mounted(self._first, count))

    def _read_children(self, node: Node, children: Sequence[Descriptor]) -> None:
        if not children:
            return
        tools = self._tools
        unknown = sum(tools.reading.known(child.digest) is None for child in children)
        if unknown > self._promise.left:
            tools.ledger.extend(self._promise, unknown - self._promise.left)
        near = self._roots.near(children) if unknown else None
        node.leader = children[0].digest
        for child in children:
            tools.crew.add(Urgency.READ, self._reader(node, child, near))

    def _reader(self, node: Node, child: Descriptor, near: ImageReference | None) -> Callable[[], None]:
        def read() -> None:
            source = self._first.pin.reference.at(child.digest)
            entered = self._graph.child(node, self._tools.reading.read(source, self._promise, near))
            if entered.index is node:
                self._enter(entered)
            elif entered.stands:
                self._stood(entered)
            elif self._graph.released(entered):
                self._complete(entered)

        return lambda: self._guarded(read)

    def _complete(self, node: Node) -> None:
        if node.index is None:
            self._finishing(lambda: self._put_root(node, confirmed=True))
        elif not self._graph.is_held(node):
            self._finishing(lambda: self._put_child(node))

    def _finishing(self, step: Callable[[], None]) -> None:
        self._tools.crew.add(Urgency.FINISH, lambda: self._guarded(step))

    def _put_child(self, node: Node) -> None:
        self._putter.put_child(node)
        self._stood(node)

    def _stood(self, node: Node) -> None:
        for complete in self._graph.stood(node):
            self._complete(complete)

    def _put_root(self, node: Node, *, confirmed: bool) -> None:
        """The root under all tags, the plain one last, so that a tag that stands names what is whole."""
        tags = dict.fromkeys(tag for copy in self._copies for tag in reversed(copy.tags))
        self._putter.put_root(node, list(tags))
        self._succeed(node, confirmed=confirmed)

    def _guarded(self, step: Callable[[], None]) -> None:
        if self._ended:
            return
        try:
            step()
        except SeederError as error:
            self._fail(error)

    def _succeed(self, node: Node, *, confirmed: bool) -> None:
        learnt = self._learnt(node) if confirmed else {}
        node.release()
        self._end(lambda copy: replace(copy.copied(node.digest, learnt), confirmed=confirmed))

    def _learnt(self, node: Node) -> Mapping[Platform, PlatformPin]:
        """Platforms and sizes as they were seen on the way, for the lock. What stands in for an index may be one."""
        if node.manifest.descriptor.is_index and len(self._first.platforms) != 1:
            return platforms_below(node, self._first.platforms)
        platform = self._platform or self._configured(node.manifest)
        return {platform: sized(node.manifest)} if platform else {}

    def _configured(self, manifest: Manifest) -> Platform | None:
        config = next(iter(manifest.blobs()), None)
        return self._tools.shelf.platform(self._place, config.digest) if config is not None else None

    def _fail(self, error: SeederError) -> None:
        self._end(lambda copy: copy.failed(error))

    def _end(self, outcome: Callable[[Copy], Outcome]) -> None:
        """Tells each copy's outcome, for whoever ends the image first; the pulls are the first copy's."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
        self._tools.ledger.release(self._promise)
        for number, copy in enumerate(self._copies):
            self._finish(self, copy, replace(outcome(copy), pulls=0 if number else self._promise.spent))
