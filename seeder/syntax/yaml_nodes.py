"""The nodes of a YAML document: what is written, where, without recursion and without copying."""

from __future__ import annotations

from collections.abc import Iterator, Set

from msgspec import Struct, field

from seeder.syntax.text import Text
from seeder.syntax.yaml_scalar import scalar_text

_MAX_MERGED = 100  # mappings that one merges, and those that they merge


class Characters:
    """The text of a document and, of the same length, what the parser was given in its stead.

    The two differ where templates or unprintable characters were covered so that the rest parses.
    """

    __slots__ = ("covered", "parsed", "text")

    def __init__(self, text: Text, parsed: str) -> None:
        self.text = text
        self.parsed = parsed
        self.covered = parsed is not text.content and parsed != text.content


class Node(Struct, eq=False):
    """A node and the characters `start` up to `end` of its text that hold it."""

    characters: Characters
    start: int
    end: int

    @property
    def written(self) -> Text:
        """The characters as they are written, quotes and all."""
        return self.characters.text.slice(self.start, self.end)


class Scalar(Node, eq=False):
    """A scalar; `style` is `'`, `"`, `|`, `>` or empty for a plain one."""

    style: str
    _decoded: str
    _text: Text | None = None

    @property
    def value(self) -> str:
        """The string that a YAML parser would give, templates in it as written."""
        return self.text.content if self.characters.covered else self._decoded

    @property
    def text(self) -> Text:
        """The value with the place of each of its characters."""
        if self._text is None:
            self._text = scalar_text(self.characters.text, self.characters.parsed, self, self._decoded)
        return self._text


class Sequence(Node, eq=False):
    items: list[Node] = field(default_factory=list)

    def fill(self, nodes: list[Node], end: int) -> None:
        """Takes its items, and where it ends."""
        self.items, self.end = nodes, end


class Mapping(Node, eq=False):
    """A mapping; `entries` keeps the order and duplicates, `get` gives the first of a name."""

    entries: list[tuple[Node, Node]] = field(default_factory=list)
    _named: dict[str, Node] | None = None

    def fill(self, nodes: list[Node], end: int) -> None:
        """Takes its keys and values in turn, and where it ends."""
        each = iter(nodes)
        self.entries, self.end = list(zip(each, each, strict=True)), end

    def items(self) -> Iterator[tuple[str, Node]]:
        """Entries whose key is a scalar."""
        for key, node in self.entries:
            if isinstance(key, Scalar):
                yield key.value, node

    def names(self) -> Set[str]:
        return self._index().keys()

    def get(self, name: str) -> Node | None:
        """The value of a key, of this mapping or of those that it merges (`<<`)."""
        index = self._named or self._index()
        if name in index or "<<" not in index:
            return index.get(name)
        return self._merged(name)

    def _index(self) -> dict[str, Node]:
        """The first value of each name, worked out when it is first asked for: the mapping is whole then."""
        if self._named is None:
            self._named = {key.value: node for key, node in reversed(self.entries) if isinstance(key, Scalar)}
        return self._named

    def _merged(self, name: str) -> Node | None:
        pending: list[Node] = [self]
        seen: set[int] = set()
        while pending and len(seen) < _MAX_MERGED:
            node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Sequence):
                pending.extend(reversed(node.items[:_MAX_MERGED]))
            elif isinstance(node, Mapping):
                index = node._index()
                if name in index:
                    return index[name]
                if "<<" in index:
                    pending.append(index["<<"])
        return None


def at(node: Node | None, *path: str) -> Node | None:
    """The node below `node` by keys; None where the path ends early."""
    for name in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(name)
    return node


def string(node: Node | None) -> str:
    """The value of a scalar; empty for every other node."""
    return node.value if isinstance(node, Scalar) else ""


def items(node: Node | None) -> list[Node]:
    """The items of a sequence; empty for every other node."""
    return node.items if isinstance(node, Sequence) else []


def entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """The entries of a mapping with scalar keys; none for every other node."""
    return node.items() if isinstance(node, Mapping) else iter(())


def mappings(root: Node) -> Iterator[tuple[Mapping, tuple[str, ...]]]:
    """Each mapping below and with `root`, once however many aliases name it, in order, with its last keys.

    The path holds at most the eight nearest keys; items of a sequence have the path of the sequence.
    """
    pending: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    seen: set[int] = set()
    while pending:
        node, path = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            pending.extend((item, path) for item in reversed(node.items) if not isinstance(item, Scalar))
        elif isinstance(node, Mapping):
            yield node, path
            pending.extend(
                (value, (*path[-7:], key.value if isinstance(key, Scalar) else ""))
                for key, value in reversed(node.entries)
                if not isinstance(value, Scalar)
            )
