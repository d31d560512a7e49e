"""Shell commands, as far as POSIX's token rules and bash's usual additions tell them apart.

A grammar of our own and not tree-sitter's: on 60 kB of `a|a|a` or `a=(a=(` that one takes half a minute, and one
apostrophe in a page's sample output costs it the commands that follow. This one is linear, and recovers a line later.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from seeder.syntax.shell_branches import Branches
from seeder.syntax.shell_nodes import Assignment, Command, Redirect, Word
from seeder.syntax.shell_tokens import (
    ASSIGNMENT,
    BETWEEN,
    BLANK,
    COMMENT,
    DECLARATIONS,
    DECLARED,
    KEYWORDS,
    OPERATOR,
    OPERATOR_STARTS,
    PLACEHOLDER,
    PLAIN,
    PLAIN_WORDS,
    WHOLE_LINES,
)
from seeder.syntax.shell_words import Words
from seeder.syntax.text import Text

_MAX_DEPTH = 20


def parse(text: Text, places: Sequence[int] | None = None) -> list[Command]:
    """The commands of a text in their order, those inside substitutions before the one that holds them.

    With `places` (sorted), commands on lines where none of these characters stands may be passed over.
    """
    parser = _Parser(text, places=places)
    parser.run()
    return parser.commands


@dataclass(slots=True)
class _Parser(Words):
    places: Sequence[int] | None = None
    depth: int = 0
    waiting: list[int] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    named: str = ""
    endless: dict[str, int] = field(default_factory=dict)
    branches: Branches = field(default_factory=Branches)

    def run(self) -> None:
        content = self.source.content
        self._pass_over()
        while self.at < len(content):
            self._list("")

    def _pass_over(self) -> None:
        """Goes on to the next line that is of interest, over lines whose quotes are closed."""
        if self.places is None or self.depth or self.waiting:
            return
        content = self.source.content
        index = bisect_left(self.places, self.at)
        end = len(content)
        if index < len(self.places):
            end = content.rfind("\n", self.at, self.places[index]) + 1
        if end > self.at and (match := WHOLE_LINES.match(content, self.at, end)):
            self.at = match.end()

    def _list(self, closer: str) -> bool:
        """Reads commands up to `closer`, which it passes; false where the text ends first."""
        content, parens = self.source.content, 0
        while self.at < len(content):
            character = content[self.at]
            if character == "\n":
                self.at += 1
                self._end_line()
            elif plain := PLAIN_WORDS.match(content, self.at):
                self._plain(*plain.span())
            elif between := BETWEEN.match(content, self.at):
                self.at = between.end()
            elif closer == "`" and character == "`":
                self.at += 1
                self._end()
                return True
            elif operator := self._operator():
                self.at += len(operator)
                if operator == "(":
                    parens += 1
                elif operator == ")":
                    if closer == ")" and not parens and self._labels() is None:
                        self._end()
                        return True
                    parens = max(parens - 1, 0)
                self._apply(operator)
            else:
                self._take(self.word(closer))
        self._end()
        return False

    def _plain(self, start: int, end: int) -> None:
        """Words without anything to undo."""
        found = [
            Word(self.source, match[0], (match.span(),)) for match in PLAIN.finditer(self.source.content, start, end)
        ]
        self.at = end
        for count, word in enumerate(found):
            if self.words and self.words[0].value not in DECLARATIONS:
                self.words += found[count:]
                return
            self._take(word)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.source.content, self.at)
        self.at = match.end() if match else self.at + 1

    def _operator(self) -> str:
        content = self.source.content
        if content[self.at] not in OPERATOR_STARTS or PLACEHOLDER.match(content, self.at):
            return ""
        match = OPERATOR.match(content, self.at)
        return match[0] if match else ""

    def _apply(self, operator: str) -> None:
        if "<" in operator or ">" in operator:
            self._redirect(operator.lstrip("0123456789"))
            return
        if operator == "(" and (name := self._declared()):
            self.words, self.named = [], name
            return
        if operator in {"(", "|", ")"} and self._labels() is not None:
            self._label(operator)
            return
        is_pipe = operator in {"|", "|&"}
        self._end(pipes=is_pipe)
        if not is_pipe:
            self.branches.operator(operator, self.commands)

    def _labels(self) -> list[Word] | None:
        """The labels that are being read, where a `case` wants some."""
        self._case()
        return self.branches.labels

    def _label(self, operator: str) -> None:
        """`a | b )`, `( a )`"""
        labels = self.branches.labels
        if labels is not None:
            labels += self.words
        self.words = []
        if operator == ")":
            self.branches.begin()

    def _case(self) -> None:
        """Ends a `case x in` where its first label begins on the same line."""
        if len(self.words) < 3 or (self.words[0].value, self.words[2].value) != ("case", "in"):
            return
        rest, self.words = self.words[3:], self.words[:3]
        self._add()
        self.branches.case(self.words[1])
        self.words = rest

    def _end_line(self) -> None:
        is_within = not (self.words or self.assignments or self.redirects)  # `a &&`, and b on the next line
        self._end()
        if not is_within:
            self.branches.operator("\n", self.commands)
        if self.waiting:
            self._heredocs()
        self._pass_over()

    def _declared(self) -> str:
        """The function's name where `name (` is followed by `)`."""
        match = DECLARED.match(self.source.content, self.at)
        if match is None or not self.words or len(self.words) > 2:
            return ""
        return self.words[-1].value

    def _redirect(self, operator: str) -> None:
        self._skip_blank()
        self.redirects.append(Redirect(operator, self.word("")))

    def _skip_blank(self) -> None:
        if blank := BLANK.match(self.source.content, self.at):
            self.at = blank.end()

    def _take(self, word: Word) -> None:
        """Adds a word to the command that is being read."""
        if not word.spans and not word.quoted:
            return
        if not self.words and word.value in KEYWORDS and not word.quoted:
            self._keyword(word.value)
            return
        if word.value == "{" and len(self.words) == 2 and self.words[0].value == "function":
            self.named, self.words = self.words[1].value, []
            self._keyword("{")
            return
        if not self.words or self.words[0].value in DECLARATIONS:
            match = ASSIGNMENT.match(word.value)
            if match and not (self.words and word.value[0] == "-"):
                self.assignments.append(self._assignment(match, word))
                return
        self.words.append(word)

    def _keyword(self, keyword: str) -> None:
        """Braces are counted by the function that they belong to."""
        self.branches.keyword(keyword, self.commands)
        if keyword == "{":
            self.functions.append(self.named or (self.functions[-1] if self.functions else ""))
            self.named = ""
        elif keyword == "}" and self.functions:
            self.functions.pop()

    def _assignment(self, match: re.Match[str], word: Word) -> Assignment:
        content = self.source.content
        if match.end() == len(word.value) and content.startswith("(", self.at) and self.may_close(")"):
            self.at += 1
            return Assignment(match[1], tuple(self._array()), is_array=True)
        return Assignment(match[1], (word.cut(match.end()),))

    def _array(self) -> Iterator[Word]:
        content = self.source.content
        while self.at < len(content):
            if content[self.at] == ")":
                self.at += 1
                return
            if content[self.at] == "#":
                self._skip(COMMENT)
            elif content[self.at].isspace() or content[self.at] in ";&|<>(":
                self.at += 1
            else:
                yield self.word("")

    def substitution(self, opener: str) -> None:
        """Reads the commands of `$( )` or of backticks; they come before the command that holds them."""
        closer = "`" if opener == "`" else ")"
        start, made, can_close = self.at, len(self.commands), self.may_close(closer)
        self.at += len(opener)
        if self.depth >= _MAX_DEPTH or not can_close:
            return
        outer = self.words, self.assignments, self.redirects, self.waiting, self.branches
        self.words, self.assignments, self.redirects, self.waiting = [], [], [], []
        self.branches = Branches(groups=[self.branches.guards])
        self.depth += 1
        closed = self._list(closer)
        self.depth -= 1
        self.words, self.assignments, self.redirects, self.waiting, self.branches = outer
        if not closed and self.may_read_again(start):
            del self.commands[made:]
            self.at = start + len(opener)

    def _end(self, *, pipes: bool = False) -> None:
        self._case()
        if self.words and self.branches.labels is not None:
            self.branches.give_up()
        if self.words or self.assignments or self.redirects:
            self._add(pipes=pipes)
        self.words, self.assignments, self.redirects = [], [], []

    def _add(self, *, pipes: bool = False) -> None:
        """Adds the command that is being read."""
        if self.redirects and any(redirect.operator in {"<<", "<<-"} for redirect in self.redirects):
            self.waiting.append(len(self.commands))
        command = Command(
            tuple(self.words),
            tuple(self.assignments),
            tuple(self.redirects),
            pipes,
            self.functions[-1] if self.functions else "",
            self.branches.guards,
        )
        self.commands.append(command)

    def _heredocs(self) -> None:
        """Gives the commands of the line that ended the documents that follow it."""
        for index in self.waiting:
            command = self.commands[index]
            redirects = tuple(self._with_body(redirect) for redirect in command.redirects)
            self.commands[index] = replace(command, redirects=redirects)
        self.waiting = []

    def _with_body(self, redirect: Redirect) -> Redirect:
        name = redirect.target.value
        end = self._ending(name) if redirect.operator in {"<<", "<<-"} and name else None
        if end is None:
            return redirect
        body = self.source.slice(self.at, end.start())
        self.at = min(end.end() + 1, len(self.source))
        return replace(redirect, body=body)

    def _ending(self, name: str) -> re.Match[str] | None:
        """The line that ends a document; one that was not found is not looked for again further on."""
        content, at = self.source.content, self.at
        if self.patience <= 0 or at >= self.endless.get(name, len(content) + 1):
            return None
        end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t\r]*$", re.MULTILINE).search(content, at)
        if end is None:
            self.endless[name] = at
            self.patience -= len(content) - at
        return end
