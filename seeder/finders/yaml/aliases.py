"""Values with an anchor that serve for an image and for something else: `name: &n nginx`, `image: *n`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seeder.finders.marks import Marks, is_bare
from seeder.syntax.yaml_nodes import Node, Scalar, items, mappings

HAS_ALIAS = re.compile(r"[:,\[{-][ \t]+\*\w")
# Keys whose value is an image's name or a part of one, and those that only hold it for others.
_IMAGE = re.compile(r"(?i:.*image.*|repository|newName|from|x-.*|)\Z")


def marks(roots: Iterable[Node]) -> Marks:
    """The values that stand at keys of both kinds."""
    keys: dict[int, set[str]] = {}
    values: dict[int, Scalar] = {}
    for key, value in _values(roots):
        keys.setdefault(id(value), set()).add(key)
        values[id(value)] = value
    found = Marks()
    for number, names in keys.items():
        other = min((name for name in names if not _IMAGE.match(name)), default="")
        if other and len(names) > 1 and is_bare(values[number].value):
            found.add(
                values[number].text, f"its text is the value of {other} as well, where a rehosted name would not do"
            )
    return found


def _values(roots: Iterable[Node]) -> Iterator[tuple[str, Scalar]]:
    for root in roots:
        for node, _ in mappings(root):
            for key, value in node.entries:
                name = key.value if isinstance(key, Scalar) else ""
                for one in (value, *items(value)):
                    if isinstance(one, Scalar):
                        yield name, one
