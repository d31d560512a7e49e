"""The functions of a script: what they run is read where they stand, and for each call with the words that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders.commands.scope import Scope
from seeder.finders.finding import Finding, Source
from seeder.model.occurrence import Mention
from seeder.syntax.shell_nodes import Command

_MAX_CALLS = 500
_MAX_CALLED = 10_000  # commands of functions that are called, all calls together
_LOCAL = frozenset({"local", "declare", "typeset"})


class Functions(Struct):
    """The commands of each function; which were called, and what that cost; what is open in each."""

    bodies: dict[str, list[Command]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    calls: int = 0
    commands: int = 0
    waiting: dict[str, list[Finding]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.bodies

    def define(self, command: Command) -> None:
        """Notes a command of a function, as a call runs it."""
        self.bodies.setdefault(command.function, []).append(replace(command, function=""))

    def defined(self, name: str, findings: Iterable[Finding]) -> Iterator[Finding]:
        """What a function's commands name; what is open there, as by the words that it gets, its calls tell."""
        for finding in findings:
            if _is_open(finding):
                self.waiting.setdefault(name, []).append(finding)
            else:
                yield finding

    def untold(self) -> Iterator[Finding]:
        """What is open in functions that nothing calls."""
        for name, findings in self.waiting.items():
            if name not in self.called:
                yield from findings

    def call(self, name: str) -> list[Command]:
        """The commands that a call runs; none where all calls have cost too much."""
        body = self.bodies[name]
        size = sum(1 + len(command.words) // 8 for command in body)
        if self.calls >= _MAX_CALLS or self.commands + size > _MAX_CALLED:
            return []
        self.calls += 1
        self.commands += size
        self.called.add(name)
        return list(body)


def keep(body: Iterable[Command], inner: Scope, outer: Scope) -> None:
    """What a call leaves set: all but local variables, and what is not known there."""
    for command in body:
        for assignment in command.assignments if command.name not in _LOCAL else ():
            values = inner.values.get(assignment.name, ())
            if values and not any("$" in value.content for value in values):
                outer.values[assignment.name] = values


def _is_open(finding: Finding) -> bool:
    if isinstance(finding, Source):
        return "$" in finding.text.content
    return isinstance(finding, Mention) and "$" in finding.text
