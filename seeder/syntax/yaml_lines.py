"""Reads what is nearly YAML, line by line: the last resort for templates and broken files.

Keys, items and scalars are told by their columns, as people do. What fits nowhere is left out; every node that is
made has its exact place.
"""

from __future__ import annotations

import re

from msgspec import Struct

from seeder.syntax.yaml_nodes import Characters, Mapping, Node, Scalar, Sequence

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ITEM = re.compile(r"-(?:[ \t]+|\Z)")
_KEY = re.compile(
    r"""(?P<key>"[^"\r\n]*"|'[^'\r\n]*'|[^\s#"'\[\]{},&*!|>%@`:-][^\r\n:#]*|-[^\s:#][^\r\n:#]*):(?=[ \t]|\Z)[ \t]*"""
)
_VALUE = re.compile(r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?P<plain>(?:[^\r\n#]|(?<![ \t])#)+)""")
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\Z")
_PROPERTIES = re.compile(r"(?:[&!][^\s]+[ \t]+)*")


class _Level(Struct):
    column: int
    node: Mapping | Sequence
    key: Scalar | None = None  # of a mapping: the key whose value has not come yet


def read_lines(characters: Characters) -> Node:
    """What can be told of the document by its lines: a mapping, a sequence or an empty mapping."""
    return _Reader(characters).read()


class _Reader:
    def __init__(self, characters: Characters) -> None:
        self.characters = characters
        self.content = characters.parsed
        self.top = Sequence(characters, 0, len(self.content))
        self.levels: list[_Level] = []

    def read(self) -> Node:
        at = 0
        while at < len(self.content):
            line = _LINE.match(self.content, at)
            assert line is not None  # noqa: S101 - the pattern takes any line
            end = line.end()
            bare = len(line[0].rstrip("\r\n"))
            at = self._line(at, at + bare, end)
        roots = self.top.items
        return roots[0] if len(roots) == 1 else self.top

    def _line(self, start: int, end: int, following: int) -> int:
        """Reads a line; returns where the next one begins (behind a block scalar's body)."""
        at = self._skip(start, end)
        if at == end or self.content[at] in "#%" or self.content.startswith(("---", "..."), at):
            return following
        while (item := _ITEM.match(self.content, at, end)) is not None:
            self._item(at - start, at)
            at = item.end()
        if at == end:
            return following
        key = _KEY.match(self.content, at, end)
        if key is None:
            return self._value(at, end, at - start, following)
        self._key(at - start, key)
        return self._value(key.end(), end, at - start, following)

    def _skip(self, at: int, end: int) -> int:
        while at < end and self.content[at] in " \t\ufeff":
            at += 1
        return at

    def _item(self, column: int, at: int) -> None:
        while self.levels and (
            self.levels[-1].column > column
            or (self.levels[-1].column == column and self.levels[-1].key is None and not self._is_sequence(column))
        ):
            self.levels.pop()
        if not self._is_sequence(column):
            node = Sequence(self.characters, at, at)
            self._attach(node)
            self.levels.append(_Level(column, node))

    def _is_sequence(self, column: int) -> bool:
        return bool(self.levels) and self.levels[-1].column == column and isinstance(self.levels[-1].node, Sequence)

    def _key(self, column: int, match: re.Match[str]) -> None:
        while self.levels and (self.levels[-1].column > column or self._is_sequence(column)):
            self.levels.pop()
        level = self.levels[-1] if self.levels else None
        if level is None or not isinstance(level.node, Mapping) or (level.column < column and level.key is not None):
            node = Mapping(self.characters, match.start(), match.end())
            self._attach(node)
            level = _Level(column, node)
            self.levels.append(level)
        low, high = match.span("key")
        while high > low and self.content[high - 1] in " \t":
            high -= 1
        level.key = self._scalar(low, high)

    def _value(self, start: int, end: int, column: int, following: int) -> int:
        properties = _PROPERTIES.match(self.content, start, end)
        start = properties.end() if properties else start
        if start < end and _BLOCK.match(self.content, start, end):
            body = self._block_end(following, column)
            self._attach(self._block(start, following, body))
            return body
        match = _VALUE.match(self.content, start, end) if start < end and self.content[start] != "#" else None
        if match is not None and self.levels:
            low, high = match.span()
            while high > low and self.content[high - 1] in " \t":
                high -= 1
            self._attach(self._scalar(low, high))
        return following

    def _scalar(self, start: int, end: int) -> Scalar:
        written = self.content[start:end]
        if len(written) > 1 and written[0] == written[-1] and written[0] in "\"'":
            # read as what stands between the quotes; escapes are too rare here to be worth undoing
            return Scalar(self.characters, start + 1, end - 1, "", written[1:-1])
        return Scalar(self.characters, start, end, "", written)

    def _block_end(self, at: int, column: int) -> int:
        while at < len(self.content):
            line = _LINE.match(self.content, at)
            assert line is not None  # noqa: S101 - the pattern takes any line
            bare = line[0].rstrip("\r\n")
            if bare.strip(" \t") and len(bare) - len(bare.lstrip(" ")) <= column:
                return at
            if line.end() == at:
                return at
            at = line.end()
        return at

    def _block(self, start: int, body: int, end: int) -> Scalar:
        lines = [line.rstrip("\r") for line in self.content[body:end].replace("\r\n", "\n").split("\n")]
        indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")]
        indent = indents[0] if indents else 0
        decoded = "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines)
        return Scalar(self.characters, start, end, "|", decoded)

    def _attach(self, node: Node) -> None:
        level = self.levels[-1] if self.levels else None
        if level is None:
            self.top.items.append(node)
        elif isinstance(level.node, Sequence):
            level.node.items.append(node)
        elif level.key is not None:
            level.node.entries.append((level.key, node))
            level.key = None
