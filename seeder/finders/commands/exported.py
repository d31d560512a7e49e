"""What commands leave for others to see: exported variables, lines put into $WORKSHOP_ENV, compose's variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.commands.mentions import mentions, named
from seeder.finders.commands.scope import Scope
from seeder.finders.commands.use import Use
from seeder.finders.finding import Assigned, Finding, Source
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Command
from seeder.syntax.text import Text

_LITERAL = re.compile(r"[^$`\s]+\Z")
_COMPOSERS = re.compile(r"(?:docker|podman|nerdctl)(?:-compose)?\Z")
_IMAGE_VARIABLE = re.compile(r"\w+_IMAGE\Z")
# A registry and a digest: nobody builds or pushes what is named so.
_PINNED = re.compile(r"[\w-]++(?:\.[\w-]++)+(?::\d++)?/[\w./:-]++@sha256:[0-9a-f]{64}\Z")
_EXPORT = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(\S+)\Z")


def exported(command: Command, scope: Scope, source: Source) -> Iterator[Finding]:
    """The variables that other files see, and the names that are their values."""
    for name, value in (*_variables(command, scope), *_lines(command)):
        if _LITERAL.match(value.content):
            yield Assigned(name, value.content)
            pulls = Puller.IMGPKG if "BUNDLE" in name.upper() else Puller.CLI
            yield from named(value, source, pulls if _PINNED.match(value.content) else Puller.NONE)


def _variables(command: Command, scope: Scope) -> Iterator[tuple[str, Text]]:
    for assignment in command.assignments if command.name == "export" else ():
        for value in scope.values.get(assignment.name, ())[:1]:
            yield assignment.name, value


def _lines(command: Command) -> Iterator[tuple[str, Text]]:
    """`echo "export X=y" >> $WORKSHOP_ENV`"""
    if any("WORKSHOP_ENV" in redirect.target.value for redirect in command.redirects):
        for word in command.words[1:]:
            if match := _EXPORT.match(word.value):
                yield match[1], word.cut(match.end(2) - len(match[2])).text


def prefixed(command: Command, scope: Scope, source: Source) -> Iterator[Finding]:
    """`DB_IMAGE=postgres:16.2 docker compose up`: what compose puts into its file."""
    if _COMPOSERS.match(command.name):
        for assignment in command.assignments:
            for word in assignment.values if _IMAGE_VARIABLE.match(assignment.name) else ():
                yield from mentions(Use(word=word), scope, source)
