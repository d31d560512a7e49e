"""Every error code that seeder can say stands in a page."""

from __future__ import annotations

import re

from tests.fixtures.building import ROOT

_CODE = re.compile(r"\bcode ?= ?\"([a-z0-9-]+)\"")
# Said with another word by whoever catches them, and never on their own.
_INNER = {"failed", "process", "registry", "yaml", "stopped", "unwanted"}


def test_codes_are_explained() -> None:
    sources = [path for path in (ROOT / "seeder").rglob("*.py") if "sandbox" not in path.parts]
    codes = {code for path in sources for code in _CODE.findall(path.read_text())}
    assert {"quota", "certificate", "denied"} <= codes
    pages = (ROOT / "docs/exit-codes.md").read_text() + (ROOT / "docs/troubleshooting.md").read_text()
    assert sorted(code for code in codes - _INNER if f"`{code}`" not in pages) == []
