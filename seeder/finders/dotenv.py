"""`.env` files, for compose and scripts (docs.docker.com, "Syntax for environment files"), and scripts of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Assigned, Finding, Slot, Source
from seeder.finders.variables import is_image_variable, is_name
from seeder.finders.yaml.given import is_tagged
from seeder.model.occurrence import Context, Puller, Spelling
from seeder.syntax.text import Text

_COMPOSE = Slot(context=Context.COMPOSE, pulled_by=Puller.DOCKERD)
_PULLED = Slot(context=Context.SHELL_COMMAND, pulled_by=Puller.DOCKERD, spelling=Spelling.COMMAND)
_DEPLOYED = Slot(context=Context.SHELL_COMMAND, pulled_by=Puller.KUBELET, spelling=Spelling.COMMAND)
_NAMED = Slot(context=Context.SHELL_COMMAND, pulled_by=Puller.NONE, spelling=Spelling.COMMAND)
_WHOLE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s@:]+[:@]")
_HOMEROOM = re.compile(r"(?:^|/)\.workshop/")  # what its scripts deploy to the cluster by
# IMAGE_REPOSITORY, IMAGE_PREFIX, IMAGE_PULL_SECRET: a name's beginning, or what is beside it
_PART = re.compile(r".*IMAGE(?:_\w+)?_?(?:REPO|REGISTR|PREFIX|NAMESPACE|HOST|SECRET|PATH|DIR|FILE)", re.IGNORECASE)
_BEGINNING = re.compile(r"\$[({]?(\w+)[)}]?/")
_LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>[^\"\r\n]*)\"|'(?P<single>[^'\r\n]*)'|(?P<plain>(?:[^\s#]|(?<![ \t])#)*))",
    re.MULTILINE,
)


def find(source: Source) -> Iterator[Finding]:
    beginnings = frozenset(_BEGINNING.findall(source.text.content))
    for name, value in _values(source):
        yield Assigned(name, value.content)
        is_image = "IMAGE" in name.upper() and _is_telling(value.content)
        if is_image and (is_tagged(value.content) or not (_PART.match(name) or name in beginnings)):
            yield from _COMPOSE.whole(value)


def settings(source: Source) -> Iterator[Finding]:
    """What scripts see that source this one; a name without tag or registry counts where one of them pulls it."""
    pulled = _DEPLOYED if _HOMEROOM.search(str(source.path)) else _PULLED
    for name, value in _values(source):
        if "$" in value.content:
            continue
        yield Assigned(name, value.content)
        if _is_telling(value.content):
            is_whole = "_" in name and is_image_variable(name) and bool(_WHOLE.match(value.content))
            yield from (pulled if is_whole else _NAMED).whole(value)


def _values(source: Source) -> Iterator[tuple[str, Text]]:
    for match in _LINE.finditer(source.text.content):
        group = next(group for group in ("double", "single", "plain") if match[group] is not None)
        yield match["name"], source.text.slice(*match.span(group))


def _is_telling(value: str) -> bool:
    """A whole reference, and not a path, a switch or half a name."""
    return ("/" in value or ":" in value) and value[0] not in "/." and is_name(value)
