"""Makefiles and Justfiles: commands of a session where they stand among its files, else the author's own build."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.commands import interpreter
from seeder.finders.finding import Finding, Source
from seeder.finders.session import AUTHORS, is_exercise, told
from seeder.syntax.text import Text

_RECIPE = re.compile(r"^(?:\t| {2,})[ \t]*", re.MULTILINE)
_MARKS = re.compile(r"[@+-]*[ \t]*")  # make's own, before a command and not in the lines that continue it


def find(source: Source) -> Iterator[Finding]:
    """The images that recipes name; an author's are told, and pulled by no session."""
    found = interpreter.run(source, [_recipes(source.text)])
    yield from found if is_exercise(source.path) else told(found, AUTHORS)


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
