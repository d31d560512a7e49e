"""Where a text may hold a command that matters: most lines of most scripts hold none, and need not be read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice

from seeder.finders.commands.tools import TOOLS
from seeder.syntax.words import any_of

_SHORT = re.compile(r"\b(?:k|oc|kn|kp|az|yq|jq|sed) ")
_MAKERS = ("build", "publish", "containeri")  # what `others` reads a tool by
_WORDS = ("docker", "podman", "kube", "image", "Image", "FROM ", "<<", "read ", "xargs", "WORKSHOP_ENV", "--set")
# `sed` is in half of all words: its name is looked for where a command stands.
_KNOWN = re.compile(any_of([*_WORDS, *_MAKERS, *(name for name in TOOLS if len(name) > 2 and name != "sed")]))
# What says when a command runs: braces, branches and tests; a label of `case` stands before a bracket that closes.
_BRACES = re.compile(
    r"^[ \t]*+(?:[{}]|(?:if|then|elif|else|fi|case|esac|test|\[)(?=[\s;\[]|$))|[{}](?=[ \t;]*+$)|;[ \t]*+(?:fi|esac)\b",
    re.MULTILINE,
)
_LABEL = re.compile(r"^[ \t]*+\(?[^()\n#]++\)|;;", re.MULTILINE)
_USED = re.compile(r"\$\{?(\w++)")
_MAX_USED = 100
_FUNCTION = re.compile(
    r"^[ \t]*+(?:function[ \t]++([\w-]++)|alias[ \t]++([\w-]++)=|([\w-]++)[ \t]*+\([ \t]*+\))", re.MULTILINE
)
_MAX_FUNCTIONS = 100
_TELLING = 40  # characters of a function's name that are looked for
_SETS = re.compile(
    r"(?:^|[;&|(\s])(?:\"?\$\{?[\w@*]|(?:k|oc|kn|kp|az|yq|jq|sed|for|select)(?=[ \t])|shift\b|\w++\+?=)",
    re.MULTILINE,
)


def may_hold(content: str) -> bool:
    """Whether a text may hold any command that we know of."""
    return bool(_KNOWN.search(content) or _SHORT.search(content))


def own_names(contents: Iterable[str]) -> set[str]:
    """The functions and aliases that some texts define, as many as are looked for."""
    found = chain.from_iterable(map(_FUNCTION.finditer, contents))
    return {match[match.lastindex or 0] for match in islice(found, _MAX_FUNCTIONS)}


def places(content: str, names: Iterable[str] = ()) -> list[int]:
    """Where the lines begin that hold a command that we know of, or one that sets or uses what such a command uses.

    `names` are those of commands that the text itself defines.
    """
    known = set(_lines(_KNOWN, content))
    used = dict.fromkeys(chain.from_iterable(_USED.findall(content, at, _end(content, at)) for at in sorted(known)))
    found = known.union(*(_lines(pattern, content) for pattern in (_SETS, _BRACES)))
    if "esac" in content:
        found.update(_lines(_LABEL, content))
    for name in names:
        found.update(_lines_with(name[:_TELLING], content))
    names_used = set(islice(used, _MAX_USED))
    return sorted(found.union(_lines_using(names_used, content)))


def _lines(pattern: re.Pattern[str], content: str) -> Iterator[int]:
    """Where the lines begin in which a match of a pattern ends."""
    at = 0
    while match := pattern.search(content, at):
        yield content.rfind("\n", 0, match.end()) + 1
        at = _end(content, match.end()) + 1


def _lines_with(name: str, content: str) -> Iterator[int]:
    at = content.find(name)
    while at >= 0:
        yield content.rfind("\n", 0, at) + 1
        at = content.find(name, _end(content, at))


def _lines_using(names: Collection[str], content: str) -> Iterator[int]:
    at = 0
    while match := _USED.search(content, at):
        is_known = match[1] in names
        if is_known:
            yield content.rfind("\n", 0, match.end()) + 1
        at = _end(content, match.end()) if is_known else match.end()


def _end(content: str, at: int) -> int:
    """Where the line ends that a character stands in."""
    end = content.find("\n", at)
    return end if end >= 0 else len(content)
