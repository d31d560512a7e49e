"""Runs through the commands of a text without running them: variables, wrappers, tools, documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders.commands import functions, helm, kubernetes, nested, others
from seeder.finders.commands.comparisons import SEARCHERS, compared, labelled, lists
from seeder.finders.commands.documents import WRITERS, documents
from seeder.finders.commands.elsewhere import Elsewhere
from seeder.finders.commands.exported import exported, prefixed
from seeder.finders.commands.functions import Functions
from seeder.finders.commands.lists import as_word, words_of
from seeder.finders.commands.mentions import mentions
from seeder.finders.commands.places import may_hold, own_names, places
from seeder.finders.commands.scope import Budget, Scope
from seeder.finders.commands.tools import IN_CONTAINERS, TOOLS
from seeder.finders.commands.use import PRODUCTS, Document, Kind, Reading, Setting
from seeder.finders.commands.wrappers import unwrapped
from seeder.finders.finding import Built, Finding, Loaded, Source
from seeder.model.occurrence import Mention, Puller
from seeder.syntax.shell import parse
from seeder.syntax.shell_nodes import Command, Word
from seeder.syntax.text import Text

_FEW = 400  # characters that are sooner read whole than looked through for what matters
_MAX_NESTING = 4
_ANY, _MANY = 100_000, 8  # the budget of any text, and of each of its characters
_WORD, _CHARACTER = 10, 2  # what a word of a value costs, and a character of a script in an argument

# What prints, searches and compares, whatever its words look like.
_SAYS = frozenset({"echo", "printf", "grep", "egrep", "rg", "sed", "awk", "test", "[", "[[", "cat", "git", "read"})
_ALL = frozenset({"$@", "${@}", "$*", "${*}"})
_ENDS = frozenset({"return", "exit"})
_RUNS = frozenset({"run", "create", "deploy", "debug", "apply", "update"})


def run(source: Source, texts: Sequence[Text] = ()) -> Iterator[Finding]:
    """What the commands of a source name, make, define and write; of `texts`, one after the other, where given."""
    found: list[Finding] = []
    read = texts or ((source.text,) if may_hold(source.text.content) else ())
    interpreter = _Interpreter(source, Scope(budget=Budget(_ANY + _MANY * sum(map(len, read)))))
    names = own_names(text.content for text in read)
    for text in read:
        found += interpreter.read(parse(text, places(text.content, names) if len(text) > _FEW else None), 0)
    found += interpreter.edited()
    found += interpreter.functions.untold()
    found += interpreter.exported
    yield from _distinct(interpreter.elsewhere.applied(found))
    yield from interpreter.elsewhere.spent.values()


def _distinct(found: Iterable[Finding]) -> Iterator[Finding]:
    """Each place once, as the strongest of what was said of it: a pull, a use here, a product."""
    best: dict[object, Mention] = {}
    for finding in found:
        if isinstance(finding, Mention):
            key = (finding.text, *[(part.span, part.role) for part in finding.parts])
            known = best.get(key)
            if known is None or (not known.pulled, known.pulled_by is Puller.NONE) > (
                not finding.pulled,
                finding.pulled_by is Puller.NONE,
            ):
                best[key] = finding
        else:
            yield finding
    yield from best.values()


class _Interpreter(Struct):
    source: Source
    scope: Scope = field(default_factory=Scope)
    functions: Functions = field(default_factory=Functions)
    aliases: dict[str, Text] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    exported: list[Finding] = field(default_factory=list)  # told last: what uses a value here says more of it
    is_listed: bool = False  # a list of images is searched

    def read(self, commands: Sequence[Command], depth: int) -> Iterator[Finding]:
        for index, command in enumerate(commands):
            if command.function:
                self.functions.define(command)
            if command.guards:
                yield from self._compare(command)
            narrowed = self.scope.narrow(command.guards)
            if narrowed is None:
                continue
            values, is_sure = narrowed
            self.scope.note(commands, index, is_sure=is_sure)
            found = self._read(commands, index, depth)
            yield from self.functions.defined(command.function, found) if command.function else found
            self.scope.widen(values)
            if command.name in _ENDS and is_sure and command.guards and self.scope.is_call:
                return

    def _compare(self, command: Command) -> Iterator[Finding]:
        """Notes the values that the command's conditions look at; the names that they compare them with."""
        for guard in command.guards:
            if guard is not None and self.elsewhere.compared(guard, self._values):
                for reading in labelled(guard):
                    yield from self._reading(reading)

    def _values(self, name: str) -> tuple[Text, ...]:
        return self.scope.values.get(name, ())

    def _read(self, commands: Sequence[Command], index: int, depth: int) -> Iterator[Finding]:
        command = commands[index]
        if command.redirects or command.name == "export":
            self.exported += exported(command, self.scope, self.source)
        if command.assignments:
            yield from prefixed(command, self.scope, self.source)
        if command.redirects or command.name in WRITERS:
            yield from documents(self.source, command, commands[index + 1 : index + 2], self.scope)
            self.elsewhere.command(commands, index, self._values)
        if command.words:
            self.is_listed = command.name in SEARCHERS and index > 0 and lists(commands[index - 1])
            yield from self._command(self.scope.with_input(commands, index), depth)

    def _call(self, name: str, words: Sequence[Word], depth: int) -> Iterator[Finding]:
        """A function's commands, with what it is called with."""
        body = self.functions.call(name) if depth < _MAX_NESTING else ()
        if body:
            inner = replace(self, scope=self.scope.called(words))
            yield from inner.read(body, depth + 1)
            functions.keep(body, inner.scope, self.scope)

    def _command(self, words: Sequence[Word], depth: int) -> Iterator[Finding]:
        words = self._split(words)
        first = words[0].value if words else ""
        if first not in self.functions:  # `retry() { … }` is none of the wrappers
            words = unwrapped(words)
        if not words or depth > _MAX_NESTING:
            return
        if words[0].value != first and nested.is_text(words[0]):  # `watch 'docker ps'`
            yield from self._script(words[0], depth)
            return
        name = words[0].value.rpartition("/")[2].removesuffix(".exe")
        if name == "alias":
            yield from self._alias(words[1:], depth)
        elif alias := self.aliases.get(name):
            yield from self._command((*self._brought(alias), *words[1:]), depth + 1)
        elif name in nested.SHELLS:
            yield from self._inner(words, depth)
        elif name in self.functions and first != "command":  # `docker() { command docker "$@"; }`
            yield from self._call(name, words[1:], depth)
        else:
            yield from self._tool(name, words, depth)

    def _tool(self, name: str, words: Sequence[Word], depth: int) -> Iterator[Finding]:
        """What a tool that we know says; one that we do not know is read as kubectl where it looks like that."""
        tool = TOOLS.get(name)
        if tool is None and name not in _SAYS:
            tool = kubernetes.kubectl if name.startswith("kubectl-") or _runs_image(words) else others.others
        readings = list(tool(words[1:])) if tool is not None else []
        for program, given in nested.programs(name, words[1:]):
            readings += IN_CONTAINERS[program](given) if program in IN_CONTAINERS else ()
            if nested.is_shell(given) and nested.has_docker(words):
                yield from self._inner(given, depth)
        readings += compared(name, words[1:], is_listed=self.is_listed)
        for reading in readings:
            yield from self._reading(reading)
        inner = nested.executed(name, words[1:]) if name not in _SAYS else ()
        if not self.is_listed:
            self.elsewhere.tool(name, words[1 : len(words) - len(inner)], readings, self._values)
        if inner:
            yield from self._command(inner, depth + 1)

    def _alias(self, words: Sequence[Word], depth: int) -> Iterator[Finding]:
        """`alias k=kubectl`, to be run later by whoever types it; one that calls itself is the command of that name."""
        for word in words:
            name, equals, command = word.value.partition("=")
            body = word.cut(len(name) + 1).text
            if equals and command.partition(" ")[0] != name:
                self.aliases[name] = body
            if equals and depth < _MAX_NESTING:
                yield from self._command([*map(as_word, words_of(body))], depth + 1)

    def _split(self, words: Sequence[Word]) -> Sequence[Word]:
        """Unquoted variables that hold several words become them, as the shell does; so does the command itself."""
        if not [word for word in words if word.value.startswith("$")]:
            return words
        result: list[Word] = []
        for index, word in enumerate(words):
            if word.value in _ALL and self.scope.given:
                result += self.scope.passed()
                continue
            if (word.quoted and index) or not word.value.startswith("$"):
                result.append(word)
                continue
            values = list(self.scope.expand(word.text))
            is_known = len(values) == 1 and values[0].content != word.value
            pieces = self._brought(values[0]) if is_known else []
            if len(pieces) > bool(index):
                result += pieces
            else:
                result.append(word)
        return result

    def _brought(self, text: Text) -> list[Word]:
        """The words of a value or an alias, as many as may come."""
        return [as_word(word) for word in takewhile(lambda _: self.scope.budget.affords(_WORD), words_of(text))]

    def _inner(self, words: Sequence[Word], depth: int) -> Iterator[Finding]:
        """`bash -c 'commands'`, `ssh host commands`."""
        if depth >= _MAX_NESTING:
            return
        for script in nested.scripts(words):
            yield from self._script(script, depth)
        for command in nested.started(words):
            yield from self._command(command, depth + 1)

    def _script(self, script: Word, depth: int) -> Iterator[Finding]:
        if depth < _MAX_NESTING and self.scope.budget.affords(_CHARACTER * len(script.value)):
            yield from self.read(parse(script.text), depth + 1)

    def _reading(self, reading: Reading) -> Iterator[Finding]:
        if isinstance(reading, Document):
            yield replace(self.source, text=reading.word.text, kind=reading.kind, depth=self.source.depth + 1)
            return
        if isinstance(reading, Setting):
            self.settings.append(reading)
            return
        found = list(mentions(reading, self.scope, self.source))
        if reading.word is not None and len(found) == 1 and not self.scope.is_call and "$" in reading.word.value:
            self.elsewhere.keep(found[0], reading.word)
        for mention in found:
            yield mention
            if reading.kind in PRODUCTS:
                yield Built(mention.text, has_all_tags=reading.kind is Kind.FILL)
            elif reading.kind is Kind.LOAD:
                yield Loaded(mention.text)

    def edited(self) -> Iterator[Finding]:
        """What the keys that commands set one by one add up to, file by file."""
        files: dict[str, list[tuple[str, Word]]] = {}
        for setting in self.settings:
            files.setdefault(setting.file, []).append((setting.key, setting.word))
        for pairs in files.values():
            for use in helm.values_of(pairs):
                yield from mentions(use, self.scope, self.source)


def _runs_image(words: Sequence[Word]) -> bool:
    """An alias or a tool we do not know, that runs or creates something with --image."""
    names = [word.value for word in words[1:3]]
    return names == ["set", "image"] or (
        any(name in _RUNS for name in names) and any(word.value.startswith("--image") for word in words)
    )
