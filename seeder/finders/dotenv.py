"""`.env` files: what compose and scripts put in for variables (docs.docker.com, "Syntax for environment files")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Assigned, Finding, Source
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Mention, Puller

_LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>[^\"\r\n]*)\"|'(?P<single>[^'\r\n]*)'|(?P<plain>(?:[^\s#]|(?<![ \t])#)*))",
    re.MULTILINE,
)


def find(source: Source) -> Iterator[Finding]:
    for match in _LINE.finditer(source.text.content):
        group = next(group for group in ("double", "single", "plain") if match[group] is not None)
        yield Assigned(match["name"], match[group])
        part = source.text.part(*match.span(group))
        if part is not None and "IMAGE" in match["name"].upper() and _is_telling(match[group]):
            yield Mention(text=match[group], parts=(part,), context=Context.COMPOSE, pulled_by=Puller.DOCKERD)


def _is_telling(value: str) -> bool:
    """A whole reference, and not a path, a switch or half a name."""
    return ("/" in value or ":" in value) and value[0] not in "/." and is_name(value)
