"""Makefiles and Justfiles: the author's own build. What they name is told, and not pulled by a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seeder.finders.commands import interpreter
from seeder.finders.finding import Finding, Source
from seeder.model.occurrence import Mention, Puller
from seeder.syntax.text import Text

_RECIPE = re.compile(r"^(?:\t| {2,})[ \t]*", re.MULTILINE)
_MARKS = re.compile(r"[@+-]*[ \t]*")  # make's own, before a command and not in the lines that continue it
_REASON = "the author's own build"


def find(source: Source) -> Iterator[Finding]:
    """The images that recipes name; what they build is what sessions pull later, so that it is not taken for built."""
    for finding in interpreter.run(source, [_recipes(source.text)]):
        if isinstance(finding, Mention):
            yield replace(finding, pulled=False, pulled_by=Puller.NONE, reason=finding.reason or _REASON)


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
