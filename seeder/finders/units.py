"""Services that start containers: systemd units, Podman's quadlets, programs of supervisor.

Sources: systemd.service(5), podman-systemd.unit(5), supervisord.org "Configuration File".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Slot, Source
from seeder.model.occurrence import Context, Puller
from seeder.syntax.text import Text

_STARTED = Slot(context=Context.OTHER, pulled_by=Puller.CLI)
_SUPERVISOR = re.compile(r".+\.(?:conf|ini)\Z")
_PROGRAM = re.compile(r"^\[(?:program|eventlistener):", re.MULTILINE)
_EXEC = re.compile(r"^Exec\w+=[-@:+!]*(?P<command>(?:[^\\\n]|\\\r?\n|\\.)*\n?)", re.MULTILINE)
_COMMAND = re.compile(r"^command[ \t]*=[ \t]*(?P<command>[^\n]*\n?(?:[ \t]+[^\n]*\n?)*)", re.MULTILINE)
_LINE = re.compile(r"[^\\\r\n](?:[^\\\r\n]|\\(?!\r?\n))*")
_QUADLET = re.compile(r"^\[(?:Container|Image|Volume)\]", re.MULTILINE)
_IMAGE = re.compile(r"^Image[ \t]*=[ \t]*(?:docker://)?(?P<name>[^\s#]+)[ \t]*\r?$", re.MULTILINE)
# What another quadlet makes: `web.build`, `web.image`.
_OTHER_UNIT = re.compile(r".+\.(?:build|image)\Z")


def find(source: Source) -> Iterator[Finding]:
    content = source.text.content
    if _SUPERVISOR.match(source.name):
        yield from _typed(source, _COMMAND) if _PROGRAM.search(content) else ()
        return
    yield from _typed(source, _EXEC)
    for match in _IMAGE.finditer(content) if _QUADLET.search(content) else ():
        if not _OTHER_UNIT.match(match["name"]):
            yield from _STARTED.whole(source.text.slice(*match.span("name")))


def _typed(source: Source, pattern: re.Pattern[str]) -> Iterator[Finding]:
    commands = [source.text.slice(*match.span("command")) for match in pattern.finditer(source.text.content)]
    if commands:
        pieces = [piece for command in commands for piece in _on_one_line(command)]
        text = Text.joined(source.text.file, pieces)
        yield source.inner(text, "shell")


def _on_one_line(command: Text) -> Iterator[Text]:
    """A command on one line: supervisor goes on where the next line is indented, systemd after a backslash."""
    for match in _LINE.finditer(command.content):
        yield command.slice(*match.span())
        yield Text(command.file, " ", ())
    yield Text(command.file, "\n", ())
