"""The words that a value holds, as the shell splits it, and the lines that a command says it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.syntax.shell_nodes import Command, Word
from seeder.syntax.text import Text

_PIECE = re.compile(r"(?P<blank>\s+)|\$\(|[()`]|[^\s$()`]+|\$")
# Commands in a value that say what they print: no parser looks at them, since this is done wherever the value is used.
_ECHO = re.compile(r"(?:\$\(|`)\s*(?:echo|printf)\s(?P<printed>[^;|&<>`$]*)[)`]\Z")
_DOCUMENT = re.compile(
    r"(?:\$\(|`)\s*cat[ \t]*<<-?[ \t]*(['\"]?)(?P<name>\w+)\1[ \t]*\r?\n(?P<printed>.*)\n[ \t]*(?P=name)\s*[)`]\Z",
    re.DOTALL,
)
_WORD = re.compile(r"(?<!\S)[\"']?(?P<word>[^\s\"'%-][^\s\"'%]*)[\"']?(?!\S)")


def words_of(text: Text) -> Iterator[Text]:
    """The words of a value. A command in it is one word, or those that it prints where they stand in it."""
    if not holds_command(text.content):
        yield from _split(text)
        return
    for word in _pieces(text):
        yield from _printed(word) if is_command(word.content) else (word,)


def holds_command(content: str) -> bool:
    return "$(" in content or "`" in content


def is_command(content: str) -> bool:
    """Whether a word is a substitution and nothing else."""
    return (content.startswith("$(") and content.endswith(")")) or (content[:1] == content[-1:] == "`")


def prints(command: Command) -> Iterator[Text]:
    """The lines that a command hands on, where those are written there."""
    yield from bodies(command)
    if command.name in {"echo", "printf"}:
        for word in command.words[1:]:
            if "%" not in word.value and not word.value.startswith("-"):
                yield from lines(word.text)


def bodies(command: Command) -> Iterator[Text]:
    for redirect in command.redirects:
        if redirect.body is not None:
            yield from lines(redirect.body)


def lines(text: Text) -> Iterator[Text]:
    for match in re.finditer(r"[^\n]+", text.content):
        yield text.slice(*match.span())


def as_word(text: Text) -> Word:
    """A text as a word of its own."""
    return Word(text, text.content, ((0, len(text)),))


def _split(text: Text) -> Iterator[Text]:
    for match in re.finditer(r"\S+", text.content):
        yield text.slice(*match.span())


def _pieces(text: Text) -> Iterator[Text]:
    """The words, with each `$( )` and each pair of backticks whole."""
    start, depth, is_ticked = -1, 0, False
    for match in _PIECE.finditer(text.content):
        if match["blank"] and not depth and not is_ticked:
            if start >= 0:
                yield text.slice(start, match.start())
            start = -1
            continue
        start = match.start() if start < 0 else start
        sign = match[0]
        is_ticked ^= sign == "`"
        if sign == "$(" or (sign == "(" and depth):
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
    if start >= 0:
        yield text.slice(start, len(text))


def _printed(command: Text) -> Iterator[Text]:
    match = _ECHO.match(command.content) or _DOCUMENT.match(command.content)
    if match is None:
        yield command
        return
    for word in _WORD.finditer(command.content, *match.span("printed")):
        yield command.slice(*word.span("word"))
