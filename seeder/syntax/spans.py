"""Code in Markdown's prose that may be a command of its own: with an action behind it, or alone in its line.

In `` Type `ls` `` a word of a sentence is set as code; that is no command to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Katacoda's actions, which the classic renderer took over: `{{execute}}`, `{{copy}}`, `{{execute T2}}`; Killercoda's
# `{{exec}}`.
ACTION = r"\{\{(?:[ \t]*(?P<action>exec(?:ute)?|copy)\b)?[^{}\n]*\}\}"
_CODE = r"(?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^`\n]+)(?P=ticks)(?!`)"
_ACTED = re.compile(_CODE + ACTION)
# The end of code that began on a line before, and what may be its beginning.
_END = re.compile(rf"(?P<code>[^`\n]*)(?P<ticks>`{{1,3}})(?!`){ACTION}")
_TICKS = re.compile(r"`+")
_ALONE = re.compile(rf"[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?{_CODE}[ \t]*\Z")
# Next to such a line stands the text that leads to it, or what begins anew: no sentence that goes on through it.
_APART = re.compile(r"[ \t>]*(?:\Z|[-*+#|~]|`{3}|\d{1,9}[.)][ \t])")
_ENDS = (":", ".", "!", "?")


def spans(before: str, line: str, after: str) -> Iterator[tuple[str, int, int]]:
    """The action and the place in a line of each command; one without an action is a line of its own."""
    for match in _ACTED.finditer(line):
        if action := action_of(match):
            yield action, *match.span("code")
    alone = _ALONE.match(line)
    if alone and _leads(before, line) and (_APART.match(after) or _ALONE.match(after)):
        yield "", *alone.span("code")


def action_of(match: re.Match[str]) -> str:
    """The action that a mark names; empty where we do not know it."""
    return "execute" if match["action"] == "exec" else match["action"] or ""


def ended(line: str) -> tuple[str, str, int] | None:
    """The action, the ticks and the place of the end of code that an action follows and that began above the line."""
    match = _END.match(line)
    action = action_of(match) if match else ""
    return (action, match["ticks"], match.end("code")) if match and action else None


def left_open(line: str) -> tuple[str, int] | None:
    """The ticks of code that goes on in the next line, and where it begins."""
    opened: re.Match[str] | None = None
    for match in _TICKS.finditer(line):
        if opened is None:
            opened = match
        elif opened[0] == match[0]:
            opened = None
    return (opened[0], opened.end()) if opened else None


def _leads(before: str, line: str) -> bool:
    begins = bool(_APART.match(line) or _APART.match(before) or _ALONE.match(before))
    return begins or before.rstrip(" \t*_").endswith(_ENDS)
