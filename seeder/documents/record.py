"""Mappings with known keys, and values that may be written in two ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from seeder.documents.fault import Fault, FaultsError, near
from seeder.documents.node import Kind, Node
from seeder.documents.shape import Shape, check_kind, unique

T = TypeVar("T")


class Key(Struct, frozen=True, kw_only=True):
    """A known key: its shape, what it is for, and whether it must be there."""

    shape: Shape[Any]
    about: str
    required: bool = False


class Record(Struct, Generic[T], frozen=True, kw_only=True):
    """A mapping with known keys, `x-` keys beside them; `build` takes the values that are there, and the line.

    `build` may raise FaultsError with paths below the record's own, which it gets as well.
    """

    keys: Mapping[str, Key]
    build: Callable[[Mapping[str, Any], Node, str], T]
    about: str = ""
    kinds: tuple[Kind, ...] = (Kind.MAPPING,)

    def read(self, node: Node, path: str) -> T:
        check_kind(node, path, self.kinds)
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for key, item, where in unique(node, path, faults):
            if key.text.startswith("x-"):
                continue
            known = self.keys.get(key.text)
            if known is None:
                faults.append(Fault(key.line, where, f"unknown key{near(key.text, self.keys)}"))
                continue
            try:
                values[key.text] = known.shape.read(item, where)
            except FaultsError as error:
                faults += error.faults
        named = {key.text for key, _ in node.entries}
        missing = [name for name, key in self.keys.items() if key.required and name not in named]
        faults += [Fault(node.line, path, f"the key {name} is missing ({self.keys[name].about})") for name in missing]
        if faults:
            raise FaultsError(*faults)
        return self.build(values, node, path)

    def schema(self) -> dict[str, Any]:
        required = [name for name, key in self.keys.items() if key.required]
        return {
            "type": "object",
            **({"description": self.about} if self.about else {}),
            "properties": {name: {"description": key.about, **key.shape.schema()} for name, key in self.keys.items()},
            "patternProperties": {"^x-": {}},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


class Either(Struct, Generic[T], frozen=True):
    """A short and a long way to write the same; they differ in the type of YAML."""

    short: Shape[T]
    long: Shape[T]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (*self.short.kinds, *self.long.kinds)

    def read(self, node: Node, path: str) -> T:
        check_kind(node, path, self.kinds)
        shape = self.short if node.kind in self.short.kinds else self.long
        return shape.read(node, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.short.schema(), self.long.schema()]}
