"""What a rule is, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

from seeder.model.occurrence import Occurrence, Part, Span
from seeder.rules.subject import Page, Workshop
from seeder.syntax.text import Text
from seeder.syntax.yaml_nodes import Node


class Severity(StrEnum):
    """How bad it is; the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def reaches(self, least: Severity) -> bool:
        order = list(Severity)
        return order.index(self) <= order.index(least)


class Place(Struct, frozen=True, kw_only=True):
    """Where a problem is: line and columns count from 1, `end_column` is exclusive."""

    file: str
    line: int = 1
    column: int = 1
    end_column: int = 1

    @classmethod
    def of(cls, file: str, part: Part | None) -> Place:
        if part is None:
            return cls(file=file)
        return cls(file=file, line=part.line, column=part.column, end_column=part.end_column)

    @classmethod
    def of_occurrence(cls, one: Occurrence) -> Place:
        return cls.of(one.file, one.parts[0] if one.parts else None)

    @classmethod
    def of_text(cls, file: str, text: Text) -> Place:
        """The first line of a text, or the beginning of the file where the text does not stand together."""
        first = text.content.partition("\n")[0].rstrip("\r")
        return cls.of(file, text.part(0, len(first)))

    @classmethod
    def of_node(cls, file: str, node: Node) -> Place:
        return cls.of_text(file, node.written)


class Fix(Struct, frozen=True, kw_only=True):
    """Text that may safely stand in place of what is there."""

    span: Span
    old: str
    new: str


def fixes(workshop: Workshop, part: Part, new: str) -> tuple[Fix, ...]:
    """The fix that writes `new` for a part; none where an action of a page would no longer find what it searches."""
    begun = [text for text in workshop.searched if part.text.startswith(text)]
    if any(text == part.text or not new.startswith(text) for text in begun):
        return ()
    return (Fix(span=part.span, old=part.text, new=new),)


class Problem(Struct, frozen=True, kw_only=True):
    """What a rule found: where, what is wrong and what follows from it (`message`), what to do (`remedy`)."""

    place: Place
    message: str
    remedy: str
    fixes: tuple[Fix, ...] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """A rule; `guideline` is its number in the guideline for hosting images, `elsewhere` what only a cluster shows.

    `of_page` looks at one file that holds one of `hints`, `of_workshop` at all that is known of a workshop.
    """

    id: str
    severity: Severity
    title: str
    guideline: int | None = None
    elsewhere: str = ""
    hints: tuple[bytes, ...] = ()
    of_page: Callable[[Page], Iterable[Problem]] | None = None
    of_workshop: Callable[[Workshop], Iterable[Problem]] | None = None
