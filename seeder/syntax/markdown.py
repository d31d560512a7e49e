"""The code blocks of Markdown and AsciiDoc pages (CommonMark 0.31 §4.4–4.5; docs.asciidoctor.org, listing blocks).

Only code and what introduces it: of prose, which is passed over line by line, the commands in it (`spans`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seeder.syntax import spans
from seeder.syntax.asciidoc import has_quotes, without_marks
from seeder.syntax.text import Text

# A list's mark or a quote's may stand before the fence; what follows the fence is its info string.
_MARKS = r"[ \t]*(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*){0,6}"
_FENCE = re.compile(rf"(?P<marks>{_MARKS})(?P<fence>`{{3,}}|~{{3,}})(?P<info>[^\n]*)")
# Hugo's other way to write a block of code.
_SHORTCODE = re.compile(r"[ \t]*\{\{[<%][ \t]*highlight[ \t]+\"?(?P<language>[\w-]*)[^}]*\}\}[ \t]*\Z")
_SHORTCODE_END = re.compile(r"[ \t]*\{\{[<%][ \t]*/[ \t]*highlight[ \t]*[%>]\}\}")
_ITEM = re.compile(r"(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)]))(?P<blanks>[ \t]+)")
_QUOTE = re.compile(r"[ \t]{0,3}>[ ]?")
# HTML's element for code, where it says which file its text is for.
_PRE = re.compile(r"[ \t]*<pre\b(?P<attributes>(?:[^<>\"'\n]|\"[^\"\n]*\"|'[^'\n]*')*)>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\b", re.IGNORECASE)
_HTML = r"[ \t]*=[ \t]*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"']+))"
_FILE = re.compile(r"(?<!\S)data-(?:[\w-]{1,30}-)?file(?:-?name)?" + _HTML, re.IGNORECASE)
_CLASS = re.compile(r"(?<!\S)class" + _HTML, re.IGNORECASE)
_LISTING = re.compile(r"(-{4,}|\.{4,}|={4,}|/{4,}|\+{4,})[ \t]*\Z")
_ATTRIBUTES = re.compile(r"\[(?P<list>[^\[\]\n]*)\][ \t]*\Z")
_DOCUMENT_ATTRIBUTE = re.compile(r":([\w-]+):[ \t]+(\S[^\n]*)")
_TITLE = re.compile(r"\.\w")
_ACTION = re.compile(r"execute(?:-\w+)?\Z|copy(?:-and-edit)?\Z|\w+:")
# `**Stage 1:**`: a paragraph that only names what comes; what it is for stands before it.
_LABEL = re.compile(r"[ \t]*(?:\*\*|__)[^*_\n]{1,60}(?:\*\*|__):?[ \t]*\r?\Z")
_LEAD = 600
_INDENT = 4
_BLANK = " \t>"  # before a fence that ends a block
_SPANNED = 40  # lines of code with an action behind it


class Block(Struct, frozen=True):
    """A block of code: what its first line says of it, its lines without the block's own indentation, what leads to it.

    `info` is the fence's info string, or what stands for it in AsciiDoc: the role, else the language. It is empty for
    a plain or an indented block. `lead` is the paragraph before the block, and where that is but a label in bold
    type also what the label stands for. A span is code in its lead. `file` is the file that an HTML element says its
    text is for; `info` has its classes.
    """

    info: str
    body: Text
    lead: str
    is_span: bool = False
    file: str = ""


def blocks(text: Text, *, is_asciidoc: bool = False) -> Iterator[Block]:
    """The blocks of a page in their order. A fence that is not closed goes on to the end, as the specification says."""
    yield from _Reader(text, is_asciidoc=is_asciidoc).read()


class _Reader:
    def __init__(self, text: Text, *, is_asciidoc: bool) -> None:
        self.text = text
        self.is_asciidoc = is_asciidoc
        self.lines = text.lines()
        self.at = 0
        self.lead: list[str] = []
        self.last_lead: list[str] = []  # of the block before, while nothing else has come since
        self.info = ""
        self.attributes: dict[str, str] = {}  # the document's, of AsciiDoc
        self.has_quotes = False
        self.items: list[int] = []  # the columns where the text of the list items begins that we are in
        self.after_blank = True

    def read(self) -> Iterator[Block]:
        self._front_matter()
        while self.at < len(self.lines):
            line = self._line(self.at)
            if (match := _FENCE.match(line)) and not ("`" in match["info"] and match["fence"][0] == "`"):
                yield self._fence(match)
            elif self.is_asciidoc and (match := _LISTING.match(line)):
                if block := self._listing(match[1]):
                    yield block
            elif match := _SHORTCODE.match(line):
                yield self._shortcode(match["language"])
            elif "<!--" in line and "-->" not in line[line.index("<!--") :]:
                self._skip_comment()
            elif self._is_indented(line):
                yield self._indented()
            elif (match := _PRE.match(line)) and (file := _value(_FILE, match["attributes"])):
                yield self._html(match, file)
            else:
                self._prose(line)
                yield from self._spans(line)

    def _line(self, number: int) -> str:
        start, end = self.lines[number]
        return self.text.content[start:end].rstrip("\r\n")

    def _front_matter(self) -> None:
        """`---` on the first line, to the next `---`; without one it is a rule."""
        if not self.lines or self._line(0).rstrip() not in {"---", "+++"}:
            return
        mark = self._line(0).rstrip()
        for number in range(1, len(self.lines)):
            if self._line(number).rstrip() == mark:
                self.at = number + 1
                return

    def _fence(self, opening: re.Match[str]) -> Block:
        """A fence up to one of its kind that is as long; with an action behind it, that may end the last line of code.

        The code then may begin behind the opening fence, as in a span.
        """
        fence, info = opening["fence"], opening["info"].strip()
        end = first = self.at + 1
        closing = re.compile(
            rf"(?P<last>[^{fence[0]}\n]*){fence[0]}{{{len(fence)},}}"
            rf"(?P<blank>[ \t]*)(?P<mark>{spans.ACTION})?(?P<rest>.*)\Z"
        )
        closed = None
        while end < len(self.lines) and not (closed := _closed(closing.match(self._line(end)))):
            end += 1
        marks = opening["marks"]
        lines = self.lines[first:end]
        if closed and closed["last"].strip(_BLANK):
            start = self.lines[end][0]
            lines.append((start, start + closed.end("last")))
            if " " in info:
                lines.insert(0, (self.lines[self.at][0] + opening.end("fence"), self.lines[self.at][1]))
                info = ""
        body = self._body(lines, len(marks.expandtabs(_INDENT)), quoted=">" in marks)
        self.at = end + 1
        return self._block((closed and spans.action_of(closed)) or info or self.info, body)

    def _listing(self, delimiter: str) -> Block | None:
        """An AsciiDoc block between two equal lines; comments (`////`) and examples (`====`) are no code."""
        if delimiter[0] == "=":
            self.at += 1
            return None
        end = self.at + 1
        while end < len(self.lines) and self._line(end).rstrip() != delimiter:
            end += 1
        body = self._body(self.lines[self.at + 1 : end], 0, quoted=False)
        self.at = end + 1
        if delimiter[0] in "/+":
            return None
        info = self.info or ("text" if delimiter[0] == "." else "")
        return self._block(info, body)

    def _shortcode(self, language: str) -> Block:
        first = end = self.at + 1
        while end < len(self.lines) and not _SHORTCODE_END.match(self._line(end)):
            end += 1
        self.at = end + 1
        return self._block(language, self._body(self.lines[first:end], 0, quoted=False))

    def _html(self, opening: re.Match[str], file: str) -> Block:
        """An element up to its end, which may stand on the line where it begins or behind its text."""
        start = self.lines[self.at][0] + opening.end()
        end = _PRE_END.search(self.text.content, start)
        stop = end.start() if end else len(self.text.content)
        while self.at < len(self.lines) and self.lines[self.at][0] <= stop:
            self.at += 1
        body = self.text.slice(start, stop)
        return self._block(_value(_CLASS, opening["attributes"]), body, file)

    def _block(self, info: str, body: Text, file: str = "") -> Block:
        if self.is_asciidoc:
            body = without_marks(body, quotes=self.has_quotes)
        block = Block(info, body, " ".join(self.lead)[-_LEAD:], file=file)
        self.last_lead = self.lead
        self.lead, self.info, self.has_quotes, self.after_blank = [], "", False, True
        return block

    def _body(self, lines: list[tuple[int, int]], indent: int, *, quoted: bool) -> Text:
        if not indent and not quoted:
            return self.text.slice(lines[0][0], lines[-1][1]) if lines else self.text.cut(())
        return self.text.cut(self._dedented(start, end, indent, quoted=quoted) for start, end in lines)

    def _dedented(self, start: int, end: int, indent: int, *, quoted: bool) -> tuple[int, int]:
        content = self.text.content
        if quoted and (match := _QUOTE.match(content, start, end)):
            return match.end(), end
        width = 0
        while start < end and width < indent and content[start] in " \t":
            width += _INDENT - width % _INDENT if content[start] == "\t" else 1
            start += 1
        return start, end

    def _is_indented(self, line: str) -> bool:
        """After an empty line four blanks more than the text around has; a list's mark there is a list for people."""
        if self.is_asciidoc or not self.after_blank or not line.strip():
            return False
        indent = _indent(line)
        self._leave_items(indent)
        return indent >= self._code_column() and not (self.items and _ITEM.match(line))

    def _leave_items(self, indent: int) -> None:
        while self.items and indent < self.items[-1]:
            self.items.pop()

    def _code_column(self) -> int:
        return (self.items[-1] if self.items else 0) + _INDENT

    def _indented(self) -> Block:
        column = self._code_column()
        least = _indent(self._line(self.at))
        first = last = self.at
        while self.at < len(self.lines):
            line = self._line(self.at)
            if line.strip():
                indent = _indent(line)
                if indent < column:
                    break
                least = min(least, indent)
                last = self.at
            self.at += 1
        self.at = last + 1
        return self._block("", self._body(self.lines[first : last + 1], least, quoted=False))

    def _skip_comment(self) -> None:
        while self.at < len(self.lines) and "-->" not in self._line(self.at):
            self.at += 1
        self.at += 1

    def _spans(self, line: str) -> Iterator[Block]:
        """The commands in the line of prose that was just passed."""
        if self.is_asciidoc or "`" not in line:
            return
        at = self.at - 1
        before = self._line(at - 1) if at else ""
        after = self._line(at + 1) if at + 1 < len(self.lines) else ""
        first, lead = self.lines[at][0], " ".join(self.lead)[-_LEAD:]
        if (ended := spans.ended(line)) and (begun := self._begun(at, ended[1])):
            yield Block(ended[0], self.text.slice(begun, first + ended[2]), lead, is_span=True)
        for action, start, end in spans.spans(before, line, after):
            yield Block(action, self.text.slice(first + start, first + end), lead, is_span=True)

    def _begun(self, at: int, ticks: str) -> int | None:
        """Where code begins that ends on a line, in the paragraph above it."""
        for number in range(at - 1, max(at - _SPANNED, -1), -1):
            line = self._line(number)
            opened = spans.left_open(line)
            if opened and opened[0] == ticks:
                return self.lines[number][0] + opened[1]
            if not line.strip() or "`" in line:
                return None
        return None

    def _prose(self, line: str) -> None:
        self.at += 1
        if not line.strip():
            self.after_blank = True
            return
        if self.is_asciidoc and (match := _ATTRIBUTES.match(line)):
            self.info = _role(match["list"])
            self.has_quotes = has_quotes(match["list"], self.attributes)
            return
        if self.is_asciidoc and _TITLE.match(line) and (self.info or self.has_quotes):
            return
        if self.is_asciidoc and (match := _DOCUMENT_ATTRIBUTE.match(line)):
            self.attributes[match[1]] = match[2][:_LEAD]
        if self.after_blank:
            self.lead = (self.lead or self.last_lead) if _LABEL.match(line) else []
            self.last_lead = self.lead
        self.info, self.has_quotes = "", False
        self.lead.append(line.strip()[:_LEAD])
        del self.lead[:-8]
        self.after_blank = False
        if match := _ITEM.match(line):
            mark = _column(match["mark"])
            self._leave_items(_indent(line))
            text = _column(match[0])
            self.items.append(text if text - mark <= _INDENT else mark + 1)
        elif not line[0].isspace():
            self.items.clear()


def _closed(line: re.Match[str] | None) -> re.Match[str] | None:
    """Whether a line with a fence in it ends the block: by itself, or behind code where an action follows at once."""
    if line is None:
        return None
    is_alone = not line["last"].strip(_BLANK)
    ends = not line["rest"].strip() if is_alone else bool(line["mark"]) and not line["blank"]
    return line if ends else None


def _value(attribute: re.Pattern[str], attributes: str) -> str:
    match = attribute.search(attributes)
    return (match["double"] or match["single"] or match["bare"] or "") if match else ""


def _indent(line: str) -> int:
    return _column(line[: len(line) - len(line.lstrip(" \t"))])


def _column(text: str) -> int:
    return len(text.expandtabs(_INDENT))


def _role(attributes: str) -> str:
    """`source,bash,subs="attributes",role=execute` gives the role; one that is no action leaves the language."""
    named = re.search(r"role=\"?([\w:-]+)", attributes)
    if named and _ACTION.match(named[1]):
        return named[1]
    words = [word.strip() for word in attributes.split(",")]
    plain = [word for word in words[1:] if word and "=" not in word and not word.startswith(("%", "."))]
    if words and words[0].partition("%")[0] in {"source", "listing"}:
        return plain[0] if plain else ""
    return ""
