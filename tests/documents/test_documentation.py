"""What the pages say of catalog, lock and errors is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seeder import errors
from seeder.documents import catalog, lockfile
from seeder.errors import SeederError

DOCS = Path(__file__).parents[2] / "docs"
HEX = "0123456789abcdef" * 4


def blocks(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def test_the_catalog_of_the_page_is_one_and_has_every_key() -> None:
    read = catalog.parse(blocks("catalog.md")[0].encode(), "catalog.md")
    assert (read.name, len(read.images), read.targets[0].push) == ("docker-fundamentals", 2, "localhost:5001")
    page = (DOCS / "catalog.md").read_text()
    assert [key for key in catalog.schema()["properties"] if f"{key}:" not in page] == []


def test_the_lock_of_the_page_is_one() -> None:
    read = lockfile.parse(blocks("catalog.md")[1].replace("sha256:…", f"sha256:{HEX}").encode(), "catalog.md")
    assert [str(pin.reference) for pin in read] == ["docker.io/library/nginx:1.27.3"]


def leaves(kind: type[SeederError] = SeederError) -> list[type[SeederError]]:
    return [
        found
        for child in kind.__subclasses__()
        for found in [child, *leaves(child)]
        if found.__module__ == errors.__name__
    ]


@pytest.mark.parametrize("kind", leaves())
def test_the_page_of_exit_codes_has_every_error(kind: type[SeederError]) -> None:
    if "code" in vars(kind) and not kind.__subclasses__():
        page = (DOCS / "exit-codes.md").read_text()
        assert re.search(rf"^\| .*`{kind.code}`.*\| {kind.exit_code} \|$", page, re.MULTILINE)
