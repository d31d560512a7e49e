"""A module per format: a source in, findings out; pure, total, linear in the input.

A finder has `NAME`, `matches(source) -> bool`, which looks at path and kind alone, and `find(source)`, and a line in
`FINDERS`. It may have `HINTS`: byte strings, one of which stands in every text that holds something for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from seeder.finders.finding import Finding, Source

# A line a finder, in the order in which they are asked; each is imported when the first source is looked into.
FINDERS = (
    "seeder.finders.dockerfile",
    "seeder.finders.shell",
    "seeder.finders.makefile",
    "seeder.finders.pages",
    "seeder.finders.pages.parameters",
    "seeder.finders.yaml",
    "seeder.finders.dotenv",
    "seeder.finders.unread",
)


class Finder(Protocol):
    NAME: str

    @staticmethod
    def matches(source: Source) -> bool: ...

    @staticmethod
    def find(source: Source) -> Iterator[Finding]: ...


@cache
def finders() -> tuple[Finder, ...]:
    return tuple(cast("Finder", import_module(name)) for name in FINDERS)


def hints(finder: Finder) -> tuple[bytes, ...]:
    """One of these stands in every text that holds something for the finder; empty where it cannot say."""
    return getattr(finder, "HINTS", ())


def find(source: Source) -> Iterator[Finding]:
    """What all finders see in a source."""
    for finder in finders():
        if finder.matches(source):
            yield from finder.find(source)
