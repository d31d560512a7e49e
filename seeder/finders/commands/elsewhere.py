"""What a value that names an image serves for besides: a container's name, a file, a label that it is compared with.

A rehosted name would not do there, and `docker run --name $1 $1` has one text for both. It stays, or where a value is
known for certain, the words that are images change in its stead.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders.finding import Finding, Source, Spent
from seeder.finders.marks import Marks, is_bare
from seeder.model.occurrence import Mention, Part
from seeder.syntax.shell_nodes import Guard, Word
from seeder.syntax.text import Text

Values = Callable[[str], tuple[Text, ...]]

_VARIABLE = re.compile(
    r"\$(?P<bare>[A-Za-z_]\w*|[\d@*])|\$\{(?P<brace>[A-Za-z_]\w*|[\d@*])(?:\[[^\]{}]*\])?(?P<rest>[^{}]*)\}"
    r"|\{\{[<%]?\s*(?:param\s+)?\"?(?P<page>[A-Za-z_][\w.-]*)\"?\s*[>%]?\}\}"
)
_CUTS = re.compile(r"(##?|%%?)(.+)", re.DOTALL)
# What an image's name may follow in a word (`--image=$x`, `docker://$x`) or in the line of a document.
_BEFORE = re.compile(r"(?:^|[=,]|://)\Z")
_KEY = re.compile(
    r"(?:\b(?:\w*[iI]mage|newName|repository|url)\"?[ \t]*[:=][ \t]*|\bFROM[ \t]+(?:--\S+[ \t]+)*)[\"']?\Z"
)
_JOINED = re.compile(r"[\w/.-]")
_FILES = frozenset("cd pushd mkdir rmdir touch rm cp mv ls tar source".split())  # noqa: SIM905
_EDITORS = frozenset({"sed", "gsed", "perl", "awk", "yq", "jq"})  # what they put into a file is an image there
_SAYS = frozenset({":", "echo", "printf", "read", "set", "local", "export", "return", "exit", "shift", "for", "case"})
_TESTS = frozenset({"test", "[", "[["})
# What takes a printed text apart.
CUTTERS = frozenset({"cut", "tr", "sed", "awk"})
SEARCHERS = frozenset({"grep", "egrep", "fgrep", "rg"})
_NAME = re.compile(r"[A-Za-z_]")
_MAX_SPENT = 500
_DEPTH = 3
_MAX_VARIABLES = 50  # of one word
_SIGNS = 3  # characters of what a name follows in a word
_REACH = 60
_DEFAULT = re.compile(rb"\$\{\w+:?[-=]\Z")


def rehosted(value: str) -> str:
    """What a name looks like once it names a target: a stand-in, since nobody knows the target here."""
    tagged = value if re.search(r":[^/]*\Z|@", value) else f"{value}:latest"
    return f"registry.test/{tagged}" if "/" in value else f"registry.test/library/{tagged}"


def is_met(guard: Guard, value: str) -> bool:
    """Whether a value of its subject meets a condition."""
    return any(fnmatchcase(value, pattern.value) for pattern in guard.patterns) == guard.is_met


class Elsewhere(Struct):
    """The places of values that serve for something else too, each with what that is."""

    marks: Marks = field(default_factory=Marks)
    seen: dict[object, object] = field(default_factory=dict)
    uses: dict[int, tuple[Mention, Part]] = field(default_factory=dict)
    spent: dict[object, Spent] = field(default_factory=dict)

    def compared(self, guard: Guard, values: tuple[Text, ...]) -> None:
        """Notes values that a condition would judge otherwise, once they name a target."""
        if not self.is_new(guard, values):
            return
        for value in values:
            if is_met(guard, value.content) != is_met(guard, rehosted(value.content)):
                labels = " | ".join(pattern.value for pattern in guard.patterns)
                self._mark(value, guard.subject.text, f"compared with {labels[:60]}")

    def word(self, command: str, word: Word, taken: Sequence[tuple[int, int]], values: Values) -> None:
        """Notes the variables of a command's word that are no image there; `taken`, sorted, is what is read as one."""
        text = word.text
        is_text = bool(re.search(r"[ \n]", _VARIABLE.sub("", word.value)))
        for match in islice(_VARIABLE.finditer(word.value), _MAX_VARIABLES):
            if _is_taken(word, match.span(), taken):
                continue
            is_whole = match.end() == len(word.value) and bool(
                _BEFORE.search(word.value, max(match.start() - _SIGNS, 0), match.start())
            )
            is_strict = (not is_whole and command not in _EDITORS) or command in _FILES
            if not is_text and command not in _SAYS | _TESTS:
                self._use(match, text, values, is_strict=is_strict)

    def target(self, word: Word, values: Values) -> None:
        """Notes the variables in the name of a file that a command writes or reads."""
        for match in _VARIABLE.finditer(word.value):
            self._use(match, word.text, values, is_strict=True)

    def document(self, body: Text, values: Values) -> None:
        """Notes the variables of a text that a command is given, but those behind a key for an image."""
        for match in _VARIABLE.finditer(body.content):
            near = max(match.start() - _REACH, 0)
            start = max(body.content.rfind("\n", near, match.start()) + 1, near)
            if not _KEY.search(body.content, start, match.start()):
                is_whole = not _JOINED.match(body.content, max(match.start() - 1, 0))
                shown = body.slice(*match.span())
                self._use(match, shown, values, is_strict=not is_whole)

    def _use(self, match: re.Match[str], shown: Text, values: Values, *, is_strict: bool, depth: int = _DEPTH) -> None:
        name, rest = match["bare"] or match["brace"] or match["page"], match["rest"] or ""
        given = values(name)
        if not given:
            self._spend(name, rest, shown, is_strict=is_strict)
        for value in given if given and self.is_new((rest, is_strict), given) else ():
            if "$" in value.content and depth:
                for inner in _VARIABLE.finditer(value.content):
                    self._use(inner, shown, values, is_strict=is_strict, depth=depth - 1)
            elif (is_strict or is_bare(value.content) or rest) and not _is_same(value.content, rest):
                self._mark(value, shown, "used")

    def _spend(self, name: str, rest: str, shown: Text, *, is_strict: bool) -> None:
        """Notes a variable that another file may give its value."""
        if rest.startswith(("#", "/")) or not _NAME.match(name) or len(self.spent) >= _MAX_SPENT:
            return
        is_bare_only = not is_strict and not rest.startswith("%")
        line = shown.file.line_column(shown.pieces[0].outer)[0] if shown.pieces else 0
        where = f"line {line} of a page or script makes something else of it as well ({shown.content[:60]})"
        self.spent.setdefault((name, is_bare_only), Spent(name, where, is_bare=is_bare_only))

    def is_new(self, how: object, values: tuple[Text, ...] = ()) -> bool:
        """Whether values were not yet looked at in this way."""
        key = how, id(values)
        if key in self.seen:
            return False
        self.seen[key] = values  # kept, so that no other gets its number
        return True

    def _mark(self, value: Text, shown: Text, how: str) -> None:
        line = shown.file.line_column(shown.pieces[0].outer)[0] if shown.pieces else 0
        reason = (
            f"its text is {how} in line {line} as well, in {shown.content[:60]}, where a rehosted name would not do"
        )
        self.marks.add(value, reason)

    def applied(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, with what stands on a marked text kept as it is, or changed in the words that are images."""
        marks = self.marks.found()
        for finding in findings:
            if isinstance(finding, Source):
                yield replace(finding, text=marks.without(finding.text)) if marks else finding
            elif isinstance(finding, Mention) and (reason := marks.reason(finding)):
                yield self._instead(finding, reason)
            else:
                yield finding

    def _instead(self, mention: Mention, reason: str) -> Mention:
        _, word = self.uses.get(id(mention), (None, None))
        return replace(mention, reason=reason) if word is None else replace(mention, parts=(word,))

    def keep(self, mention: Mention, word: Text) -> None:
        """Keeps the word of a name that stands elsewhere: what changes if that cannot, unless it is a mere default."""
        whole = word.part(0, len(word))
        at = mention.parts[0].span.start if mention.parts else 0
        before = word.file.data[max(at - _REACH, 0) : at]
        if whole is not None and not _DEFAULT.search(before):
            self.uses[id(mention)] = mention, whole


def _is_same(value: str, rest: str) -> bool:
    """Whether what a script cuts out of a value is the same for a rehosted one: its tag, its last part."""
    if rest.startswith("/"):
        return True  # it is made fit for something else already
    cut = _CUTS.fullmatch(rest)
    return cut is not None and _cut(value, *cut.groups()) == _cut(rehosted(value), *cut.groups())


def _cut(value: str, operator: str, pattern: str) -> str:
    """`${x##*/}`, `${x%:*}` and their kin."""
    length = len(value)
    is_front, is_longest = operator[0] == "#", len(operator) == 2
    sizes = range(length, -1, -1) if is_longest else range(length + 1)
    for size in sizes if length < 300 else ():
        piece = value[:size] if is_front else value[length - size :]
        if fnmatchcase(piece, pattern):
            return value[size:] if is_front else value[: length - size]
    return value


def _is_taken(word: Word, span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    at = word.cut(*span).text.pieces
    before = bisect_left(taken, (at[0].outer + 1, 0)) - 1 if at else -1
    return before >= 0 and at[0].outer < taken[before][1]
