"""Names that commands compare with what is there: `grep -x nginx:1.27`, `test "$image" = nginx:1.27`, `case $image in`.

They pull nothing and must stay equal to what they are compared with, as an editor action's search text must.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from seeder.finders.commands.mentions import REGISTRY, is_image, is_told
from seeder.finders.commands.use import Kind, Reading, Tool, Use, option_set, split
from seeder.finders.commands.wrappers import unwrapped
from seeder.model.occurrence import ANYWHERE
from seeder.syntax.shell_branches import comparison
from seeder.syntax.shell_nodes import Command, Guard, Word

_SEARCH = option_set("e regexp f file A B C m after-context before-context context max-count color include exclude")
# A name in what is searched, between what may hold it there: `^FROM nginx:1.27$`, `"image": "nginx:1.27"`.
_BLANKS = r"(?:[ \t]|\\s|\[\[:space:\]\])[*+]?"
_QUOTE = r"(?:\[[\"']{1,4}\][?*]?|[\"']\??)?"
_SEARCHED = re.compile(
    rf"(?P<anchor>\^?)(?P<key>(?:.*?(?:\b\w*[iI]mage\"?(?:{_BLANKS})*[:=](?:{_BLANKS})*|\bFROM(?:{_BLANKS})+))?{_QUOTE})"
    r"(?P<name>(?:[\w:@/-]|\\?\.)+|\$\{?\w+\}?)(?P<end>[\"']?\$?)\Z"
)
_EQUALS = re.compile(r"==[ \t]{0,3}\"(?P<name>[^\"\\\s]+)\"")
# A name without its tag, of which any version will do: `nginx:1.27*` in `case`, `^nginx:1\.2` behind `=~`.
_ANY = re.compile(r"(?P<name>[\w/.-]+):[\w.-]*[*?\[]")
_BEGUN = re.compile(r"\^(?P<name>[\w/.-]+):")
_VARIABLE = re.compile(r"\$\{?\w+\}?\Z")
_LONGEST = 400  # characters of a pattern
_WHOLE_LINES = frozenset({"-x", "--line-regexp"})
SEARCHERS = frozenset({"grep", "egrep", "fgrep", "rg"})
_LISTERS = frozenset({"docker", "podman", "nerdctl", "crictl", "ctr", "minikube"})


def lists(command: Command) -> bool:
    """Whether a command hands on names of images."""
    return command.pipes and any(word.value in _LISTERS for word in unwrapped(command.words)[:1])


def searched(words: Sequence[Word], *, is_listed: bool) -> Iterator[Reading]:
    """What grep looks for, unless a rehosted name holds it as well; in a list of images also a name without its tag."""
    found = split(words, _SEARCH)
    patterns = [*found.values("-e", "--regexp")] or list(found.positionals[:1])
    files = found.positionals[len(patterns) == 1 and found.positionals[:1] == tuple(patterns) :]
    is_whole = bool(_letters(found.flags) & _WHOLE_LINES)
    for pattern in patterns:
        match = _SEARCHED.match(pattern.value) if len(pattern.value) <= _LONGEST else None
        if match is None:
            continue
        name = match["name"].replace("\\", "")
        is_bound = is_whole or match["anchor"]
        is_known = match["key"].strip("\"'") or (is_listed and is_bound)
        is_name = "$" in name or is_told(name) or (is_image(name) and bool(is_known))
        if is_name and (is_bound or match["key"] or match["end"] or REGISTRY.match(name) is not None):
            where = next((word.value for word in files if "$" not in word.value.removeprefix("$HOME")), ANYWHERE)
            regex = pattern.value if "\\" in match["name"] else ""
            yield _sought(pattern.cut(*match.span("name")), where, regex)


def tested(words: Sequence[Word], closer: str) -> Iterator[Reading]:
    guard = comparison(words, closer)
    if guard is not None:
        yield from labelled(guard)
    for left, operator, right in zip(words, words[1:], words[2:], strict=False):
        if operator.value in {"=", "==", "!="}:
            yield from (_sought(word) for word in (left, right) if _VARIABLE.match(word.value))
        elif operator.value == "=~" and (match := _BEGUN.match(right.value)):
            yield _sought(right.cut(*match.span("name")))


def labelled(guard: Guard) -> Iterator[Reading]:
    """The names that a condition is met by, whole or up to a tag that may be any."""
    for word in guard.patterns:
        if is_told(word.value):
            yield _sought(word)
        elif match := _ANY.match(word.value):
            yield _sought(word.cut(*match.span("name")))


def equalled(words: Sequence[Word]) -> Iterator[Reading]:
    """`select(.image == "nginx:1.27")` of jq and yq, `$2 == "nginx"` of awk."""
    for word in words:
        for match in _EQUALS.finditer(word.value):
            if is_told(match["name"]):
                yield _sought(word.cut(*match.span("name")))


def awaited(words: Sequence[Word]) -> Iterator[Reading]:
    """`kubectl wait --for=jsonpath='{…}'=nginx:1.27`"""
    for word in words:
        path, equals, name = word.value.rpartition("}=")
        if equals and "jsonpath=" in path and is_told(name):
            yield _sought(word.cut(len(path) + len(equals)))


def _sought(word: Word, file: str = ANYWHERE, pattern: str = "") -> Use:
    return Use(word=word, kind=Kind.FIND, file=file, pattern=pattern)


def _letters(flags: frozenset[str]) -> frozenset[str]:
    """`-qx` is `-q -x`."""
    short = (f"-{letter}" for flag in flags if not flag.startswith("--") for letter in flag[1:])
    return flags | frozenset(short)


def compared(name: str, words: Sequence[Word], *, is_listed: bool) -> Iterator[Reading]:
    """What a command of this name compares, none of which is an image that it uses."""
    if name in SEARCHERS:
        return searched(words, is_listed=is_listed)
    compares = _COMPARERS.get(name)
    return compares(words) if compares is not None else iter(())


_COMPARERS: dict[str, Tool] = {
    "test": partial(tested, closer=""),
    "[": partial(tested, closer="]"),
    "[[": partial(tested, closer="]]"),
    **dict.fromkeys(("jq", "yq", "awk"), equalled),
    **dict.fromkeys(("kubectl", "oc", "k"), awaited),
}
