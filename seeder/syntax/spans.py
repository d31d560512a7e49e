"""Code in lines of Markdown's prose that may be a command of its own: with an action behind it, or alone in its line.

In `` Type `ls` `` a word of a sentence is set as code; that is no command to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Katacoda's actions, which the classic renderer took over: `{{execute}}`, `{{copy}}`, `{{execute T2}}`.
ACTION = r"\{\{(?:[ \t]*(?P<action>execute|copy)\b)?[^{}\n]*\}\}"
_CODE = r"(?<!`)(?P<ticks>`{1,2})(?!`)(?P<code>[^`\n]+)(?P=ticks)(?!`)"
_ACTED = re.compile(_CODE + ACTION)
_ALONE = re.compile(rf"[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?{_CODE}[ \t]*\Z")
# Next to such a line stands the text that leads to it, or what begins anew: no sentence that goes on through it.
_APART = re.compile(r"[ \t>]*(?:\Z|[-*+#|~]|`{3}|\d{1,9}[.)][ \t])")
_ENDS = (":", ".", "!", "?")


def spans(before: str, line: str, after: str) -> Iterator[tuple[str, int, int]]:
    """The action and the place in a line of each command; one without an action is a line of its own."""
    for match in _ACTED.finditer(line):
        if match["action"]:
            yield match["action"], *match.span("code")
    alone = _ALONE.match(line)
    if alone and _leads(before, line) and (_APART.match(after) or _ALONE.match(after)):
        yield "", *alone.span("code")


def _leads(before: str, line: str) -> bool:
    begins = bool(_APART.match(line) or _APART.match(before) or _ALONE.match(before))
    return begins or before.rstrip(" \t*_").endswith(_ENDS)
