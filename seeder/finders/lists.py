"""Lists of images: text files named so (`images.txt`), with nothing but a name a line, as air-gap tools take them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Slot, Source
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Puller, Spelling

_LINE = re.compile(r"^[ \t]*(?P<name>[^\s#]+)?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_SEPARATE = re.compile(r"[/:]")
_MOST = 5000
# A loop of `docker pull` and `docker tag` reads them, as a rule.
_LISTED = Slot(context=Context.OTHER, pulled_by=Puller.CLI, spelling=Spelling.COMMAND)


def find(source: Source) -> Iterator[Finding]:
    """Every line's name, where all of them are names and one at least can be nothing else."""
    content = source.text.content
    found = [match for match in _LINE.finditer(content) if match["name"]]
    lines = sum(1 for line in content.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    if len(found) != lines or lines > _MOST or not all(is_name(match["name"]) for match in found):
        return
    if not any(_SEPARATE.search(match["name"]) for match in found):
        return
    for match in found:
        yield from _LISTED.whole(source.text.slice(*match.span("name")))
