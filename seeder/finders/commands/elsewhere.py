"""What a value that names an image serves for besides: a container's name, a file, a label that it is compared with.

A rehosted name would not do there, and `docker run --name $1 $1` has one text for both. It stays, or where a value is
known for certain, the words that are images change in its stead. Uses are noted as a script is read, and judged at its
end: few values turn out to be images.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders.commands.documents import WRITERS
from seeder.finders.commands.rehosted import is_cut_alike, is_judged_alike
from seeder.finders.commands.use import PRODUCTS, Reading, Use
from seeder.finders.finding import Finding, Source, Spent
from seeder.finders.marks import Marked, Marks, is_bare
from seeder.model.occurrence import Mention, Part
from seeder.syntax.shell_nodes import Command, Guard, Word
from seeder.syntax.text import Text

Values = Callable[[str], tuple[Text, ...]]

_VARIABLE = re.compile(
    r"\$(?P<bare>[A-Za-z_]\w*|[\d@*])|\$\{(?P<brace>[A-Za-z_]\w*|[\d@*])(?:\[[^\]{}]*\])?(?P<rest>[^{}]*)\}"
    r"|\{\{[<%]?\s*(?:param\s+)?\"?(?P<page>[A-Za-z_][\w.-]*)\"?\s*[>%]?\}\}"
)
_WHOLE = re.compile(r"\$\{?([A-Za-z_]\w*|\d)\}?")
# What an image's name may follow in a word (`--image=$x`, `docker://$x`) or in the line of a document.
_BEFORE = re.compile(r"(?:^|[=,]|://)\Z")
_KEY = re.compile(
    r"(?:\b(?:\w*[iI]mage|newName|repository|url)\"?[ \t]*[:=][ \t]*|\bFROM[ \t]+(?:--\S+[ \t]+)*)[\"']?\Z"
)
_JOINED = re.compile(r"[\w/.-]")
_BLANK = re.compile(r"[ \n]")
_FILES = frozenset("cd pushd mkdir rmdir touch rm cp mv ls tar source".split())  # noqa: SIM905
_EDITORS = frozenset({"sed", "gsed", "perl", "awk", "yq", "jq"})  # what they put into a file is an image there
# What says, sets or compares, and makes nothing else of its words.
_IDLE = frozenset(": echo printf read set local export return exit shift for case test [ [[".split())  # noqa: SIM905
# What takes a printed text apart.
_CUTTERS = frozenset({"cut", "tr", "sed", "awk"})
_GIVEN = frozenset({"<<", "<<-", "<<<"})
_NAME = re.compile(r"[A-Za-z_]")
_MAX_SPENT = 500
_DEPTH = 3
_MAX_VARIABLES = 50  # of one word
_SIGNS = 3  # characters of what a name follows in a word
_REACH = 60
_DEFAULT = re.compile(rb"\$\{\w+:?[-=]\Z")


class _Note(Struct):
    """Values and the word that something is made of them in; `spoils` says of which a rehosted one would not do."""

    values: tuple[Text, ...]
    word: Word
    how: str
    spoils: Callable[[str], bool]


class Elsewhere(Struct):
    """Uses of values for something else than images."""

    notes: list[_Note] = field(default_factory=list)
    seen: dict[object, object] = field(default_factory=dict)
    words: dict[int, tuple[Mention, Word]] = field(default_factory=dict)
    spent: dict[object, Spent] = field(default_factory=dict)

    def compared(self, guard: Guard, values: Values) -> bool:
        """Notes the values that a condition looks at; whether it was met for the first time."""
        match = _WHOLE.fullmatch(guard.subject.value)
        given = values(match[1]) if match is not None else ()
        if given and self._is_new(id(guard), given, guard):
            labels = " | ".join(pattern.value for pattern in guard.patterns)
            spoils = partial(_is_judged_otherwise, guard)
            self.notes.append(_Note(given, guard.subject, f"compared with {labels[:60]}", spoils))
        return self._is_new(id(guard), (), guard)

    def command(self, commands: Sequence[Command], index: int, values: Values) -> None:
        """Notes what a command's documents, its files and what takes its output apart make of variables."""
        command = commands[index]
        for redirect in command.redirects:
            if redirect.body is not None and not redirect.target.quoted:
                self._document(redirect.body, values)
            elif redirect.operator not in _GIVEN or command.name == "read":
                self._target(redirect.target, values)
        is_cut = command.pipes and any(one.name in _CUTTERS for one in commands[index + 1 : index + 2])
        for word in command.words[1:] if is_cut and command.name in WRITERS else ():
            self._target(word, values)

    def tool(self, name: str, words: Sequence[Word], readings: Iterable[Reading], values: Values) -> None:
        """Notes the variables of a command's words that are no images there, as its readings tell."""
        given = [word for word in words if "$" in word.value or "{{" in word.value] if name not in _IDLE else ()
        if not given:
            return
        images = {id(word): word for reading in readings for word in _images(reading)}
        others = [word for word in given if id(word) not in images]
        taken = sorted(span for word in images.values() for span in _spans(word)) if others else ()
        for word in others:
            self._word(name, word, taken, values)

    def _word(self, command: str, word: Word, taken: Sequence[tuple[int, int]], values: Values) -> None:
        value = word.value
        if _BLANK.search(value) and _BLANK.search(_VARIABLE.sub("", value)):
            return  # a text
        for match in islice(_VARIABLE.finditer(value), _MAX_VARIABLES):
            is_whole = match.end() == len(value) and bool(
                _BEFORE.search(value, max(match.start() - _SIGNS, 0), match.start())
            )
            is_strict = (not is_whole and command not in _EDITORS) or command in _FILES
            if not _is_taken(word, match.start(), taken):
                self._use(match, word, values, is_strict=is_strict)

    def _target(self, word: Word, values: Values) -> None:
        """Notes the variables in the name of a file that a command writes or reads."""
        for match in _VARIABLE.finditer(word.value):
            self._use(match, word, values, is_strict=True)

    def _document(self, body: Text, values: Values) -> None:
        """Notes the variables of a text that a command is given, but those behind a key for an image."""
        for match in _VARIABLE.finditer(body.content):
            near = max(match.start() - _REACH, 0)
            start = max(body.content.rfind("\n", near, match.start()) + 1, near)
            if not _KEY.search(body.content, start, match.start()):
                is_whole = not _JOINED.match(body.content, max(match.start() - 1, 0))
                shown = Word(body, match[0], (match.span(),))
                self._use(match, shown, values, is_strict=not is_whole)

    def _use(self, match: re.Match[str], word: Word, values: Values, *, is_strict: bool, depth: int = _DEPTH) -> None:
        name, rest = match["bare"] or match["brace"] or match["page"], match["rest"] or ""
        given = values(name)
        if not given:
            self._spend(name, rest, word, is_strict=is_strict)
        elif self._is_new((rest, is_strict), given):
            for value in given if depth else ():
                for inner in _VARIABLE.finditer(value.content) if "$" in value.content else ():
                    self._use(inner, word, values, is_strict=is_strict, depth=depth - 1)
            self.notes.append(_Note(given, word, "used", partial(_is_spoilt, rest, is_strict)))

    def _spend(self, name: str, rest: str, word: Word, *, is_strict: bool) -> None:
        """Notes a variable that another file may give its value."""
        is_bare_only = not is_strict and not rest.startswith("%")
        key = name, is_bare_only
        if key in self.spent or len(self.spent) >= _MAX_SPENT or rest.startswith(("#", "/")) or not _NAME.match(name):
            return
        where = f"line {_line(word)} of a page or script makes something else of it as well ({word.value[:60]})"
        self.spent[key] = Spent(name, where, is_bare=is_bare_only)

    def _is_new(self, how: object, values: tuple[Text, ...], kept: object = None) -> bool:
        """Whether values were not yet looked at in this way; both are kept, so that no others get their numbers."""
        key = how, id(values)
        if key in self.seen:
            return False
        self.seen[key] = values, kept
        return True

    def keep(self, mention: Mention, word: Word) -> None:
        """Keeps the word of a name that stands elsewhere: it changes if that cannot."""
        self.words[id(mention)] = mention, word

    def applied(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """The findings: what serves for more than an image stays, or the words that are images change in its stead."""
        marked = self._marked(findings)
        for finding in findings:
            if isinstance(finding, Source):
                yield replace(finding, text=marked.without(finding.text)) if marked else finding
            elif isinstance(finding, Mention) and (reason := marked.reason(finding)):
                yield self._instead(finding, reason)
            else:
                yield finding

    def _marked(self, findings: Iterable[Finding]) -> Marked:
        """The places of the values that a use would spoil, of those that findings stand on."""
        marks = Marks()
        images = Marks.of(findings if self.notes else ()).found()
        for note in self.notes:
            for value in note.values:
                if images.holds(value) and note.spoils(value.content):
                    marks.add(value, _reason(note))
        return marks.found()

    def _instead(self, mention: Mention, reason: str) -> Mention:
        _, word = self.words.get(id(mention), (None, None))
        part = _written(mention, word.text) if word is not None else None
        return replace(mention, reason=reason) if part is None else replace(mention, parts=(part,))


def _written(mention: Mention, word: Text) -> Part | None:
    """The word that stands for a name, unless that is a mere default in it."""
    at = mention.parts[0].span.start if mention.parts else 0
    before = word.file.data[max(at - _REACH, 0) : at]
    return None if _DEFAULT.search(before) else word.part(0, len(word))


def _is_judged_otherwise(guard: Guard, value: str) -> bool:
    return not is_judged_alike(guard, value)


def _is_spoilt(rest: str, is_strict: bool, value: str) -> bool:  # noqa: FBT001 - a partial's
    is_fit = not is_strict and not rest and not is_bare(value)
    return "$" not in value and not is_fit and not is_cut_alike(value, rest)


def _reason(note: _Note) -> str:
    where = f"line {_line(note.word)} as well, in {note.word.value[:60]}"
    return f"its text is {note.how} in {where}, where a rehosted name would not do"


def _line(word: Word) -> int:
    at = word.place(0)
    return word.source.file.line_column(at)[0] if at is not None else 0


def _images(reading: Reading) -> list[Word]:
    """The words that a command reads as images or as documents."""
    if not isinstance(reading, Use):
        return [reading.word]
    words = [reading.word] if reading.word is not None else [word for _, word in reading.parts]
    return [word for word in words if _WHOLE.fullmatch(word.value)] if reading.kind in PRODUCTS else words


def _spans(word: Word) -> Iterator[tuple[int, int]]:
    """Where in the file a word stands."""
    for piece in word.text.pieces:
        yield piece.outer, piece.outer + piece.length


def _is_taken(word: Word, start: int, taken: Sequence[tuple[int, int]]) -> bool:
    at = word.place(start) if taken else None
    before = bisect_left(taken, (at + 1, 0)) - 1 if at is not None else -1
    return before >= 0 and at is not None and at < taken[before][1]
