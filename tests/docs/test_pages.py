"""What the pages point at is there, and what they show can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from seeder.documents import catalog, lockfile
from tests.docs.pages import Block, anchors, blocks, inline, links, pages
from tests.fixtures.building import ROOT

_PAGES = pytest.mark.parametrize("page", pages(), ids=[str(page.relative_to(ROOT)) for page in pages()])
_YAML = list(blocks("yaml"))
_JSON = list(blocks("json"))
_LOCKS = [block for block in _YAML if "kind: Lock" in block.content]
_CATALOGS = [block for block in _YAML if "kind: Catalog" in block.content or block.content.startswith("targets:")]
_PATH = re.compile(r"(?:seeder|tests|docs|jobs|catalogs|tools|requirements)/[\w./-]*[\w/]\Z")


@_PAGES
def test_links(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        to = page.parent / name if name else page
        assert to.exists(), link
        assert not anchor or anchor in anchors(to), link


@_PAGES
def test_paths_in_the_text(page: Path) -> None:
    for code in inline(page):
        if _PATH.fullmatch(code):
            assert (ROOT / code).exists() or (ROOT / "seeder" / code).exists(), code


@pytest.mark.parametrize("block", _YAML, ids=[block.place for block in _YAML])
def test_yaml(block: Block) -> None:
    assert yaml.safe_load(block.content) is not None


@pytest.mark.parametrize("block", _CATALOGS, ids=[block.place for block in _CATALOGS])
def test_catalogs_are_valid_ones(block: Block) -> None:
    header = "" if "kind: Catalog" in block.content else "apiVersion: seeder/v1alpha1\nkind: Catalog\n"
    catalog.parse(f"{header}{block.content}".encode(), block.place)


def test_the_page_of_the_catalog_has_every_key() -> None:
    page = (ROOT / "docs" / "catalog.md").read_text()
    assert [key for key in catalog.schema()["properties"] if f"{key}:" not in page] == []


@pytest.mark.parametrize("block", _LOCKS, ids=[block.place for block in _LOCKS])
def test_locks_are_valid_ones(block: Block) -> None:
    data = block.content.replace("sha256:…", f"sha256:{'a' * 64}").encode()
    assert lockfile.parse(data, block.place).pins


@pytest.mark.parametrize("block", _JSON, ids=[block.place for block in _JSON])
def test_json(block: Block) -> None:
    lines = block.content.splitlines()
    is_log = all(line.startswith("{") and line.endswith("}") for line in lines)
    for text in lines if is_log else [block.content]:
        assert json.loads(text)


def test_there_are_some_of_each() -> None:
    assert min(len(_CATALOGS) - 2, len(_LOCKS), len(_JSON) - 2) > 0


def test_the_map_names_every_room() -> None:
    named = {code.rstrip("/") for code in inline(ROOT / "docs" / "architecture.md")}
    rooms = {path.stem for path in (ROOT / "seeder").iterdir() if path.suffix in {".py", ""}}
    assert sorted(room for room in rooms if not room.startswith("__") and room not in named) == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert [page.name for page in sorted(index.parent.glob("*.md")) if page not in named | {index}] == []
