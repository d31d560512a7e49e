"""Parameters that pages use: Hugo's `config.yaml`, the classic `modules.yaml` and `workshop.yaml` (educates.md §2)."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Assigned, Finding, Source
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import Node, Scalar, at, items, mappings, string

_LISTS = frozenset({"params", "vars"})


def find(source: Source) -> Iterator[Finding]:
    for document in documents(source.text):
        for root in document.roots:
            for node, _ in mappings(root):
                for name, value in node.items():
                    if name in _LISTS:
                        yield from _list(value)


def _list(node: Node) -> Iterator[Finding]:
    for item in items(node):
        name, value = string(at(item, "name")), at(item, "value")
        if not name or not isinstance(value, Scalar):
            continue
        yield Assigned(name, value.value)
        part = value.text.part(0, len(value.text))
        if part is not None and _is_telling(value.value):
            yield Mention(
                text=value.value,
                parts=(part,),
                context=Context.OTHER,
                pulled_by=Puller.NONE,
                spelling=Spelling.COMMAND,
            )


def _is_telling(value: str) -> bool:
    return ("/" in value or ":" in value) and value[0] not in "/." and "://" not in value and is_name(value)
