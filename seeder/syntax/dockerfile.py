"""Dockerfiles as BuildKit reads them (moby/buildkit frontend/dockerfile/parser, docs.docker.com/reference/dockerfile).

Directives, comments, continuations and heredocs are undone here; what an instruction means is the finder's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from seeder.syntax.text import Text

_DIRECTIVE = re.compile(r"#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(\S(?:.*\S)?)[ \t]*\Z")
# A page's variable, `{{< param x >}}`, is one word for all its blanks.
_WORD = re.compile(r"(?:\{\{[^{}\n]{0,200}\}\}|\S)+")
_FLAG = re.compile(r"\s*(--[a-zA-Z][a-zA-Z0-9-]*)(?:=|(?=\s|\Z))")
# One without an end takes the rest, or each quote in it would be looked behind for its own.
_QUOTED = r"\"(?s:\\.?|[^\"\\])*(?:\"|\Z)|'[^']*'"
_HEREDOC = re.compile(rf"(?<![<\S])\d*<<(-?)(?:\"([^\s<\"]+)\"|'([^\s<']+)'|([^\s<\"']+))|{_QUOTED}")
_BLANK = " \t\r\n"
# Only these read heredocs; ONBUILD carries one of them.
_HEREDOC_INSTRUCTIONS = frozenset({"ADD", "COPY", "RUN"})


Spans = list[tuple[int, int]]


class Heredoc(Struct, frozen=True):
    """A document in an instruction: its name, and its lines without the last."""

    name: str
    body: Text


class Flag(Struct, frozen=True):
    """An instruction's flag: `--from` and what follows its `=`."""

    name: str
    value: Text


class Instruction:
    """One instruction: its name in upper case, its flags, and the rest of its joined lines.

    `triggers` counts the ONBUILDs around it. `spans` of `text` are its lines without continuations, and what follows
    the name begins at `start`; they are joined when flags or rest are asked for.
    """

    def __init__(self, name: str, text: Text, spans: Spans, *, start: int = 0, triggers: int = 0) -> None:
        self.name = name
        self.triggers = triggers
        self.heredocs: tuple[Heredoc, ...] = ()
        self._text = text
        self._spans = spans
        self._start = start

    @cached_property
    def _split(self) -> tuple[tuple[Flag, ...], Text]:
        line = self._text.cut(self._spans)
        return _flags(line.slice(self._start, len(line)))

    @property
    def may_have_flags(self) -> bool:
        """A quick no: flags begin with two dashes."""
        return any(self._text.content.find("--", start, end) >= 0 for start, end in self._spans)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether its lines or its documents hold what a pattern looks for."""
        lines = self._text.content[self._spans[0][0] : self._spans[-1][1]]
        return bool(pattern.search(lines)) or any(pattern.search(one.body.content) for one in self.heredocs)

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self._split[0]

    @property
    def rest(self) -> Text:
        return self._split[1]

    @property
    def words(self) -> list[Text]:
        """The rest, cut at blanks."""
        return [self.rest.slice(*match.span()) for match in _WORD.finditer(self.rest.content)]


class Dockerfile(Struct, frozen=True):
    """Directives by lower-case name (the first of each counts), and the instructions, made as they are read."""

    directives: dict[str, Text]
    instructions: Iterator[Instruction]


def parse(text: Text) -> Dockerfile:
    """Reads any text; lines that no instruction could be are kept as instructions of that name."""
    lines = text.lines()
    directives, first = _directives(text, lines)
    escape = directives["escape"].content if "escape" in directives else "\\"
    return Dockerfile(directives, _instructions(text, lines[first:], "`" if escape == "`" else "\\"))


def _directives(text: Text, lines: Spans) -> tuple[dict[str, Text], int]:
    """Directives stand before all else, comments and empty lines included; a `#!` line may stand above them."""
    found: dict[str, Text] = {}
    for number, (start, end) in enumerate(lines):
        line = text.content[start:end].rstrip(_BLANK)
        if number == 0 and line.startswith("#!"):
            continue
        match = _DIRECTIVE.match(line)
        if match is None or match[1].lower() in found:
            return found, number
        found[match[1].lower()] = text.slice(start + match.start(2), start + match.end(2))
    return found, len(lines)


def _instructions(text: Text, lines: Spans, escape: str) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        spans, at = _logical_line(text.content, lines, at, escape)
        joined = "".join(text.content[start:end] for start, end in spans)
        name, start, triggers = _named(joined)
        if not name:
            continue
        instruction = Instruction(name, text, spans, start=start, triggers=triggers)
        if name in _HEREDOC_INSTRUCTIONS and "<<" in joined:
            heredocs, at = _heredocs(text, lines, at, joined)
            instruction.heredocs = tuple(heredocs)
        yield instruction


def _logical_line(content: str, lines: Spans, at: int, escape: str) -> tuple[Spans, int]:
    """The spans that make one line, without continuations, and the number of the line after.

    Comments and empty lines inside a continuation are passed over, as BuildKit does.
    """
    pieces: Spans = []
    while at < len(lines):
        start, end = lines[at]
        at += 1
        line = content[start:end]
        stripped = line.strip(_BLANK)
        if not stripped or stripped[0] == "#":
            if pieces:
                continue
            return [], at
        body = line.rstrip(_BLANK)
        if not _continues(body, escape):
            pieces.append((start, start + len(body)))
            break
        pieces.append((start, start + len(body) - 1))
    return pieces, at


def _continues(line: str, escape: str) -> bool:
    """Whether a line ends in the escape character, and not in two of them."""
    return line.endswith(escape) and not line.endswith(escape * 2)


def _named(line: str) -> tuple[str, int, int]:
    """The instruction's name, where what follows it begins, and how many ONBUILDs stood before."""
    triggers = 0
    for match in _WORD.finditer(line):
        name = match[0].upper()
        if name != "ONBUILD":
            return name, match.end(), triggers
        triggers += 1
    return "", 0, triggers


def _flags(rest: Text) -> tuple[tuple[Flag, ...], Text]:
    flags = []
    at = 0
    while match := _FLAG.match(rest.content, at):
        end = _word_end(rest.content, match.end())
        flags.append(Flag(match[1].lower(), rest.slice(match.end(), end)))
        at = end
    return tuple(flags), rest.slice(at, len(rest)) if at else rest


def _word_end(content: str, at: int) -> int:
    """Where a word ends; a quoted blank does not end it."""
    quote = ""
    while at < len(content):
        character = content[at]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character.isspace():
            break
        at += 1
    return at


def _heredocs(text: Text, lines: Spans, at: int, rest: str) -> tuple[list[Heredoc], int]:
    """The documents that the instruction opened, and the number of the line after; one without end takes the rest."""
    found = []
    for match in _HEREDOC.finditer(rest):
        name = match[2] or match[3] or match[4]
        if not name:
            continue
        first = at
        while at < len(lines):
            line = text.content[slice(*lines[at])].rstrip("\r\n")
            if (line.lstrip("\t") if match[1] else line) == name:
                break
            at += 1
        start = lines[first][0] if first < len(lines) else len(text)
        end = lines[at][0] if at < len(lines) else len(text)
        found.append(Heredoc(name, text.slice(start, max(start, end))))
        at = min(at + 1, len(lines))
    return found, at
