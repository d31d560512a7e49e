"""Every error code that seeder can say stands in a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.errors import SeederError
from tests.fixtures.building import ROOT

_CODE = re.compile(r"\bcode ?= ?\"([a-z0-9-]+)\"")
# Said with another word by whoever catches them, and never on their own.
_INNER = {"failed", "process", "yaml", "stopped", "unwanted"}


def test_codes_are_explained() -> None:
    files = [path for path in (ROOT / "seeder").rglob("*.py") if "sandbox" not in path.parts]
    source = "".join(path.read_text() for path in files)
    codes = set(_CODE.findall(source))
    assert {"quota", "certificate", "denied"} <= codes
    assert sorted(codes - _INNER - {code for code, _ in explained()}) == []
    assert [code for code, _ in explained() if f'"{code}"' not in source] == []


def explained() -> list[tuple[str, str]]:
    """Each code that stands in the first column of a table, and its row's last column."""
    text = "".join((ROOT / "docs" / name).read_text() for name in ("exit-codes.md", "troubleshooting.md"))
    rows = [
        line.strip("| ").split(" | ")
        for line in text.splitlines()
        if line.startswith("| `") and not line.startswith("| `code`")
    ]
    return [(code, row[-1]) for row in rows for code in re.findall(r"`([a-z0-9-]+)`", row[0])]


def test_each_code_has_the_exit_code_that_is_told() -> None:
    kinds = {kind.code: kind.exit_code for kind in kinds_of(SeederError)}
    told = {code: int(exit_code) for code, exit_code in explained() if exit_code.isdigit() and code in kinds}
    assert len(told) > 10
    assert told == {code: kinds[code] for code in told}
    own = [kind for kind in kinds_of(SeederError) if kind.__module__ == SeederError.__module__ and "code" in vars(kind)]
    assert {kind.code for kind in own if not kind.__subclasses__()} <= told.keys()


def kinds_of(kind: type[SeederError]) -> Iterator[type[SeederError]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds_of(each)
