"""Every command in the pages is one that the application takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.exceptions import TyperException

from seeder.cli.commands import COMMANDS
from tests.docs.pages import Block, arguments, blocks, commands, inline, pages
from tests.fixtures.building import ROOT
from tests.fixtures.parsing import options, parsed


@contextmanager
def suppress_missing_arguments() -> Iterator[None]:
    """In a sentence arguments may be left out (`seeder sync`), but not invented."""
    try:
        yield
    except TyperException as error:
        if not str(error).startswith(("Missing", "Usage:")):  # "Usage:" where a group is named alone
            raise


OPTIONS = options()
_BLOCKS = [block for block in blocks("sh") if list(commands(block))]
_LEAST_COMMANDS = 20
# Words that begin a call where `seeder` goes without saying: only with an option, since `plan` alone is a noun.
_CALLS = ("seeder ", *(f"{name} --" for name in COMMANDS))
_OPTION = re.compile(r"--[a-z][a-z-]*")
# Of docker, kubectl and skopeo, where lint and the dependencies speak of them.
_OF_OTHERS = {"--creds", "--docker-password", "--docker-server", "--password", "--retry-times"}


@pytest.mark.parametrize("block", _BLOCKS, ids=[block.place for block in _BLOCKS])
def test_block(block: Block) -> None:
    for called in commands(block):
        parsed(called)


def test_the_blocks_are_found() -> None:
    assert sum(len(list(commands(block))) for block in _BLOCKS) >= _LEAST_COMMANDS


@pytest.mark.parametrize("page", pages(), ids=[str(page.relative_to(ROOT)) for page in pages()])
def test_inline(page: Path) -> None:
    for code in inline(page):
        check(code)


def check(code: str) -> None:
    """A call (`seeder sync`, `sync --wait 6h`) is one that seeder takes; an option alone is one of some command."""
    words = shlex.split(code) if code.startswith(_CALLS) and "…" not in code else []
    if words and words[0] != "seeder":
        words = ["seeder", *words]
    named = [word for word in words[1:] if not word.startswith("-")]
    if named:
        assert named[0] in COMMANDS, code
        with suppress_missing_arguments():
            parsed(arguments(words))
    elif found := _OPTION.match(code):
        assert found[0] in OPTIONS | _OF_OTHERS, code


@pytest.mark.parametrize("code", ["sync --weit 6h", "seeder synk", "seeder sync --weit", "--weit 6h"])
def test_a_false_one_is_found(code: str) -> None:
    with pytest.raises((TyperException, AssertionError)):
        check(code)


_SOURCES = [path for path in (ROOT / "seeder").rglob("*.py") if "`" in path.read_text()]


@pytest.mark.parametrize("path", _SOURCES, ids=[str(path.relative_to(ROOT)) for path in _SOURCES])
def test_what_hints_and_docstrings_name(path: Path) -> None:
    for code in re.findall(r"`((?:seeder )[^`{}\n]+)`", path.read_text()):
        check(code)
