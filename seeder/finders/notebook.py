"""Jupyter notebooks (nbformat 4): commands of `!` lines and of `%%bash` cells; outputs and prose are nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Source
from seeder.syntax.text import Text
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import Node, Scalar, at, items, string

_CELL = re.compile(r"\s*%%(?:bash|sh|script[ \t]+\S+)[^\n]*\n")
_LINE = re.compile(
    r"^[ \t]*(?:\w+[ \t]*=[ \t]*)?(?:!!?|%sx[ \t])[ \t]*(?P<command>(?:[^\\\n]|\\\n|\\.)*\n?)", re.MULTILINE
)


def find(source: Source) -> Iterator[Finding]:
    commands = [text for document in documents(source.text) for root in document.roots for text in _commands(root)]
    if commands:
        yield source.inner(Text.joined(source.text.file, commands), "shell")


def _commands(notebook: Node) -> Iterator[Text]:
    """What the code cells give to a shell, in their order."""
    for cell in items(at(notebook, "cells")):
        if string(at(cell, "cell_type")) == "code":
            text = _source(notebook, at(cell, "source"))
            end = Text(text.file, "\n", ())
            if match := _CELL.match(text.content):
                yield from (text.slice(match.end(), len(text)), end)
            else:
                for match in _LINE.finditer(text.content):
                    yield from (text.slice(*match.span("command")), end)


def _source(notebook: Node, node: Node | None) -> Text:
    """A cell's text: one string, or a list of its lines."""
    parts = [one.text for one in (*items(node), node) if isinstance(one, Scalar)]
    return Text.joined(notebook.characters.text.file, parts)
