"""Covers templates so that the YAML around them parses, each character in its place.

Helm's and Jinja's marks are written over with characters of the same number: a directive that stands alone on its
lines with blanks, an expression inside a line with letters that YAML takes for a word.
"""

from __future__ import annotations

import re

COVER = "\ue000"  # of the private use area, printable for YAML
_PAIRS = {"{{": "}}", "{%": "%}"}
_OPEN = re.compile(r"\{\{|\{%")
_REST = re.compile(
    r"%[A-Za-z_][A-Za-z0-9_]*%|@[A-Za-z_][A-Za-z0-9_.]*@|\(@[^@\r\n]*@\)|<%[^%\r\n]*%>"
    r"|\$\{[^{}\r\n]*\}|`[^`\r\n]*`|<[A-Za-z][A-Za-z0-9 _-]*>"
)


def cover(content: str) -> tuple[str, bool]:
    """The text with `{{ … }}` and `{% … %}` covered, and whether there were any."""
    spans = _spans(content)
    if not spans:
        return content, False
    parts, at = [], 0
    for start, end, alone in spans:
        parts.append(content[at:start])
        parts.append((" " if alone else COVER) * (end - start))
        at = end
    parts.append(content[at:])
    return "".join(parts), True


def cover_rest(content: str) -> str:
    """The text with rarer marks covered too (`%name%`, `@name@`, `(@ … @)`, `<% … %>`, `${…}`, `<placeholder>`).

    These are legal in many places, so this is for a text that did not parse.
    """
    return _REST.sub(lambda match: COVER * len(match[0]), content)


def _spans(content: str) -> list[tuple[int, int, bool]]:
    spans: list[tuple[int, int]] = []
    closed: dict[str, bool] = {}
    match = _OPEN.search(content)
    while match is not None:
        close = _PAIRS[match[0]]
        end = -1 if closed.get(close) is False else content.find(close, match.end())
        if end < 0:
            closed[close] = False  # no other can be closed either: keeps this linear
            match = _OPEN.search(content, match.end())
            continue
        # `{{ {…}}}`: the mark closes with the last two braces, unless the third is that of a YAML mapping around it
        inside = content[match.end() : end]
        spare = inside.count("{") - inside.count("}") if close == "}}" else 0
        end += len(close)
        while spare > 0 and content[end : end + 1] == "}":
            end, spare = end + 1, spare - 1
        spans.append((match.start(), end))
        match = _OPEN.search(content, end)
    return _with_alone(content, spans)


def _with_alone(content: str, spans: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """Says of each span whether only blanks and other spans stand on its lines."""
    result: list[tuple[int, int, bool]] = []
    group: list[tuple[int, int]] = []
    for span in spans:
        if group and not _blank(content[group[-1][1] : span[0]]):
            result += _judged(content, group)
            group = []
        group.append(span)
    return result + (_judged(content, group) if group else [])


def _judged(content: str, group: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    start, end = group[0][0], group[-1][1]
    while start and content[start - 1] in " \t":
        start -= 1
    while end < len(content) and content[end] in " \t":
        end += 1
    alone = (not start or content[start - 1] in "\r\n") and (end == len(content) or content[end] in "\r\n")
    return [(low, high, alone) for low, high in group]


def _blank(text: str) -> bool:
    return not text.strip(" \t") and "\n" not in text and "\r" not in text
