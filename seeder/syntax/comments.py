"""What a comment on a line of its own speaks of: the next line, and before a code block of a page all of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def lines_after(lines: Sequence[str], line: int) -> range:
    """The line after `line`, or the code block that begins there; lines count from 1."""
    fence = _FENCE.match(lines[line]) if line < len(lines) else None
    if fence is None:
        return range(line + 1, line + 2)
    for number in range(line + 1, len(lines)):
        if lines[number].strip(" \t\r>").startswith(fence[1]):
            return range(line + 1, number + 2)
    return range(line + 1, len(lines) + 1)
