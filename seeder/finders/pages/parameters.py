"""Parameters that pages use: Hugo's `config.yaml`, the classic `modules.yaml` and `workshop.yaml` (educates.md §2)."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Assigned, Finding, Slot, Source
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Puller, Spelling
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, items, mappings, string

_NAMED = Slot(context=Context.OTHER, pulled_by=Puller.NONE, spelling=Spelling.COMMAND)
_LISTS = frozenset({"params", "vars"})


def find(source: Source) -> Iterator[Finding]:
    for document in documents(source.text):
        for root in document.roots:
            for node, _ in mappings(root):
                for name, value in node.items():
                    if name in _LISTS:
                        for key, given in _given(value):
                            yield from _parameter(key, given)


def _given(node: Node) -> Iterator[tuple[str, Node | None]]:
    """Items of name and value, or the workshop's file of older classic pages: the names themselves."""
    if isinstance(node, Mapping):
        yield from node.items()
    for item in items(node):
        yield string(at(item, "name")), at(item, "value")


def _parameter(name: str, value: Node | None) -> Iterator[Finding]:
    if not name or not isinstance(value, Scalar):
        return
    yield Assigned(name, value.value)
    if _is_telling(value.value):
        yield from _NAMED.whole(value.text)


def _is_telling(value: str) -> bool:
    return ("/" in value or ":" in value) and value[0] not in "/." and "://" not in value and is_name(value)
