"""Every variable of the environment that seeder reads stands in a page."""

from __future__ import annotations

import re

from tests.fixtures.building import ROOT

_READ = re.compile(r"(?:environ|environment|known)(?:\.get\(|\[)\"([A-Z_]+)\"|\bnamed\(\"([A-Z_]+)\"")
_PAGE = ROOT / "docs" / "credentials-and-tls.md"


def read() -> set[str]:
    texts = (path.read_text() for path in (ROOT / "seeder").rglob("*.py"))
    return {found[1] or found[2] for text in texts for found in _READ.finditer(text)}


def test_each_is_explained() -> None:
    page = _PAGE.read_text()
    assert {name for name in read() if f"`{name}`" not in page} == set()


def test_they_are_found() -> None:
    assert {"REGISTRY_AUTH_FILE", "NO_PROXY", "NO_COLOR"} <= read()
