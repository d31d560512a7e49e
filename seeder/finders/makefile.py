"""Makefiles and Justfiles: commands of a session where they stand among its files, else the author's own build."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders import macros
from seeder.finders.commands import interpreter
from seeder.finders.finding import Built, Finding, Source
from seeder.finders.session import AUTHORS, is_exercise, local, told
from seeder.syntax.text import Text

_RECIPE = re.compile(r"^(?:(?:\t| {2,})[ \t]*|[\w./%-][^\n:=;]*:(?![:=])[^\n:=;]*;[ \t]*)", re.MULTILINE)
_VALUE = re.compile(
    r"^(?:export[ \t]+|override[ \t]+)*(?P<name>[A-Za-z_][\w-]*)[ \t]*(?:::?:?|\?)?=[ \t]*"
    r"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<plain>[^\s#]+))[ \t]*\r?(?:#[^\n]*)?$",
    re.MULTILINE,
)
_USE = re.compile(r"\$[({](?P<name>[A-Za-z_]\w*)[)}]")
_JUST_USE = re.compile(r"\{\{[ \t]*(?P<name>[A-Za-z_][\w-]*)[ \t]*\}\}")
_MARKS = re.compile(r"[@+-]*[ \t]*")  # make's own, before a command and not in the lines that continue it


def find(source: Source) -> Iterator[Finding]:
    """The images that recipes name; an author's are told, and pulled by no session; what has no registry stays here."""
    use = _JUST_USE if "just" in source.name.lower() else _USE
    recipes = macros.filled(_recipes(source.text), use, _values(source.text))
    found = list(interpreter.run(source, [recipes]))
    if is_exercise(source.path):
        yield from found
        return
    yield from told(iter(found), AUTHORS)
    yield from local(one for one in found if isinstance(one, Built))


def _values(text: Text) -> dict[str, Text]:
    """What the file's variables are; of one that is set twice, the value that stands last."""
    found = {}
    for match in _VALUE.finditer(text.content):
        group = next(group for group in ("double", "single", "plain") if match[group] is not None)
        found[match["name"]] = text.slice(*match.span(group))
    return found


def _recipes(text: Text) -> Text:
    content = text.content
    parts = []
    for match in _RECIPE.finditer(content):
        start = match.end()
        if not content.endswith(("\\\n", "\\\r\n"), 0, match.start()) and (marks := _MARKS.match(content, start)):
            start = marks.end()
        end = content.find("\n", start)
        parts.append(text.slice(start, len(text) if end < 0 else end + 1))
    return Text.joined(text.file, parts)
