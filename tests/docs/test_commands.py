"""Every command in the pages is one that the application takes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.exceptions import TyperException

from seeder.cli.commands import COMMANDS
from tests.docs.pages import Block, arguments, blocks, commands, inline, pages
from tests.fixtures.building import ROOT
from tests.fixtures.parsing import parsed


@contextmanager
def suppress_missing_arguments() -> Iterator[None]:
    """In a sentence arguments may be left out (`seeder sync`), but not invented."""
    try:
        yield
    except TyperException as error:
        if not str(error).startswith("Missing"):
            raise


_BLOCKS = [block for block in blocks("sh") if list(commands(block))]
_LEAST_COMMANDS = 20


@pytest.mark.parametrize("block", _BLOCKS, ids=[block.place for block in _BLOCKS])
def test_block(block: Block) -> None:
    for called in commands(block):
        parsed(called)


def test_the_blocks_are_found() -> None:
    assert sum(len(list(commands(block))) for block in _BLOCKS) >= _LEAST_COMMANDS


@pytest.mark.parametrize("page", pages(), ids=[str(page.relative_to(ROOT)) for page in pages()])
def test_inline(page: Path) -> None:
    for code in inline(page):
        words = shlex.split(code) if code.startswith("seeder ") and "…" not in code else []
        named = [word for word in words[1:] if not word.startswith("-")]
        if not named:
            continue
        assert named[0] in COMMANDS, code
        with suppress_missing_arguments():
            parsed(arguments(words))
