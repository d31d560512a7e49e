"""The project's pages: their fenced blocks, inline code and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures.building import ROOT

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SHELL_STARTS = {"|", "||", "&&", ";"}
_SHELL_ENDS = _SHELL_STARTS | {">", ">>"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the page, the line of its first line, its language, and what it holds."""

    page: Path
    line: int
    language: str
    content: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(language: str) -> Iterator[Block]:
    for page in pages():
        text = page.read_text()
        for found in _FENCE.finditer(text):
            if found[2] == language:
                yield Block(page, text.count("\n", 0, found.start(3)) + 1, found[2], found[3])


def commands(block: Block) -> Iterator[list[str]]:
    """The arguments of each call of seeder in a shell block, wherever it stands in a line."""
    for line in block.content.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for at, word in enumerate(words):
            if word.rpartition("/")[2] == "seeder" and (at == 0 or words[at - 1] in _SHELL_STARTS):
                yield arguments(words[at:])


def arguments(words: list[str]) -> list[str]:
    """What the shell hands to the program that the words call."""
    ends = [at for at, word in enumerate(words) if word in _SHELL_ENDS]
    return words[1 : ends[0] if ends else None]


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`: GitHub's and GitLab's form of each heading."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def inline(page: Path) -> Iterator[str]:
    """Inline code, its line breaks folded."""
    for found in _INLINE.finditer(_FENCE.sub("", page.read_text())):
        yield " ".join(found[1].split())


def links(page: Path) -> Iterator[str]:
    """Where the page points to, with what follows a `#`."""
    yield from _LINK.findall(_FENCE.sub("", page.read_text()))
