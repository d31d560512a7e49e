"""The rewrite record: what `rewrite` put where, so that `restore` can put back what stood there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from seeder.model.occurrence import Role


class Surroundings(Struct, frozen=True, kw_only=True):
    """What stands around a span, as short hashes, so that a record tells nothing of a file but its references.

    The line before, the same line up to the span, the same line after it, the line after.
    """

    above: str = ""
    before: str = ""
    after: str = ""
    below: str = ""

    def likeness(self, other: Surroundings) -> int:
        """How many of the four are the same."""
        mine = (self.above, self.before, self.after, self.below)
        return sum(a == b for a, b in zip(mine, (other.above, other.before, other.after, other.below), strict=True))


class RewrittenSpan(Struct, frozen=True, kw_only=True):
    """A span that was rewritten: what stood there at the very first, and what seeder wrote.

    `workshop` is relative to the catalog's folder, `file` to the workshop. `line` and `column`, from 1 and in code
    points, are those of `written`. `earlier` is the text that seeder wrote there before, while a file is on its way
    from one pin to the next; a run that ends in between leaves a file with one or the other.
    `reference` is the original in canonical form.
    """

    workshop: str
    file: str
    line: int
    column: int
    original: str
    written: str
    reference: str
    role: Role = Role.REFERENCE
    earlier: str = ""
    surroundings: Surroundings = Surroundings()

    @property
    def place(self) -> str:
        return f"{self.workshop}/{self.file}:{self.line}"

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of ours that may stand there, the newest first."""
        return (self.written, self.earlier) if self.earlier else (self.written,)


# By (workshop, file), in the order of the file.
ByFile = Mapping[tuple[str, str], tuple[RewrittenSpan, ...]]


class Rewrites(Struct, frozen=True):
    """All rewritten spans of a catalog, sorted by place."""

    spans: tuple[RewrittenSpan, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[RewrittenSpan]) -> Rewrites:
        return cls(tuple(sorted(spans, key=lambda span: (span.workshop, span.file, span.line, span.column))))

    def by_file(self) -> ByFile:
        found: dict[tuple[str, str], list[RewrittenSpan]] = {}
        for span in self.spans:
            found.setdefault((span.workshop, span.file), []).append(span)
        return {key: tuple(spans) for key, spans in found.items()}

    def __iter__(self) -> Iterator[RewrittenSpan]:
        return iter(self.spans)
