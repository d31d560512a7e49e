"""Shell commands, as far as POSIX's token rules and bash's usual additions tell them apart.

A grammar of our own and not tree-sitter's: on 60 kB of `a|a|a` or `a=(a=(` that one takes half a minute, and one
apostrophe in a page's sample output costs it the commands that follow. This one is linear, and recovers a line later.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from seeder.syntax.shell_nodes import Assignment, Command, Redirect, Word
from seeder.syntax.text import Text

_MAX_DEPTH = 20
_MAX_FAILURES = 16
_BLANK = re.compile(r"(?:[ \t\r\f\v]|\\[ \t]*\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
# What a word is made of, quoting aside. A page's `{{ variable }}` and a `<placeholder>` are parts of words.
# No group is possessive: Python 3.11.2, Debian 12's, matches those wrongly.
_WHOLE_LINES = re.compile(
    r"""(?:(?:[ \t]*+\#[^\n]*+|(?:[^\n'"\\`]++|"[^"\n\\`]*+"|'[^'\n]*+')*)\n)+""",
)
_PIECE = re.compile(
    r"""(?P<plain>(?:[^\s;&|<>()`'"\\${]|\{(?!\{))+
        |\{\{[^{}\n]{0,200}\}\}
        |<[A-Za-z][\w.-]*(?:[ ][\w.-]+)*>
        |\$(?:\w+|[@*\#?!$-])
        |\$\{[^{}\n"]*\}
        |\$\([A-Za-z_]\w*\)(?=[/:.$-])
        |\{
        )
      |(?P<single>'[^'\n]*')
      |(?P<escape>\\(?:.|\Z))
      |(?P<open>"|\$?\(|`|'|\$\{|\$)""",
    re.VERBOSE | re.DOTALL,
)
_BRACES = re.compile(r"\$\{(?:[^{}\n]|\{[^{}\n]{0,100}\}){0,200}\}")
# A word without anything to undo, up to a blank or an end.
_SIMPLE = re.compile(r"[\w./:@%+,=~^\]*?!-]++(?=[ \t\n;&|)]|\Z)")
_QUOTED = re.compile(r'(?P<plain>(?:[^"\\`$]|\$(?!\())+)|(?P<escape>\\.)|(?P<open>\$\(|`|\\)|(?P<close>")', re.DOTALL)
_OPERATOR = re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|>>|[<>]&|>\||[<>])|&&|\|\||;;&?|;&|\|&|[;&|()\n]")
_OPERATOR_STARTS = frozenset("\n;&|<>()0123456789")
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w.-]*(?:[ ][\w.-]+)*>")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_DECLARED = re.compile(r"[ \t]*\)")
_DECLARATIONS = frozenset({"export", "declare", "local", "readonly", "typeset"})
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "while", "until", "do", "done", "fi", "esac", "!", "{", "}", "time"}
)


def parse(text: Text, places: Sequence[int] | None = None) -> list[Command]:
    """The commands of a text in their order, those inside substitutions before the one that holds them.

    With `places` (sorted), commands on lines where none of these characters stands may be passed over.
    """
    parser = _Parser(text, places=places)
    parser.run()
    return parser.commands


