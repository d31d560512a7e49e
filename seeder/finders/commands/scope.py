"""Shell variables: what a script sets, and the words that come of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from msgspec import Struct, field

from seeder.finders.commands.lists import as_word, bodies, is_command, prints, words_of
from seeder.finders.commands.rehosted import is_met
from seeder.syntax.shell_nodes import Command, Guard, Word
from seeder.syntax.text import Text

_VARIABLE = re.compile(
    r"\$(?P<bare>[A-Za-z_]\w*|[\d@*])"
    r"|\$\{(?P<brace>[A-Za-z_]\w*|[\d@*])(?P<index>\[[^\]]{0,80}\])?(?:(?P<operator>:?[-=])(?P<default>[^{}]*))?\}"
)
Narrowed = dict[str, tuple[tuple[Text, ...], tuple[Text, ...]]]
_GIVEN = re.compile(r"\$\{?[\d@*]\}?")
_LOOPS = frozenset({"for", "select"})
_READERS = frozenset({"read", "mapfile", "readarray"})
_KEY = re.compile(r"\[[^\]]*\]=")  # of an associative array's value
_MAX_VALUES = 200
_REACH = 40
_MAX_PARTS = 12
_MAX_LENGTH = 16_384  # of all that one word may become: values of values grow without end
_MAX_PIECES = 400  # that a word is put together of: a list that a script adds to line by line


class Budget(Struct):
    """What may be brought in beside what is written (values, aliases, scripts in arguments), a microsecond for each.

    Without it a text of one long value and many short lines that use it takes time with the square of its length.
    """

    left: int = 100_000

    def affords(self, cost: int) -> bool:
        """Whether so much more may come; it is taken off."""
        self.left -= cost
        return self.left >= 0


class Scope(Struct):
    """The values that each variable may have at this place: one, or those of an array, a word list, a loop.

    `is_call` is true inside a function, which may be called otherwise elsewhere; it is `given` the words of its call.
    `certain` are the variables that nobody outside can set: words of a call, items of a loop, and what is set to those.
    """

    values: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    is_call: bool = False
    budget: Budget = field(default_factory=Budget)
    given: Sequence[Word] = ()
    certain: set[str] = field(default_factory=set)

    def called(self, words: Sequence[Word]) -> Scope:
        """The scope of a function that is called with these words."""
        inner = Scope(dict(self.values), is_call=True, budget=self.budget, certain=self.certain | set("123456789"))
        own = ((as_word(next(self.expand(word.text))) if _GIVEN.search(word.value) else word) for word in words)
        inner.give(list(islice(own, _MAX_VALUES)))
        return inner

    def give(self, words: Sequence[Word]) -> None:
        """Sets `$1` to `$9` and `$@`."""
        self.given = words
        each = [tuple(islice(self.expand(word.text), _MAX_VALUES)) for word in words[:9]]
        self.values.update(zip("123456789", (*each, *[()] * (9 - len(each))), strict=True))
        self.values["@"] = self.values["*"] = tuple(word.text for word in self.passed())

    def passed(self) -> Iterator[Word]:
        """What `$@` stands for, without what the caller itself was given by nobody: it would be taken for another."""
        return (word for word in self.given if not _GIVEN.search(word.value))

    def note(self, commands: Sequence[Command], index: int, *, is_sure: bool = False) -> None:
        """Notes what a command sets: its assignments, the words of `for x in …`, the lines that `read x` is given.

        `is_sure` says that its conditions are met.
        """
        command = commands[index]
        may_not_run = command.is_conditional and not is_sure
        if command.assignments:
            self._assign(command, may_not_run=may_not_run)
        if (name := command.name) in _LOOPS:
            self._loop(command.words)
        elif name in _READERS:
            self._feed(commands, index)
        elif name == "shift" and self.given and not may_not_run:
            count = command.words[1].value if len(command.words) > 1 else ""
            self.give(self.given[int(count) if count.isdecimal() else 1 :])
        elif name == ":":
            for word in command.words[1:]:
                self._assign_default(word.text)

    def _assign(self, command: Command, *, may_not_run: bool) -> None:
        """Notes assignments; what may be left out leaves the values before it too.

        What a function sets to a word of its caller's says nothing where the function is defined.
        """
        for assignment in command.assignments:
            words = assignment.values
            known = self.values.get(assignment.name, ())
            if known and command.function and any(_GIVEN.fullmatch(word.value) for word in words):
                continue
            values = (text for word in words for text in self._values(word, is_list=assignment.is_array))
            before = known if may_not_run else ()
            self.values[assignment.name] = tuple(islice((*before, *values), _MAX_VALUES))
            self._set(assignment.name, is_certain=all(self._is_certain(word) for word in words))

    def _set(self, name: str, *, is_certain: bool) -> None:
        if is_certain:
            self.certain.add(name)
        else:
            self.certain.discard(name)

    def _is_certain(self, word: Word) -> bool:
        match = _VARIABLE.fullmatch(word.value)
        return match is not None and not match["operator"] and (match["bare"] or match["brace"]) in self.certain

    def _loop(self, words: Sequence[Word]) -> None:
        """`for x in a b`, `select x in a b`"""
        if len(words) > 3 and words[2].value == "in":
            items = (item for word in words[3:] for item in self.items(word))
            self.values[words[1].value] = tuple(islice(items, _MAX_VALUES))
            self._set(words[1].value, is_certain=True)

    def narrow(self, guards: Iterable[Guard | None]) -> tuple[Narrowed, bool] | None:
        """Leaves variables the values with which a command runs, and says whether it runs with each that they had.

        None where it runs with none of them. What was left out is to be given back.
        """
        narrowed: Narrowed = {}
        is_sure = True
        for guard in guards:
            name = self._subject(guard)
            values = self.values.get(name, ())
            if guard is None or not values or not self.budget.affords(len(values) * len(guard.patterns)):
                is_sure = False
                continue
            fitting = tuple(value for value in values if "$" in value.content or is_met(guard, value.content))
            is_sure = is_sure and len(fitting) == len(values) and not any("$" in value.content for value in values)
            narrowed.setdefault(name, (values, fitting))
            narrowed[name] = narrowed[name][0], fitting
            self.values[name] = fitting
            if not fitting:
                self.widen(narrowed)
                return None
        return narrowed, is_sure

    def widen(self, narrowed: Narrowed) -> None:
        """Gives back what `narrow` left out, unless the command has set something else."""
        for name, (before, fitting) in narrowed.items():
            if self.values.get(name) is fitting:
                self.values[name] = before

    def _subject(self, guard: Guard | None) -> str:
        """The certain variable that a condition is about; empty where it is about something else."""
        match = _VARIABLE.fullmatch(guard.subject.value) if guard is not None else None
        name = (match["bare"] or match["brace"]) if match is not None and not match["index"] else ""
        return name if name in self.certain else ""

    def _assign_default(self, text: Text) -> None:
        """`: "${NAME:=value}"`"""
        match = _VARIABLE.fullmatch(text.content)
        if match and (match["operator"] or "").endswith("=") and match["default"]:
            self.values.setdefault(match["brace"], (text.slice(*match.span("default")),))

    def _feed(self, commands: Sequence[Command], index: int) -> None:
        """`read x`: the lines that come through a pipe, or stand in the document behind the loop's `done`."""
        reader, *words = (word.value for word in commands[index].words if not word.value.startswith("-"))
        if not words:
            return
        lines = list(_piped(commands, index)) or list(bodies(commands[index]))
        for command in commands[index + 1 : index + _REACH] if not lines and reader == "read" else ():
            if not command.words and any(redirect.body for redirect in command.redirects):
                lines = list(bodies(command))
                break
        values = (word for line in lines for word in islice(words_of(line), 1) if not word.content.startswith("#"))
        self.values[words[0]] = tuple(islice(values, _MAX_VALUES))

    def with_input(self, commands: Sequence[Command], index: int) -> Sequence[Word]:
        """The command's words; those of `xargs` with what is piped into it."""
        words = commands[index].words
        if commands[index].name not in {"xargs", "parallel"}:
            return words
        piped = (as_word(word) for line in _piped(commands, index) for word in words_of(line))
        given = list(islice(piped, _MAX_VALUES))
        if not any(word.value == "{}" for word in words):
            return (*words, *given)
        placed = [words[0]]
        for before, word in pairwise(words):
            placed += given if word.value == "{}" and before.value not in {"-I", "-i"} else (word,)
        return placed

    def _values(self, word: Word, *, is_list: bool) -> Iterator[Text]:
        if is_list and (match := _KEY.match(word.value)):
            word = word.cut(match.end())
        yield from self.items(word) if is_list else islice(self.expand(word.text), 1)

    def items(self, word: Word) -> Iterator[Text]:
        """What a word becomes where several are welcome: each value of an array, each word of a list."""
        for value in self.expand(word.text):
            if word.quoted or (value.content == word.value and not is_command(value.content)):
                yield value
            else:
                yield from words_of(value)

    def expand(self, text: Text) -> Iterator[Text]:
        """The text with its variables put in, once for each value they may have; unknown ones stay."""
        content = text.content
        matches = list(islice(_VARIABLE.finditer(content), _MAX_PARTS + 1)) if "$" in content else []
        if not matches or len(matches) > _MAX_PARTS:
            yield text
            return
        results: list[list[Text]] = [[]]
        at = 0
        for match in matches:
            before = [text.slice(at, match.start())] if match.start() > at else []
            choices = self._choices(text, match)
            combined = ([*parts, *before, choice] for parts in results for choice in choices)
            results = list(islice(combined, _MAX_VALUES))
            at = match.end()
        rest = [text.slice(at, len(content))] if at < len(content) else []
        left, pieces = _MAX_LENGTH, _MAX_PIECES
        for parts in results:
            length = sum([len(part.content) for part in parts])
            left -= length
            pieces -= sum([len(part.pieces) - 1 for part in parts])
            if left < 0 or pieces < 0 or not self.budget.affords(length // 8):
                yield text
                return
            whole = [*parts, *rest]
            yield whole[0] if len(whole) == 1 else Text.joined(text.file, whole)

    def filled(self, text: Text) -> Text:
        """A longer text with each variable that has one value put in."""
        parts: list[Text] = []
        at = 0
        for match in _VARIABLE.finditer(text.content):
            choices = self._choices(text, match)
            if len(choices) == 1 and choices[0].content != match[0]:
                if not self.budget.affords(len(choices[0])):
                    break
                parts += [text.slice(at, match.start()), choices[0]]
                at = match.end()
        return Text.joined(text.file, [*parts, text.slice(at, len(text))]) if parts else text

    def _choices(self, text: Text, match: re.Match[str]) -> tuple[Text, ...]:
        name = match["bare"] or match["brace"]
        known = self.values.get(name, ())
        index = (match["index"] or "")[1:-1]
        if index.isdecimal():
            known = known[int(index) : int(index) + 1]
        if known:
            return known
        if match["default"]:
            return (text.slice(*match.span("default")),)
        return (text.slice(*match.span()),)


def _piped(commands: Sequence[Command], index: int) -> Iterator[Text]:
    """The lines that the command before hands on, where those are written there."""
    before = commands[index - 1] if index else None
    if before is not None and before.pipes:
        yield from prints(before)
