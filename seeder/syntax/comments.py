"""What a comment on a line of its own speaks of.

The next line, with those that a backslash continues it on, and before a code block of a page all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

_OURS = re.compile(r"[ \t>*-]*(?:#|<!--|//|/\*|\{#|--|;)[ \t]*seeder[ \t]*:")
_STACKED = 8  # comments one below the other that speak of the same lines
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def is_alone(before: str) -> bool:
    """Whether a comment has its line to itself, by what stands before it there: nothing, or the mark of a list."""
    return not before.strip(" \t>-*")


def lines_after(lines: Sequence[str], line: int) -> range:
    """The line after `line` and comments of the same kind, as far as backslashes continue it, or the block that begins
    there; lines count from 1.
    """
    line += sum(1 for _ in takewhile(_OURS.match, lines[line : line + _STACKED]))
    fence = _FENCE.match(lines[line]) if line < len(lines) else None
    if fence is None:
        going_on = sum(1 for _ in takewhile(_goes_on, lines[line:]))
        return range(line + 1, line + 2 + going_on)
    for number in range(line + 1, len(lines)):
        if lines[number].strip(" \t\r>").startswith(fence[1]):
            return range(line + 1, number + 2)
    return range(line + 1, len(lines) + 1)


def _goes_on(line: str) -> bool:
    return line.rstrip("\r").endswith("\\") and not _OURS.match(line)
