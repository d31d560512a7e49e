"""Regular expressions that others wrote, so far as it is known how long matching them can take."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from msgspec import Struct

# Characters, classes, anchors, the marks of groups and of looking around, and what repeats the one before.
_TOKEN = re.compile(
    r"(?P<close>\))|(?P<or>\|)|(?P<repeat>(?:(?P<sign>[*+?])|\{(?P<least>\d{1,4})(?P<range>,(?P<most>\d{0,4}))?\})\??)"
    r"|\\[^\d\n]|\[\^?\]?(?:\\.|[^\]\\\n])*\]|\((?:\?:|\?<?[=!]|\?<\w+>)?(?!\?)|[^\\()\[*+?{}\n]"
)
_MANY = 9  # of a character and more are as good as endless
_NAMED_GROUP = re.compile(r"\(\?<(?=\w)")


class Pattern(Struct, frozen=True):
    """A regular expression.

    `endless` is how many of its repetitions have no end, each of which may try every end of a line; `choices` is in how
    many ways all others can be read.
    """

    compiled: re.Pattern[str]
    endless: int = 0
    choices: int = 1

    def cost(self, line: str) -> int:
        """The most steps that a search in a line takes."""
        return int(len(line) ** (self.endless + 1)) * self.choices


@lru_cache(256)
def parsed(text: str) -> Pattern | None:
    """A regular expression of JavaScript's; None where it is none, or where matching it might not end.

    That is where a group is repeated, or referred back to.
    """
    at, endless, choices, after_group = 0, 0, 1, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (token["repeat"] and after_group):
            return None
        ways = _ways(token)
        endless, choices = (endless + 1, choices) if ways > _MANY else (endless, choices * ways)
        at, after_group = token.end(), bool(token["close"])
    try:
        with warnings.catch_warnings(action="ignore"):
            return Pattern(re.compile(_NAMED_GROUP.sub("(?P<", text)), endless, choices)
    except (re.error, OverflowError, RecursionError):
        return None


def _ways(token: re.Match[str]) -> int:
    """How many ways there are to go on at a token."""
    if token["or"] or token["sign"] == "?":
        return 2
    if token["sign"]:
        return _MANY + 1
    if token["range"]:
        return max(1, int(token["most"]) - int(token["least"]) + 1) if token["most"] else _MANY + 1
    return 1