@dataclass(slots=True)
class _Parser:
    source: Text
    places: Sequence[int] | None = None
    at: int = 0
    depth: int = 0
    failures: int = 0
    commands: list[Command] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    named: str = ""

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
        if end > self.at and (match := _WHOLE_LINES.match(content, self.at, end)):
            self.at = match.end()

    def _list(self, closer: str) -> bool:
        """Reads commands up to `closer`, which it passes; false where the text ends first."""
        content, parens = self.source.content, 0
        while self.at < len(content):
            if blank := _BLANK.match(content, self.at):
                self.at = blank.end()
                continue
            character = content[self.at]
            if character == "#":
                self._skip(_COMMENT)
            elif closer == "`" and character == "`":
                self.at += 1
                self._end()
                return True
            elif operator := self._operator():
                self.at += len(operator)
                if operator == "(":
                    parens += 1
                elif operator == ")":
                    if closer == ")" and not parens:
                        self._end()
                        return True
                    parens = max(parens - 1, 0)
                self._apply(operator)
            else:
                self._take(self._word(closer))
        self._end()
        return False

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.source.content, self.at)
        self.at = match.end() if match else self.at + 1

    def _operator(self) -> str:
        content = self.source.content
        if content[self.at] not in _OPERATOR_STARTS or _PLACEHOLDER.match(content, self.at):
            return ""
        match = _OPERATOR.match(content, self.at)
        return match[0] if match else ""

    def _apply(self, operator: str) -> None:
        if "<" in operator or ">" in operator:
            self._redirect(operator.lstrip("0123456789"))
            return
        if operator == "(" and (name := self._declared()):
            self.words, self.named = [], name
            return
        self._end(pipes=operator in {"|", "|&"})
        if operator == "\n":
            self._heredocs()
            self._pass_over()

    def _declared(self) -> str:
        """The function's name where `name (` is followed by `)`."""
        match = _DECLARED.match(self.source.content, self.at)
        if match is None or not self.words or len(self.words) > 2:
            return ""
        return self.words[-1].value

    def _redirect(self, operator: str) -> None:
        self._skip_blank()
        self.redirects.append(Redirect(operator, self._word("")))

    def _skip_blank(self) -> None:
        if blank := _BLANK.match(self.source.content, self.at):
            self.at = blank.end()

    def _take(self, word: Word) -> None:
        """Adds a word to the command that is being read."""
        if not word.spans and not word.quoted:
            return
        if not self.words and word.value in _KEYWORDS and not word.quoted:
            self._brace(word.value)
            return
        if word.value == "{" and len(self.words) == 2 and self.words[0].value == "function":
            self.named, self.words = self.words[1].value, []
            self._brace("{")
            return
        if not self.words or self.words[0].value in _DECLARATIONS:
            match = _ASSIGNMENT.match(word.value)
            if match and not (self.words and word.value[0] == "-"):
                self.assignments.append(self._assignment(match, word))
                return
        self.words.append(word)

    def _brace(self, keyword: str) -> None:
        """Braces are counted by the function that they belong to."""
        if keyword == "{":
            self.functions.append(self.named or (self.functions[-1] if self.functions else ""))
            self.named = ""
        elif keyword == "}" and self.functions:
            self.functions.pop()

    def _assignment(self, match: re.Match[str], word: Word) -> Assignment:
        content = self.source.content
        if match.end() == len(word.value) and content.startswith("(", self.at):
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
                self._skip(_COMMENT)
            elif content[self.at].isspace() or content[self.at] in ";&|<>(":
                self.at += 1
            else:
                yield self._word("")

    def _word(self, closer: str) -> Word:
        """The word that begins here; passes at least one character unless an operator or `closer` stands here."""
        content = self.source.content
        if simple := _SIMPLE.match(content, self.at):
            start, self.at = self.at, simple.end()
            return Word(self.source, simple[0], ((start, self.at),))
        spans: list[tuple[int, int]] = []
        quoted = False
        while self.at < len(content) and (match := _PIECE.match(content, self.at)):
            start, kind = self.at, match.lastgroup
            if kind == "plain":
                self.at = match.end()
                spans.append((start, self.at))
            elif kind == "single":
                self.at = match.end()
                quoted = True
                spans.append((start + 1, self.at - 1))
            elif kind == "escape":
                if _BLANK.match(content, start):
                    break
                self.at = match.end()
                spans.append((start + 1, self.at))
            elif match[0] in {"(", closer}:
                break
            else:
                quoted = quoted or match[0] in {'"', "'"}
                self._opened(match[0], spans)
        if self.at < len(content) and not spans and not quoted and not _OPERATOR.match(content, self.at):
            self.at += content[self.at] != closer
        return Word(self.source, "".join(content[start:end] for start, end in spans), tuple(spans), quoted)

    def _opened(self, opener: str, spans: list[tuple[int, int]]) -> None:
        """Passes what `opener` opened. Where it is not closed, it was a character like any other."""
        start = self.at
        if opener == '"':
            self._double(spans)
        elif opener == "'":
            self._single(spans)
        elif opener in {"$(", "`"}:
            self._substitution(opener)
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
        end = content.find("'", start + 1) if begins and self.failures < _MAX_FAILURES else -1
        if end < 0:
            self.failures += begins
            self.at += 1
            spans.append((start, self.at))
            return
        self.at = end + 1
        spans.append((start + 1, end))

    def _double(self, spans: list[tuple[int, int]]) -> None:
        content, start, kept = self.source.content, self.at, len(spans)
        made = len(self.commands)
        self.at += 1
        while match := _QUOTED.match(content, self.at):
            before, kind = self.at, match.lastgroup
            self.at = match.end()
            if kind == "close":
                return
            if kind == "escape" and match[0][1] in '$`"\\\n':
                if match[0][1] != "\n":
                    spans.append((before + 1, self.at))
            elif kind == "open" and match[0] != "\\":
                self.at = before
                self._substitution(match[0])
                spans.append((before, self.at))
            else:
                spans.append((before, self.at))
        # Not closed: a stray quote. What it swallowed is read again, as often as that stays cheap.
        self.failures += 1
        if self.failures < _MAX_FAILURES:
            del spans[kept:], self.commands[made:]
            self.at = start + 1

    def _substitution(self, opener: str) -> None:
        """Reads the commands of `$( )` or of backticks; they come before the command that holds them."""
        start, made = self.at, len(self.commands)
        self.at += len(opener)
        if self.depth >= _MAX_DEPTH:
            return
        outer = self.words, self.assignments, self.redirects, self.waiting
        self.words, self.assignments, self.redirects, self.waiting = [], [], [], []
        self.depth += 1
        closed = self._list(")" if opener == "$(" else "`")
        self.depth -= 1
        self.words, self.assignments, self.redirects, self.waiting = outer
        if not closed:
            self.failures += 1
            if self.failures < _MAX_FAILURES:
                del self.commands[made:]
                self.at = start + len(opener)

    def _braces(self) -> None:
        """`${x:-{a}}`, braces inside: to the one that closes it, on this line."""
        match = _BRACES.match(self.source.content, self.at)
        self.at = match.end() if match else self.at + 2

    def _end(self, *, pipes: bool = False) -> None:
        if self.words or self.assignments or self.redirects:
            if any(redirect.operator in {"<<", "<<-"} for redirect in self.redirects):
                self.waiting.append(len(self.commands))
            function = self.functions[-1] if self.functions else ""
            command = Command(tuple(self.words), tuple(self.assignments), tuple(self.redirects), pipes, function)
            self.commands.append(command)
        self.words, self.assignments, self.redirects = [], [], []

    def _heredocs(self) -> None:
        """Gives the commands of the line that ended the documents that follow it."""
        for index in self.waiting:
            command = self.commands[index]
            redirects = tuple(self._with_body(redirect) for redirect in command.redirects)
            self.commands[index] = replace(command, redirects=redirects)
        self.waiting = []

    def _with_body(self, redirect: Redirect) -> Redirect:
        name = redirect.target.value
        if redirect.operator not in {"<<", "<<-"} or not name or self.failures >= _MAX_FAILURES:
            return redirect
        end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t\r]*$", re.MULTILINE).search(self.source.content, self.at)
        if end is None:
            self.failures += 1
            return redirect
        body = self.source.slice(self.at, end.start())
        self.at = min(end.end() + 1, len(self.source))
        return replace(redirect, body=body)
