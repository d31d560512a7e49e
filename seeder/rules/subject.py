"""What rules look at: a file, and a workshop with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from seeder.model.occurrence import Context, Occurrence, Puller, Span
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.syntax.text import Text
from seeder.syntax.yaml_nodes import Node, at, items, string

# Where builds are those of the session; the cluster's stand in resources of their own.
BUILDS = frozenset(
    {
        Context.DOCKERFILE_FROM,
        Context.DOCKERFILE_COPY_FROM,
        Context.COMPOSE,
        Context.SHELL_COMMAND,
        Context.INSTRUCTIONS_COMMAND,
    }
)


class Page(Struct, frozen=True):
    """A file of a workshop, as text; `path` is below the root."""

    path: str
    text: Text


class Definition(Struct, frozen=True):
    """A Workshop resource in a file; `group` is its API group."""

    file: str
    group: str
    root: Node

    def at(self, *path: str) -> Node | None:
        """A node below `spec`."""
        return at(self.root, "spec", *path)

    def text(self, *path: str) -> str:
        return string(self.at(*path))

    def is_on(self, *path: str) -> bool:
        return is_on(self.at(*path))

    def fetched(self) -> Iterator[Node]:
        """The entries of vendir: what sessions and the environment download."""
        yield from items(self.at("workshop", "files"))
        for package in items(self.at("workshop", "packages")):
            yield from items(at(package, "files"))
        yield from items(self.at("environment", "assets", "files"))

    def holds(self, one: Occurrence, *path: str) -> bool:
        """Whether an occurrence stands in the node at a path below `spec`."""
        node = self.at(*path)
        span = bytes_of(node) if node is not None and one.file == self.file else None
        return span is not None and bool(one.parts) and span.start <= one.parts[0].span.start < span.end


class Workshop(Struct, frozen=True, kw_only=True):
    """A workshop: what it names, pulled or not, and its definitions.

    `docker_users` are files that speak of docker, apart from definitions; `has_content` says whether its pages are
    there at all. `bypasses` are the lines of files that use podman and its kin, which do not pull through docker's
    mirror. `searched` are the texts that actions of its pages look for in files. `pins` are those of the lock, by
    reference.
    """

    occurrences: tuple[Occurrence, ...] = ()
    definitions: tuple[Definition, ...] = ()
    docker_users: tuple[str, ...] = ()
    has_content: bool = False
    bypasses: frozenset[tuple[str, int]] = frozenset()
    searched: frozenset[str] = frozenset()
    pins: Mapping[ImageReference, Pin] = field(default_factory=dict)

    def pulled(self, *contexts: Context) -> Iterator[Occurrence]:
        """The occurrences that are pulled, of all contexts or of these; rules of the cache are no images.

        Where another place decides what is pulled (kustomize), that place is judged.
        """
        for one in self.occurrences:
            wanted = one.context in contexts if contexts else one.context is not Context.ZOT_SYNC_RULE
            if one.pulled and wanted and not one.elsewhere:
                yield one

    def on_hub(self, *contexts: Context) -> Iterator[Occurrence]:
        return (one for one in self.pulled(*contexts) if one.hub)

    def is_past_docker(self, one: Occurrence) -> bool:
        """Whether what looks like a pull of docker is one of podman or its kin."""
        return any((one.file, part.line) in self.bypasses for part in one.parts)

    def is_by_docker(self, one: Occurrence) -> bool:
        """Whether the session's docker pulls it: by itself, or since a build starts from it."""
        is_build = one.pulled_by is Puller.BUILD and one.context in BUILDS
        return (is_build or one.pulled_by is Puller.DOCKERD) and not self.is_past_docker(one)

    def pin(self, one: Occurrence) -> Pin | None:
        return self.pins.get(one.reference.or_latest()) if one.reference else None


def is_on(node: Node | None) -> bool:
    """Whether a node says true, in the spellings of YAML 1.1."""
    return string(node).lower() in {"true", "yes", "on"}


def bytes_of(node: Node) -> Span | None:
    """The bytes of the file that hold a node; None where it stands in a text that was made of others."""
    written = node.written
    outer = written.outer_range(0, len(written)) if len(written) else None
    if outer is None:
        return None
    return Span(written.file.byte_at(outer[0]), written.file.byte_at(outer[1]))
