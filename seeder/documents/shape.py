"""The shapes of documents: each reads a node into a value, and says the same to editors as JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, field

from seeder.documents.fault import Fault, FaultsError, at, near
from seeder.documents.node import Kind, Node
from seeder.errors import SeederError

_COUNT = re.compile(r"[0-9]{1,18}\Z")  # more digits than any size has, and fewer than Python refuses to read
T = TypeVar("T")
K = TypeVar("K")
E = TypeVar("E", bound=StrEnum)
T_co = TypeVar("T_co", covariant=True)


class Shape(Protocol[T_co]):
    """`read` makes the value or raises FaultsError; `kinds` are the types of YAML that it takes."""

    @property
    def kinds(self) -> tuple[Kind, ...]: ...

    def read(self, node: Node, path: str) -> T_co: ...

    def schema(self) -> dict[str, Any]: ...


def check_kind(node: Node, path: str, kinds: tuple[Kind, ...]) -> None:
    """Raises a fault that names both types where the node is of another."""
    if node.kind not in kinds:
        shown = f" ({node.text[:40]})" if node.text else ""
        hint = 'write it in quotes: "…"' if node.text and Kind.TEXT in kinds else ""
        hint = f"write [{node.text}]" if (node.kind, kinds) == (Kind.TEXT, (Kind.LIST,)) else hint
        wanted = " or ".join(kinds)
        raise FaultsError(Fault(node.line, path, f"must be {wanted}, and is {node.kind}{shown}", hint))


class Text(Struct, Generic[T], frozen=True, kw_only=True):
    """Text that `parse` makes into a value, raising SeederError; `hint` is for what it refuses.

    `numbers` also takes numbers, true and false as they are written.
    """

    parse: Callable[[str], T]
    json: Mapping[str, Any] = field(default_factory=dict)
    numbers: bool = False
    hint: str = ""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.TEXT, Kind.NUMBER, Kind.FLAG) if self.numbers else (Kind.TEXT,)

    def read(self, node: Node, path: str) -> T:
        check_kind(node, path, self.kinds)
        try:
            return self.parse(node.text)
        except SeederError as error:
            raise FaultsError(Fault(node.line, path, error.message, error.hint or self.hint)) from error

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"] if self.numbers else "string", **self.json}


class Choice(Struct, Generic[E], frozen=True):
    """One word of an enumeration."""

    of: type[E]
    kinds: tuple[Kind, ...] = (Kind.TEXT,)

    def read(self, node: Node, path: str) -> E:
        check_kind(node, path, self.kinds)
        try:
            return self.of(node.text)
        except ValueError:
            raise FaultsError(Fault(node.line, path, f"unknown: {node.text!r}{near(node.text, self.of)}")) from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [word.value for word in self.of]}


class Flag(Struct, frozen=True):
    """True or false, in the spellings of YAML 1.1."""

    kinds: tuple[Kind, ...] = (Kind.FLAG,)

    def read(self, node: Node, path: str) -> bool:
        check_kind(node, path, self.kinds)
        return node.text.lower() in {"true", "yes", "on"}

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Count(Struct, frozen=True, kw_only=True):
    """A whole number, `least` or more."""

    least: int = 0
    kinds: tuple[Kind, ...] = (Kind.NUMBER,)

    def read(self, node: Node, path: str) -> int:
        check_kind(node, path, self.kinds)
        if not _COUNT.match(node.text) or int(node.text) < self.least:
            fault = f"must be a whole number, {self.least} or more, and is {node.text[:40]}"
            raise FaultsError(Fault(node.line, path, fault))
        return int(node.text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least}


class ListOf(Struct, Generic[T], frozen=True, kw_only=True):
    """A list of one shape; `key`, where given, is what must not come twice."""

    item: Shape[T]
    key: Callable[[T], object] | None = None
    least: int = 0
    hint: str = ""
    kinds: tuple[Kind, ...] = (Kind.LIST,)

    def read(self, node: Node, path: str) -> tuple[T, ...]:
        check_kind(node, path, self.kinds)
        if len(node.items) < self.least:
            raise FaultsError(Fault(node.line, path, "is an empty list", self.hint))
        values: list[T] = []
        faults: list[Fault] = []
        seen: dict[object, int] = {}
        for index, item in enumerate(node.items):
            try:
                value = self.item.read(item, at(path, index))
            except FaultsError as error:
                faults += error.faults
                continue
            key = self.key(value) if self.key else index
            if key in seen:
                faults.append(Fault(item.line, at(path, index), f"{key} stands here twice; first on line {seen[key]}"))
            seen.setdefault(key, item.line)
            values.append(value)
        if faults:
            raise FaultsError(*faults)
        return tuple(values)

    def schema(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema(), **least}


class MapOf(Struct, Generic[K, T], frozen=True, kw_only=True):
    """A mapping with names of the user's own."""

    name: Text[K]
    item: Shape[T]
    kinds: tuple[Kind, ...] = (Kind.MAPPING,)

    def read(self, node: Node, path: str) -> dict[K, T]:
        check_kind(node, path, self.kinds)
        values: dict[K, T] = {}
        faults: list[Fault] = []
        for key, item, where in unique(node, path, faults):
            try:
                name = self.name.read(key, where)
                values[name] = self.item.read(item, where)
            except FaultsError as error:
                faults += error.faults
        if faults:
            raise FaultsError(*faults)
        return values

    def schema(self) -> dict[str, Any]:
        names = {"propertyNames": dict(self.name.json)} if self.name.json else {}
        return {"type": "object", "additionalProperties": self.item.schema(), **names}


def unique(node: Node, path: str, faults: list[Fault]) -> list[tuple[Node, Node, str]]:
    """The entries of a mapping with the paths of their keys; a key that comes twice is a fault."""
    found: dict[str, tuple[Node, Node, str]] = {}
    for key, value in node.entries:
        where = at(path, key.text)
        if key.kind in {Kind.LIST, Kind.MAPPING, Kind.NULL}:
            faults.append(Fault(key.line, path, f"has a key that is {key.kind}"))
        elif key.text in found:
            first = found[key.text][0].line
            faults.append(Fault(key.line, where, f"the key stands here twice; first on line {first}"))
        else:
            found[key.text] = (key, value, where)
    return list(found.values())
