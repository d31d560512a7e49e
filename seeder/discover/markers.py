"""What authors say in comments: `# seeder: ignore – why` skips a line, `# seeder: image` says that it names an image.

A comment of its own (`#`, `//`, `--`, `;` or `<!-- -->`) speaks of the next line, and before a code block of all of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from seeder.finders.finding import Slot
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.comments import is_alone, lines_after
from seeder.syntax.text import Text

MARK = b"seeder:"
_MARKER = re.compile(
    r"^(?P<before>[^\n]*?)(?:\#|//|<!--|--|;|/\*)[ \t]*seeder:[ \t]*(?P<verb>ignore|image)\b(?P<why>[^\n]*)$",
    re.MULTILINE,
)
_TOKEN = re.compile(r"[^\s\"'`,=()\[\]{}<>]+")
_NAMED = Slot(context=Context.OTHER, pulled_by=Puller.CLI)
_TOLD = "told to be skipped"


class _Marker(Struct, frozen=True):
    """`lines` counts from 1."""

    verb: str
    lines: range
    why: str


def marked(text: Text, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions as the file's markers want them."""
    lines = text.content.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    ignored: dict[int, str] = {}
    named: list[int] = []
    for marker in _markers(text.content, lines, starts):
        if marker.verb == "ignore":
            ignored.update(dict.fromkeys(marker.lines, marker.why))
        else:
            named.append(marker.lines.start)
    result = [_ignored(one, ignored[_line(one)]) if _line(one) in ignored else one for one in mentions]
    wanted = frozenset(named)
    result = [_wanted(one) if _line(one) in wanted else one for one in result]
    known = {_line(one) for one in result if one.pulled}
    for line in dict.fromkeys(named):
        if line <= len(lines) and line not in known:
            result += _named(text, lines[line - 1], starts[line - 1])
    return result


def _line(mention: Mention) -> int:
    return mention.parts[0].line if mention.parts else 0


def _markers(content: str, lines: Sequence[str], starts: Sequence[int]) -> Iterator[_Marker]:
    covered = 0
    for match in _MARKER.finditer(content):
        line = bisect_right(starts, match.start())
        if line < covered:
            continue
        meant = lines_after(lines, line) if is_alone(match["before"]) else range(line, line + 1)
        covered = meant.stop - 1
        yield _Marker(match["verb"], meant, match["why"].strip(" \t\r-–:()>*/"))


def _ignored(mention: Mention, why: str) -> Mention:
    return mention.unpulled(f"{_TOLD}: {why}" if why else _TOLD)


def _wanted(mention: Mention) -> Mention:
    """A mention that stands whole where the author says that there is an image: then no doubt holds it."""
    is_whole = [part.text for part in mention.parts] == [mention.text]
    return replace(mention, reason="") if mention.pulled and is_whole else mention


def _named(text: Text, line: str, start: int) -> Iterator[Mention]:
    """The last word of a line that can be a reference and no mere word."""
    written = _MARKER.match(line)
    shown = written["before"] if written else line
    for match in reversed(list(_TOKEN.finditer(shown))):
        if re.search(r"[/:]", match[0]) and is_name(match[0]):
            yield from _NAMED.whole(text.slice(start + match.start(), start + match.end()))
            return
