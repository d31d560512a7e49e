"""Which upstream a path of Educates' image cache stands for: the rules of zot's sync extension.

The algorithm is zot's `findRepoMatchingContentID` and `getRepoSource` (pkg/extensions/sync/utils.go of 1.4.3, the same
in `GetContentByLocalRepo` later): only registries on demand, in order, their content in order, the first match wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seeder.rules.subject import is_on
from seeder.syntax.yaml_nodes import Node, at, items, string

_GLOB = re.compile(r"[*?\[{]")
_NEVER = "(?!)"


class Content(Struct, frozen=True, kw_only=True):
    """A rule: which repositories of the registry appear where."""

    node: Node
    prefix: str
    destination: str = ""
    strip: bool = False

    def upstream(self, path: str) -> str | None:
        """The repository upstream that a path of the cache stands for; None where the rule is not about it."""
        if not re.fullmatch(_pattern(self.pattern), path):
            return None
        below = path.removeprefix(self.destination.strip("/")).strip("/")
        if self.strip:
            return f"{self.prefix.strip('/*')}/{below}".strip("/")
        return below

    @property
    def pattern(self) -> str:
        """The paths of the cache that this rule is about, as a glob; with `strip` a prefix counts from its glob on."""
        parts = self.prefix.strip("/").split("/")
        if self.strip:
            globs = [index for index, part in enumerate(parts) if is_glob(part)]
            parts = parts[globs[0] :] if globs else []
        return "/".join([self.destination.strip("/"), *parts]).strip("/")


class Registry(Struct, frozen=True, kw_only=True):
    """An upstream of the cache; without `content` every path is passed through."""

    node: Node
    urls: tuple[str, ...]
    on_demand: bool
    polls: bool
    verify: bool
    contents: tuple[Content, ...]


class Match(Struct, frozen=True):
    """The registry and rule that answer for a path, and the repository upstream; an open registry has no rule."""

    registry: Registry
    content: Content | None
    upstream: str


def is_glob(part: str) -> bool:
    return bool(_GLOB.search(part))


def is_pattern(glob: str) -> bool:
    """Whether a prefix is a pattern that can be read: its brackets are closed, and hold what they may."""
    is_closed = glob.count("[") == glob.count("]") and glob.count("{") == glob.count("}")
    return is_closed and _NEVER not in _pattern(glob)


def registries(images: Node | None) -> list[Registry]:
    """The upstreams under `environment.images` of a Workshop."""
    return [_registry(node) for node in items(at(images, "registries"))]


def _registry(node: Node) -> Registry:
    return Registry(
        node=node,
        urls=tuple(string(url).strip() for url in items(at(node, "urls"))),
        on_demand=is_on(at(node, "onDemand")),
        polls=bool(string(at(node, "pollInterval"))),
        verify=string(at(node, "tlsVerify")).lower() != "false",
        contents=tuple(_content(item) for item in items(at(node, "content"))),
    )


def _content(node: Node) -> Content:
    return Content(
        node=node,
        prefix=string(at(node, "prefix")),
        destination=string(at(node, "destination")),
        strip=is_on(at(node, "stripPrefix")),
    )


def matches(upstreams: list[Registry], path: str) -> Iterator[Match]:
    """All rules that are about a path, in the order in which zot asks them."""
    for registry in upstreams:
        if not registry.on_demand:
            continue
        if not registry.contents:
            yield Match(registry, None, path)
        for content in registry.contents:
            upstream = content.upstream(path)
            if upstream is not None:
                yield Match(registry, content, upstream)


def _pattern(glob: str) -> str:
    """A doublestar pattern as a regular expression: `*` stays inside a part, `**` spans parts."""
    parts = [part for part in re.split(r"(\*\*|\*|\?|\[[^\]]*\]|\{[^}]*\})", glob) if part]
    text = "".join(map(_piece, parts))
    return (
        text.replace("/<**>/", "/(?:.*/)?")
        .replace("/<**>", "(?:/.*)?")
        .replace("<**>/", "(?:.*/)?")
        .replace("<**>", ".*")
    )


def _class(part: str) -> str:
    """`[a-z]` and `[!a-z]`; one that is empty or upside down, as `[z-a]`, is about nothing."""
    negated = "^" if part[1:2] in {"!", "^"} else ""
    found = f"[{negated}{re.escape(part[1 + len(negated) : -1])}]".replace(r"\-", "-")
    try:
        re.compile(found)
    except re.error:
        return _NEVER
    return found


def _piece(part: str) -> str:
    if part == "**":
        return "<**>"
    if part == "*":
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("["):
        return _class(part)
    if part.startswith("{"):
        return "(?:" + "|".join(re.escape(word) for word in part[1:-1].split(",")) + ")"
    return re.escape(part)
