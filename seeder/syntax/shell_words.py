"""Words of shell text: quotes, escapes and expansions, and what stands for itself because nothing closes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from seeder.syntax.shell_nodes import Command, Word
from seeder.syntax.shell_tokens import BLANK, BRACES, OPERATOR, PIECE, QUOTED
from seeder.syntax.text import Text

# How often a text is read again, where a quote or the like swallowed the rest of it and was not closed, and how many
# characters of a large one; after that they are taken as they were read.
_PATIENCE, _PATIENCE_SUM = 4, 1 << 18


@dataclass(slots=True)
class Words(ABC):
    """Reads words from `at` on, and has whoever reads commands read those inside them."""

    source: Text
    at: int = 0
    commands: list[Command] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    patience: int = field(init=False)

    def __post_init__(self) -> None:
        self.patience = min(_PATIENCE * len(self.source), _PATIENCE_SUM)

    @abstractmethod
    def substitution(self, opener: str) -> None:
        """Reads the commands of `$( )` or of backticks, and passes them."""

    def may_close(self, closer: str) -> bool:
        """Whether `closer` stands anywhere behind: a quick no."""
        if closer not in self.last:
            self.last[closer] = self.source.content.rfind(closer)
        return self.last[closer] > self.at

    def may_read_again(self, start: int) -> bool:
        """Whether what was swallowed from `start` on is to be read again."""
        is_patient = self.patience > 0
        self.patience -= self.at - start
        return is_patient

    def word(self, closer: str) -> Word:
        """The word that begins here; passes at least one character unless an operator or `closer` stands here."""
        content = self.source.content
        spans: list[tuple[int, int]] = []
        quoted = False
        while self.at < len(content) and (match := PIECE.match(content, self.at)):
            start, kind = self.at, match.lastgroup
            if kind == "plain":
                self.at = match.end()
                spans.append((start, self.at))
            elif kind == "closed":
                self.at = match.end()
                quoted = True
                spans.append((start + 1, self.at - 1))
            elif kind == "escape":
                if BLANK.match(content, start):
                    break
                self.at = match.end()
                spans.append((start + 1, self.at))
            elif match[0] in {"(", closer}:
                break
            else:
                quoted = quoted or match[0] in {'"', "'"}
                self._opened(match[0], spans)
        if self.at < len(content) and not spans and not quoted and not OPERATOR.match(content, self.at):
            self.at += content[self.at] != closer
        return Word(self.source, "".join([content[start:end] for start, end in spans]), tuple(spans), quoted)

    def _opened(self, opener: str, spans: list[tuple[int, int]]) -> None:
        """Passes what `opener` opened. Where it is not closed, it was a character like any other."""
        start = self.at
        if opener == '"':
            self._double(spans)
        elif opener == "'":
            self._single(spans)
        elif opener in {"$(", "<(", ">(", "`"}:
            self.substitution(opener)
            spans.append((start, self.at))
        elif opener == "${":
            self._braces()
            spans.append((start, self.at))
        else:
            self.at += len(opener)
            spans.append((start, self.at))

    def _single(self, spans: list[tuple[int, int]]) -> None:
        """A quote over several lines; one inside a word (don't) is an apostrophe unless it ends on its line."""
        content, start = self.source.content, self.at
        begins = start == 0 or content[start - 1] in " \t\n=(,"
        if not begins or not self.may_close("'"):
            self.at += 1
            spans.append((start, self.at))
            return
        end = content.index("'", start + 1)
        self.at = end + 1
        spans.append((start + 1, end))

    def _double(self, spans: list[tuple[int, int]]) -> None:
        content, start, kept = self.source.content, self.at, len(spans)
        made = len(self.commands)
        is_stray = not self.may_close('"')
        self.at += 1
        while not is_stray and (match := QUOTED.match(content, self.at)):
            before, kind = self.at, match.lastgroup
            self.at = match.end()
            if kind == "close":
                return
            if kind == "escape" and match[0][1] in '$`"\\\n':
                if match[0][1] != "\n":
                    spans.append((before + 1, self.at))
            elif kind == "open" and match[0] != "\\":
                self.at = before
                self.substitution(match[0])
                spans.append((before, self.at))
            else:
                spans.append((before, self.at))
        if self.may_read_again(start + 1):
            del spans[kept:], self.commands[made:]
            self.at = start + 1

    def _braces(self) -> None:
        """`${x:-{a}}`, braces inside: to the one that closes it, on this line."""
        match = BRACES.match(self.source.content, self.at)
        self.at = match.end() if match else self.at + 2
