"""What shell text is made of: words that know their place, and the commands that they make."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from seeder.syntax.text import Text


class Word(Struct, frozen=True):
    """A word with its quoting undone: `value`, and the spans of `source` that hold it. Expansions stay as written."""

    source: Text
    value: str
    spans: tuple[tuple[int, int], ...]
    quoted: bool = False

    @property
    def text(self) -> Text:
        return self.source.slice(*self.spans[0]) if len(self.spans) == 1 else self.source.cut(self.spans)

    def place(self, at: int) -> int | None:
        """Where the word's character `at` stands in the file; None where it stands nowhere."""
        for low, high in self.spans:
            if at < high - low:
                found = self.source.outer_range(low + at, low + at + 1)
                return found[0] if found is not None else None
            at -= high - low
        return None

    def cut(self, start: int, end: int | None = None) -> Word:
        """The word's characters `start` up to `end`."""
        stop = len(self.value) if end is None else end
        spans, at = [], 0
        for low, high in self.spans:
            first, last = max(start - at, 0), min(stop - at, high - low)
            if first < last:
                spans.append((low + first, low + last))
            at += high - low
        return Word(self.source, self.value[start:stop], tuple(spans), self.quoted)


class Redirect(Struct, frozen=True):
    """`> file` and its kin; a heredoc has its `body`, and `quoted` where nothing in it is expanded."""

    operator: str
    target: Word
    body: Text | None = None


class Assignment(Struct, frozen=True):
    """`NAME=value`, or `NAME=(one two)` with several values."""

    name: str
    values: tuple[Word, ...]
    is_array: bool = False


class Guard(Struct, frozen=True):
    """A condition that says by itself when it is met: `subject` matches one of `patterns`, or none if not `is_met`."""

    subject: Word
    patterns: tuple[Word, ...]
    is_met: bool = True

    def negated(self) -> Guard:
        return replace(self, is_met=not self.is_met)


class Command(Struct, frozen=True):
    """A simple command, keywords before it left out.

    `pipes` says that its output goes to the next one; `function` names the function that it is part of. `guards` are
    the conditions under which it runs (`if`, `case`, `&&`, `||`), None where one says nothing that can be told here.
    """

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    pipes: bool = False
    function: str = ""
    guards: tuple[Guard | None, ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether it may be left out."""
        return bool(self.guards)

    @property
    def name(self) -> str:
        """Its first word; empty where it has none."""
        return self.words[0].value if self.words else ""
