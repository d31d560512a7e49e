"""Actions behind code in a line of prose."""

from __future__ import annotations

from time import process_time

import pytest

from seeder.syntax.spans import spans


@pytest.mark.parametrize(
    ("mark", "action"),
    [("{{execute}}", "execute"), ("{{ copy }}", "copy"), ("{{execute T2}}", "execute"), ("{{copyright}}", None)],
)
def test_an_action_is_a_word(mark: str, action: str | None) -> None:
    assert [found for found, _, _ in spans("", f"Run `ls -l`{mark} now", "")] == [action] * bool(action)


@pytest.mark.parametrize("blank", [" ", "\t", "{{ ", "`a`{{ "])
def test_a_mark_that_is_not_closed_is_looked_through_once(blank: str) -> None:
    line = "`a`{{" + blank * 40_000
    before = process_time()
    assert list(spans("", line, "")) == []
    assert process_time() - before < 1
