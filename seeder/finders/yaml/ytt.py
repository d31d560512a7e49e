"""What ytt computes: to a YAML parser its expressions are comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Unparsed
from seeder.syntax.text import Text

_FIELD = re.compile(r"^[ \t-]*(?P<key>\w+):[ \t]*#@[ \t](?P<expression>[^\r\n]*)", re.MULTILINE)
_QUOTES = re.compile("[\"']")
_JOINS = re.compile(r"[+%]|\.(?:format|join)\(")


def joined(text: Text) -> Iterator[Unparsed]:
    """Images whose names an expression joins of strings, and which therefore stand nowhere."""
    for match in _FIELD.finditer(text.content) if "#@" in text.content else ():
        expression = match["expression"]
        is_image = match["key"].lower().endswith("image")
        if is_image and _QUOTES.search(expression) and _JOINS.search(expression):
            part = text.part(match.start("key"), match.end("key"))
            where = f"line {part.line}: " if part else ""
            yield Unparsed(f"{where}ytt joins the name of an image, which is not looked for")
