"""What a reader of YAML gets, and how it says what it saw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from seeder.finders.finding import Slot, Source, Unparsed
from seeder.finders.parts import parts_of
from seeder.finders.variables import fault, is_name
from seeder.model.occurrence import Mention, Part, Puller, Role
from seeder.syntax.text import Text
from seeder.syntax.yaml import line_at
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar

_SCHEME = re.compile(r"(?:docker|oci|imgpkg(?:\+https?)?|containers-storage)://")
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_NO_STRING = frozenset({"true", "false", "null", "~", "yes", "no", "on", "off"})
_SCATTERED = "its characters do not stand together in the file (an escape or a folded line parts them)"
# A registry that is written out, or one of Educates', with a tag or digest: more than any other value looks like.
LITERAL = re.compile(
    r"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?|\$\((?:image_repository|oci_image_cache)\))/[^\s@]+(?::|@sha256:)[\w.$()-]+(?:@sha256:\w+)?\Z"
)
# $(params.image), $(images.image.image)$, {{inputs.parameters.image}}: what a controller puts in, not the workshop
_RUN_TIME = re.compile(
    r"\$\([A-Za-z_][\w-]*\.[\w.-]+\)|\$\([^)\s]*\)\$"
    r"|\{\{=?\s*(?:inputs|outputs|workflow|steps|tasks|item)\b[^{}]*\}\}"
)


class Root(Struct, frozen=True, kw_only=True, dict=True):
    """A node to read, in the source that it stands in; `depth` counts objects in objects.

    `name` is the file's name in lower case, empty for a text that is no file.
    """

    source: Source
    node: Node
    depth: int = 0

    @cached_property
    def api(self) -> tuple[str, str]:
        """The group and kind of a Kubernetes object, empty for what is none; the core group is empty too."""
        return _api(self.node)

    @cached_property
    def name(self) -> str:
        return self.source.name.lower()

    @property
    def path(self) -> str:
        """The path of the file that this is, or becomes."""
        kind = self.source.kind
        return kind.removeprefix("file:") if kind.startswith("file:") else str(self.source.path)

    def at(self, node: Node) -> Root:
        """A node below, as a document of its own."""
        return replace(self, node=node, depth=self.depth + 1)

    def embedded(self, node: Scalar, kind: str) -> Source:
        """The value of a scalar as a text to look into."""
        return self.source.inner(node.text, kind)


def image(node: Node | None, slot: Slot) -> Iterator[Mention | Unparsed]:
    """The image of a slot that holds nothing else: what is no name there, nor a controller's, is said to be none."""
    if not isinstance(node, Scalar) or not node.value.strip():
        return
    found = tuple(mentions(node, slot))
    yield from found
    if not found and not _RUN_TIME.search(node.value):
        line = line_at(node.characters.text, node.start)
        yield Unparsed(f"line {line}: {fault(stripped(node.text).content)}")


def mentions(node: Node | None, slot: Slot, *, start: int = 0, end: int = -1) -> Iterable[Mention]:
    """The mention that a scalar is from `start` up to `end`, if that can be a name; nothing for all other nodes."""
    if not isinstance(node, Scalar) or (not node.style and node.value in _NO_STRING):
        return ()
    text = stripped(node.text.slice(start, len(node.text) if end < 0 else end) if start or end >= 0 else node.text)
    if not is_name(text.content):
        return ()
    if _RUN_TIME.search(text.content):
        slot = replace(slot, pulled=False, pulled_by=Puller.NONE, reason="a controller puts the name in at run time")
    part = text.part(0, len(text))
    if part is not None:
        return (slot.mention(text.content, (part,)),)
    parts, fault = parts_of(text)
    if fault or len(node.characters.text.pieces) == 1:  # an escape or a fold, and no variable that was put in
        parts, slot = anywhere(node) or parts, scattered(slot)
    return (slot.mention(text.content, parts),)


def scattered(slot: Slot) -> Slot:
    return replace(slot, reason=slot.reason or _SCATTERED)


def stripped(text: Text) -> Text:
    """A value without blanks around it and without the scheme that says how it is fetched."""
    content = text.content
    start, end = len(content) - len(content.lstrip()), len(content.rstrip())
    match = _SCHEME.match(content, start, end)
    start = match.end() if match else start
    return text if (start, end) == (0, len(content)) else text.slice(min(start, end), end)


def anywhere(node: Node | None) -> tuple[Part, ...]:
    """What is written of a node on its first line, for a message; nothing where none of it stands in the file."""
    if node is None:
        return ()
    written = node.written
    quotes = 1 if written.content[:1] in {"'", '"'} else 0
    first = written.content[quotes : len(written) - quotes].partition("\n")[0].rstrip("\r")
    part = written.part(quotes, quotes + len(first))
    return (part,) if part else ()


class Split(Struct, frozen=True):
    """A name that is split over keys: the node of each part, None where it is left out."""

    repository: Node | None
    registry: Node | None = None
    tag: Node | None = None
    digest: Node | None = None


def split_mentions(split: Split, slot: Slot, *, tag: str = "") -> Iterable[Mention]:
    """The mention of a split name, its parts in the order of the reference; `tag` is what run time puts behind it."""
    repository = _scalar(split.repository)
    if repository is None or not repository.content:
        return ()
    name = stripped(repository)
    known = [(Role.REGISTRY, _scalar(split.registry), ""), (Role.REPOSITORY, name, "/")]
    digest = _scalar(split.digest)
    is_bare = digest is not None and _HEX.match(digest.content)
    known += [(Role.TAG, _scalar(split.tag), ":"), (Role.DIGEST, digest, "@sha256:" if is_bare else "@")]
    text, parts = "", []
    for role, value, joint in known:
        if value is None or not value.content:
            continue
        text += (joint if text else "") + value.content
        parts.append(value.part(0, len(value), role))
    text += tag
    if not is_name(text):
        return ()
    # The repository first: its line is where people look for the name.
    whole = tuple(
        sorted((part for part in parts if part is not None), key=lambda part: part.role is not Role.REPOSITORY)
    )
    if len(whole) == 1 and len(parts) == 1 and not tag:
        whole = (replace(whole[0], role=Role.REFERENCE),)
    complete = len(whole) == len(parts)
    shown, slot = (whole, slot) if complete else (anywhere(split.repository), scattered(slot))
    return (slot.mention(text, shown),)


def _scalar(node: Node | None) -> Text | None:
    if not isinstance(node, Scalar) or node.value in {"null", "~"}:
        return None
    text = node.text
    return text.slice(len(text.content) - len(text.content.lstrip()), len(text.content.rstrip()))


def _api(node: Node) -> tuple[str, str]:
    if not isinstance(node, Mapping):
        return "", ""
    version, kind = node.get("apiVersion"), node.get("kind")
    if not isinstance(version, Scalar) or not isinstance(kind, Scalar):
        return "", ""
    return version.value.rpartition("/")[0], kind.value
