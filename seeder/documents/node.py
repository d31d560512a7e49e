"""YAML as a tree of values that know their line: what documents are read from."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import yaml
from msgspec import Struct

from seeder.errors import DocumentError

MAX_NODES = 500_000
MAX_DEPTH = 50
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?:\s|$)", re.MULTILINE)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


class Kind(StrEnum):
    """The types of YAML, in the words of messages."""

    TEXT = "text"
    NUMBER = "a number"
    FLAG = "true or false"
    NULL = "empty"
    LIST = "a list"
    MAPPING = "a mapping"


_SCALARS = {
    f"{_TAG}str": Kind.TEXT,
    f"{_TAG}timestamp": Kind.TEXT,
    f"{_TAG}value": Kind.TEXT,
    f"{_TAG}merge": Kind.TEXT,
    f"{_TAG}int": Kind.NUMBER,
    f"{_TAG}float": Kind.NUMBER,
    f"{_TAG}bool": Kind.FLAG,
    f"{_TAG}null": Kind.NULL,
}


class Node(Struct, frozen=True, kw_only=True):
    """A value and where it stands: `text` of a scalar as written, `items` of a list, `entries` of a mapping.

    Aliases are undone and merge keys (`<<`) are merged; a key that stands twice is twice in `entries`.
    """

    kind: Kind
    line: int
    text: str = ""
    items: tuple[Node, ...] = ()
    entries: tuple[tuple[Node, Node], ...] = ()


def load(data: bytes, name: str) -> Node:
    """The one document of a file; an empty file is a NULL node. Raises DocumentError with the line."""
    text = _decoded(data, name)
    conflict = _CONFLICT.search(text)
    if conflict:
        raise DocumentError(
            "is in the middle of a merge: there is a conflict marker",
            where=f"{name}:{text.count(chr(10), 0, conflict.start()) + 1}",
            hint="settle the conflict first; of a lock, either side is a good start for `seeder pin`",
        )
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, name, text) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DocumentError(f"is not YAML: {str(error).splitlines()[0]}", where=name) from error
    return Node(kind=Kind.NULL, line=1) if root is None else _Conversion(name).node(root)


def _decoded(data: bytes, name: str) -> str:
    if b"\0" in data:
        raise DocumentError("is a binary file, not YAML", where=name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("is not UTF-8 text", where=f"{name}:{line}", hint="save it as UTF-8") from error


def _syntax_error(error: yaml.MarkedYAMLError, name: str, text: str) -> DocumentError:
    mark = error.problem_mark or error.context_mark
    where = f"{name}:{mark.line + 1}" if mark else name
    problem = error.problem or "it cannot be read"
    hint = "indent with spaces: YAML allows no tabs there" if mark and text[mark.index : mark.index + 1] == "\t" else ""
    if "expected a single document" in (error.context or ""):
        problem, hint = "it holds several documents, and one is needed", "keep one catalog a file"
    return DocumentError(f"is not valid YAML: {problem}", where=where, hint=hint)


class _Conversion:
    """From PyYAML's nodes, which aliases share, to a tree; the budget is what stops a bomb."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MAX_NODES
        self._open: list[int] = []

    def node(self, node: yaml.Node) -> Node:
        line = node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise self._error(line, f"grows to over {MAX_NODES} values through its aliases")
        if isinstance(node, yaml.ScalarNode):
            return Node(kind=self._scalar_kind(node, line), line=line, text=node.value)
        if id(node) in self._open:
            raise self._error(line, "holds an alias that contains itself")
        if len(self._open) >= MAX_DEPTH:
            raise self._error(line, f"is nested over {MAX_DEPTH} levels deep")
        self._open.append(id(node))
        try:
            return self._collection(node, line)
        finally:
            self._open.pop()

    def _collection(self, node: yaml.Node, line: int) -> Node:
        if node.tag not in {f"{_TAG}seq", f"{_TAG}map"}:
            raise self._error(line, f"has the tag {node.tag!r}, which means nothing here")
        if isinstance(node, yaml.SequenceNode):
            return Node(kind=Kind.LIST, line=line, items=tuple(self.node(item) for item in node.value))
        own, merged = [], []
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged += self._merged(self.node(value))
            else:
                own.append((self.node(key), self.node(value)))
        named = {key.text for key, _ in own}
        return Node(kind=Kind.MAPPING, line=line, entries=(*own, *(e for e in merged if e[0].text not in named)))

    def _merged(self, value: Node) -> list[tuple[Node, Node]]:
        """The entries that `<<` brings; of several mappings the first that has a key counts (yaml.org/type/merge)."""
        entries: dict[str, tuple[Node, Node]] = {}
        for source in value.items if value.kind is Kind.LIST else (value,):
            if source.kind is not Kind.MAPPING:
                raise self._error(source.line, f"`<<` merges mappings, and this is {source.kind}")
            for key, item in source.entries:
                entries.setdefault(key.text, (key, item))
        return list(entries.values())

    def _scalar_kind(self, node: yaml.ScalarNode, line: int) -> Kind:
        kind = _SCALARS.get(node.tag)
        if kind is None:
            raise self._error(line, f"has the tag {node.tag!r}, which means nothing here")
        return kind

    def _error(self, line: int, message: str) -> DocumentError:
        return DocumentError(message, where=f"{self._name}:{line}")
