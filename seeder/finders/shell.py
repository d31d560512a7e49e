"""Images that commands pull: shell scripts, terminal commands in pages, and the documents that they write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders import dotenv
from seeder.finders.commands import interpreter
from seeder.finders.finding import Finding, Source, Unparsed
from seeder.finders.formats import SCRIPT, SHEBANG
from seeder.finders.session import in_session, local

_SCRIPT = re.compile(SCRIPT)
_LONGEST = 4 << 20  # characters; all commands of a script stand in memory at once
# A script of comments and assignments, one a line, which is there for others to source.
_SETTINGS = re.compile(
    r"(?:[ \t]*(?:#[^\n]*|(?:export[ \t]+)?[A-Za-z_]\w*="
    r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'#;&|`()]*)[ \t]*(?:#[^\n]*)?)?\r?(?:\n|\Z))+\Z"
)
# Where Educates runs files of any name (educates.md §2).
_PLACES = re.compile(r"(?:^|/)(?:setup\.d|profile\.d|examiner/tests|examiner/bin)/[^/.]+\Z|(?:^|/)workshop/profile\Z")


def find(source: Source) -> Iterator[Finding]:
    """What a script's commands name, and what one of settings assigns."""
    if source.kind == "shell":
        yield from interpreter.run(source)
    elif _SCRIPT.fullmatch(source.name) or _is_script(source):
        if len(source.text) > _LONGEST:
            yield Unparsed(f"a script of more than {_LONGEST >> 20} MiB is not read")
            return
        if _SETTINGS.match(source.text.content):
            yield from dotenv.settings(source)
        found = interpreter.run(source)
        yield from found if in_session(source.path) else local(found)


def _is_script(source: Source) -> bool:
    start = source.text.content[:200]
    if start.startswith("#!"):
        return bool(SHEBANG.match(start))
    return not source.kind and bool(_PLACES.search(str(source.path)))
