"""Where a text may hold a command that matters: most lines of most scripts hold none, and need not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
_LABEL = re.compile(r"^[ \t]*+\(?[^()\n#]++\)|;;")
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
    called = {at for name in names for at in _lines_with(name[:_TELLING], content)}
    has_labels = "esac" in content
    found: list[int] = []
    others: list[tuple[int, str]] = []
    used: dict[str, None] = {}
    at = 0
    for line in content.split("\n"):
        if is_known := _KNOWN.search(line):
            used.update(dict.fromkeys(_USED.findall(line)))
        is_set = is_known or at in called or _SETS.search(line) or _BRACES.search(line)
        if is_set or (has_labels and _LABEL.search(line)):
            found.append(at)
        elif "$" in line:
            others.append((at, line))
        at += len(line) + 1
    names_used = frozenset(islice(used, _MAX_USED))
    return sorted([*found, *(at for at, line in others if not names_used.isdisjoint(_USED.findall(line)))])


def _lines_with(name: str, content: str) -> Iterator[int]:
    """Where lines begin that hold a name: a pattern of all names takes longer to make than most scripts to read."""
    at = content.find(name)
    while at >= 0:
        yield content.rfind("\n", 0, at) + 1
        end = content.find("\n", at)
        at = content.find(name, end) if end >= 0 else -1
