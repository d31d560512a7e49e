"""What the pages point at is there, and what they show can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import Block, blocks, inline, links, pages
from tests.fixtures.building import ROOT

_PAGES = pytest.mark.parametrize("page", pages(), ids=[str(page.relative_to(ROOT)) for page in pages()])
_YAML = list(blocks("yaml"))
_PATH = re.compile(r"(?:seeder|tests|docs|jobs|catalogs|tools|requirements)/[\w./-]*[\w/]\Z")


@_PAGES
def test_links(page: Path) -> None:
    for link in links(page):
        if not link.startswith(("https://", "http://", "mailto:")):
            assert (page.parent / link).exists(), link


@_PAGES
def test_paths_in_the_text(page: Path) -> None:
    for code in inline(page):
        if _PATH.fullmatch(code):
            assert (ROOT / code).exists() or (ROOT / "seeder" / code).exists(), code


@pytest.mark.parametrize("block", _YAML, ids=[block.place for block in _YAML])
def test_yaml(block: Block) -> None:
    assert yaml.safe_load(block.content) is not None


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link).resolve() for link in links(index)}
    assert [page.name for page in sorted(index.parent.glob("*.md")) if page not in named | {index}] == []
