"""Places in a file that serve for something else than an image as well: what a name stands on there may not change."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders.finding import Finding, Source
from seeder.model.occurrence import Mention, Span
from seeder.syntax.text import Text


def is_bare(value: str) -> bool:
    """Whether a value may be any name: one with a tag or a registry is an image's, whatever takes it."""
    return not re.search(r"[:@/]", value)


class Marks(Struct):
    """Places as they are noted, each with the reason."""

    by_span: dict[Span, str] = field(default_factory=dict)

    def add(self, text: Text, reason: str) -> None:
        for span in _spans(text):
            self.by_span.setdefault(span, reason)

    def found(self) -> Marked:
        return Marked(self.by_span)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Marks:
        """Where names that may change stand, and texts that are read next."""
        marks = cls()
        for finding in findings:
            if isinstance(finding, Source):
                marks.add(finding.text, "a text")
            elif isinstance(finding, Mention) and finding.pulled and not finding.reason:
                marks.by_span.update((part.span, "a name") for part in finding.parts)
        return marks

    def held(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, with what stands on a marked text kept as it is."""
        marked = self.found()
        for finding in findings:
            reason = marked.reason(finding) if isinstance(finding, Mention) else ""
            yield replace(finding, reason=reason) if reason and isinstance(finding, Mention) else finding


class Marked:
    """Marked places, those that overlap as one, to be looked up by what overlaps them."""

    def __init__(self, by_span: dict[Span, str]) -> None:
        self._spans: list[Span] = []
        self._reasons: list[str] = []
        for span, reason in sorted(by_span.items()):
            if self._spans and span.start < self._spans[-1].end:
                self._spans[-1] = Span(self._spans[-1].start, max(span.end, self._spans[-1].end))
            else:
                self._spans.append(span)
                self._reasons.append(reason)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def _over(self, span: Span) -> str:
        """Why a place is marked; empty where it is not."""
        at = bisect_left(self._spans, Span(span.end, 0)) - 1
        return self._reasons[at] if at >= 0 and self._spans[at].end > span.start else ""

    def holds(self, text: Text) -> bool:
        """Whether any character of a text is marked."""
        return any(map(self._over, _spans(text)))

    def reason(self, mention: Mention) -> str:
        """Why a name that could change may not."""
        if not self._spans or not mention.pulled or mention.reason:
            return ""
        return next(filter(None, (self._over(part.span) for part in mention.parts)), "")

    def without(self, text: Text) -> Text:
        """The text, with what is marked standing nowhere."""
        kept = tuple(piece for piece, span in zip(text.pieces, _spans(text), strict=True) if not self._over(span))
        return text if len(kept) == len(text.pieces) else Text(text.file, text.content, kept)


def _spans(text: Text) -> Iterator[Span]:
    for piece in text.pieces:
        yield Span(text.file.byte_at(piece.outer), text.file.byte_at(piece.outer + piece.length))
