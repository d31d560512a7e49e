"""Names as they look once they name a target, and whether what a script makes of them is then still the same."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from seeder.syntax.shell_nodes import Guard

_CUTS = re.compile(r"(##?|%%?)(.+)", re.DOTALL)
_LONGEST = 300  # characters of a value that something is cut out of


def rehosted(value: str) -> str:
    """A stand-in, since nobody knows the target here."""
    tagged = value if re.search(r":[^/]*\Z|@", value) else f"{value}:latest"
    return f"registry.test/{tagged}" if "/" in value else f"registry.test/library/{tagged}"


def is_met(guard: Guard, value: str) -> bool:
    """Whether a value of its subject meets a condition."""
    return any(fnmatchcase(value, pattern.value) for pattern in guard.patterns) == guard.is_met


def is_judged_alike(guard: Guard, value: str) -> bool:
    """Whether a condition says the same of a rehosted name."""
    return is_met(guard, value) == is_met(guard, rehosted(value))


def is_cut_alike(value: str, rest: str) -> bool:
    """Whether what `${x…}` makes of a value is the same for a rehosted one: its tag, its last part."""
    if rest.startswith("/"):
        return True  # it is made fit for something else already
    cut = _CUTS.fullmatch(rest)
    return cut is not None and _cut(value, *cut.groups()) == _cut(rehosted(value), *cut.groups())


def _cut(value: str, operator: str, pattern: str) -> str:
    """`${x##*/}`, `${x%:*}` and their kin."""
    length = len(value)
    is_front, is_longest = operator[0] == "#", len(operator) == 2
    sizes = range(length, -1, -1) if is_longest else range(length + 1)
    for size in sizes if length < _LONGEST else ():
        piece = value[:size] if is_front else value[length - size :]
        if fnmatchcase(piece, pattern):
            return value[size:] if is_front else value[: length - size]
    return value
