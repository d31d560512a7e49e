"""Variables of tools that put them in as text: make, just, Task, AsciiDoc's attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from seeder.syntax.text import Text

_ROUNDS = 4  # values in values
_LONGEST = 65_536  # characters that values bring into a text


def filled(text: Text, use: re.Pattern[str], values: Mapping[str, Text]) -> Text:
    """The text with each use of a known variable (the group `name`) replaced by its value, wherever that stands."""
    left = _LONGEST
    for _ in range(_ROUNDS if values else 0):
        parts: list[Text] = []
        at = 0
        for match in use.finditer(text.content):
            value = values.get(match["name"])
            if value is None or (left := left - len(value)) < 0:
                continue
            parts += [text.slice(at, match.start()), value]
            at = match.end()
        if not parts:
            break
        text = Text.joined(text.file, [*parts, text.slice(at, len(text))])
    return text
