"""What a chart's templates make of its values: a name behind a registry that stands there, or no image at all.

`docker.io/{{ .Values.image.repository }}` has no room for a registry in the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Source, Spent
from seeder.finders.yaml import charts

_FOLDER = "templates"
_VALUE = re.compile(r"\{\{-?(?P<before>[^{}]{0,200}?)\.Values\.(?P<path>[\w.]{1,200})[^{}]{0,400}\}\}")
_NAMES = re.compile(r"(?:.*\.)?(?:repository|\w*[iI]mage)\Z")
# What stands before a value on its line: a key for an image, and perhaps more.
_IMAGE = re.compile(r"[iI]mage\"?:[ \t]*[\"']?(?P<prefix>.*)\Z")
_OWN_REGISTRY = re.compile(r"\{\{-?\s*\.Values\.(?P<above>[\w.]+)\.registry\s*-?\}\}/\Z")
_FORMAT = re.compile(r"printf\s+\"(?!%s)")
_REACH = 400


def spent(source: Source) -> Iterator[Spent]:
    """The values that a template makes something of to which a rehosted name would be no help."""
    parts = source.path.parts
    if _FOLDER not in parts[1:-1] or source.kind:
        return
    folder = parts[parts.index(_FOLDER, 1) - 1]
    content = source.text.content
    for match in _VALUE.finditer(content):
        if _NAMES.match(match["path"]):
            start = max(content.rfind("\n", 0, match.start()) + 1, match.start() - _REACH)
            yield from _use(charts.value(folder, match["path"]), match, content[start : match.start()])


def _use(variable: str, match: re.Match[str], before: str) -> Iterator[Spent]:
    position = _IMAGE.search(before)
    if position is None:
        if not re.search(r"\b(?:if|with|eq|ne|and|or|not|default|required|define|include)\b", match["before"]):
            yield Spent(variable, f"a template makes something else of it as well ({match[0][:80]})", is_bare=True)
        return
    prefix = position["prefix"]
    registry = _OWN_REGISTRY.match(prefix)
    is_own = registry is not None and match["path"].startswith(f"{registry['above']}.")
    is_chosen = re.match(r"\{\{-?\s*(?:if|with)\b", prefix)
    if (prefix and not is_own and not is_chosen) or _FORMAT.search(match["before"]):
        shown = f"{prefix}{match[0]}"
        yield Spent(variable, f"a template puts something before it, where a registry cannot follow ({shown[:80]})")
