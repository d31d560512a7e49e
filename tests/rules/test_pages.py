"""Every rule has a page that says what the code says, and the index lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seeder.rules import RULES, elsewhere

PAGES = Path(__file__).parents[2] / "docs/rules"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_its_page(name: str) -> None:
    rule = RULES[name]
    text = (PAGES / f"{name}.md").read_text()
    number = f" · guideline {rule.guideline}" if rule.guideline else ""
    assert text.startswith(f"# {name}\n\n{rule.title} · **{rule.severity}**{number}\n")
    for part in ("Refused:\n\n```", "Good:\n\n```", "## What to do\n"):
        assert part in text
    assert rule.elsewhere in text


def test_there_is_no_page_without_a_rule() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*RULES, "README"}


def test_the_index_lists_every_rule_and_what_is_not_checked() -> None:
    text = (PAGES / "README.md").read_text()
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\) \| (\w+) \| (\d*) \| (.*) \|$", text, re.MULTILINE)
    assert listed == [(rule.id, rule.severity, str(rule.guideline or ""), rule.title) for rule in RULES.values()]
    for number, what in elsewhere():
        assert f"| {number} | {what} |" in text
