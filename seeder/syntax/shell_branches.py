"""Under which conditions commands run: the labels of `case`, the tests of `if`, `&&` and `||`, what braces group."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct, field

from seeder.syntax.shell_nodes import Command, Guard, Word

Guards = tuple[Guard | None, ...]

_MOST = 8  # conditions around a command, and labels before a branch, that are told: else each command has them all
_MOST_LABELS = 50
_EQUAL, _UNEQUAL = frozenset({"=", "=="}), frozenset({"!="})
_CLOSERS = {"[": "]", "[[": "]]", "test": ""}
_OPEN = re.compile(r"[$`]")


def condition(command: Command) -> Guard | None:
    """What a test says: `[ "$1" = all ]`, `[[ $x != a* ]]`, `test -z "$1"`; None for what only running it tells."""
    return comparison(command.words[1:], _CLOSERS[command.name]) if command.name in _CLOSERS else None


def comparison(words: Sequence[Word], closer: str = "") -> Guard | None:
    """What the words of a test say, which `closer` ends."""
    if closer and (not words or words[-1].value != closer):
        return None
    rest = list(words[: len(words) - bool(closer)])
    is_met = True
    while rest and rest[0].value == "!":
        is_met, rest = not is_met, rest[1:]
    found = _compared(rest)
    return found if found is None or is_met else found.negated()


def _compared(words: Sequence[Word]) -> Guard | None:
    if len(words) == 2 and words[0].value in {"-z", "-n"}:
        nothing = words[0].cut(0, 0)
        return Guard(words[1], (nothing,), words[0].value == "-z")
    if len(words) != 3 or words[1].value not in _EQUAL | _UNEQUAL:
        return None
    subject, other = sorted((words[0], words[2]), key=lambda word: not _OPEN.search(word.value))
    if not _OPEN.search(subject.value) or _OPEN.search(other.value):
        return None
    return Guard(subject, (other,), words[1].value in _EQUAL)


class _If(Struct):
    """`before` is what the branches passed over say, `now` the condition of this one; it begins with a command."""

    start: int
    before: Guards = ()
    now: Guards = (None,)

    @property
    def guards(self) -> Guards:
        return (*self.before, *self.now)


class _Case(Struct):
    """`labels` are those of this branch, `earlier` those of the ones before it."""

    subject: Word
    labels: list[Word] = field(default_factory=list)
    earlier: list[Word] = field(default_factory=list)
    takes_labels: bool = True
    falls_through: bool = False
    guards: Guards = (None,)

    def begin(self) -> None:
        """The labels of a branch are read."""
        self.takes_labels = False
        if self.falls_through or len(self.earlier) > _MOST_LABELS:
            self.guards = (None,)
        else:
            before = (Guard(self.subject, tuple(self.earlier), is_met=False),) if self.earlier else ()
            self.guards = (*before, Guard(self.subject, tuple(self.labels)))

    def end(self, operator: str) -> None:
        self.earlier += self.labels
        self.labels, self.takes_labels, self.falls_through = [], True, operator != ";;"


class Branches(Struct):
    """The branches that a parser is in; told of keywords and operators as it meets them."""

    open: list[_If | _Case] = field(default_factory=list)
    groups: list[Guards] = field(default_factory=list)
    chain: Guards = ()

    @property
    def guards(self) -> Guards:
        """The conditions of the next command: of many the nearest."""
        if not self.open and not self.groups:
            return self.chain
        around = [guard for group in self.groups[-_MOST:] for guard in group]
        around += [guard for branch in self.open[-_MOST:] for guard in branch.guards]
        return (*around[-_MOST:], *self.chain)

    @property
    def labels(self) -> list[Word] | None:
        """Those of the branch that begins here; None where no label is expected."""
        last = self.open[-1] if self.open else None
        return last.labels if isinstance(last, _Case) and last.takes_labels else None

    def give_up(self) -> None:
        """No label came: what looked like a `case` is a sentence."""
        del self.open[-1:]

    def keyword(self, keyword: str, commands: Sequence[Command]) -> None:
        """`commands` are all that were read so far."""
        last = self.open[-1] if self.open else None
        if keyword == "if":
            self.open.append(_If(len(commands)))
        elif keyword in {"fi", "esac"}:
            del self.open[-1:]
        elif keyword == "{":
            self.groups.append(self.chain)
            self.chain = ()
        elif keyword == "}":
            del self.groups[-1:]
        elif isinstance(last, _If):
            _turn(last, keyword, commands)

    def case(self, subject: Word) -> None:
        self.open.append(_Case(subject))

    def begin(self) -> None:
        """The labels of a branch are read."""
        if self.open and isinstance(last := self.open[-1], _Case):
            last.begin()

    def operator(self, operator: str, commands: Sequence[Command]) -> None:
        """What an operator says of the command behind it; the one before it is the last of `commands`."""
        last = self.open[-1] if self.open else None
        if operator in {"&&", "||"}:
            self._chained(operator, condition(commands[-1]) if commands else None)
            return
        self.chain = ()
        if operator in {";;", ";&", ";;&"} and isinstance(last, _Case):
            last.end(operator)

    def _chained(self, operator: str, tested: Guard | None) -> None:
        """`[ a ] || b`, `[ a ] && b && c`; what stands behind `a && b ||` runs where either fails."""
        if operator == "&&":
            self.chain = (*self.chain[1 - _MOST :], tested)
        else:
            self.chain = (tested.negated() if tested is not None and not self.chain else None,)


def _turn(branch: _If, keyword: str, commands: Sequence[Command]) -> None:
    if keyword == "then":
        conditions = commands[branch.start :]
        branch.now = (condition(conditions[0]) if len(conditions) == 1 else None,)
    elif keyword in {"elif", "else"}:
        passed = tuple(guard and guard.negated() for guard in branch.now)
        branch.before = (*branch.before[1 - _MOST :], *passed)
        branch.now = () if keyword == "else" else (None,)
        branch.start = len(commands)
