"""Actions behind code in a line of prose."""

from __future__ import annotations

from time import process_time

import pytest

from seeder.syntax.spans import ended, left_open, spans


@pytest.mark.parametrize(
    ("mark", "action"),
    [
        ("{{execute}}", "execute"),
        ("{{ copy }}", "copy"),
        ("{{execute T2}}", "execute"),
        ("{{exec}}", "execute"),
        ("{{exec interrupt}}", "execute"),
        ("{{copyright}}", None),
        ("{{execs}}", None),
    ],
)
def test_an_action_is_a_word(mark: str, action: str | None) -> None:
    assert [found for found, _, _ in spans("", f"Run `ls -l`{mark} now", "")] == [action] * bool(action)


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("  -d a:1`{{exec}} it", ("execute", "`", 8)),
        ("a:1```{{copy}}", ("copy", "```", 3)),
        ("a `b`{{copy}}", None),
        ("a`{{open}}", None),
        ("a` {{copy}}", None),
        ("a````{{copy}}", None),
    ],
)
def test_code_that_ends_on_a_line(line: str, end: tuple[str, str, int] | None) -> None:
    assert ended(line) == end


@pytest.mark.parametrize(
    ("line", "begin"),
    [("a `b", ("`", 3)), ("a `b` ```c `d", ("```", 9)), ("`b` c", None), ("``b ` c``", None), ("", None)],
)
def test_code_that_goes_on(line: str, begin: tuple[str, int] | None) -> None:
    assert left_open(line) == begin


@pytest.mark.parametrize("blank", [" ", "\t", "{{ ", "`a`{{ "])
def test_a_mark_that_is_not_closed_is_looked_through_once(blank: str) -> None:
    line = "`a`{{" + blank * 40_000
    before = process_time()
    assert list(spans("", line, "")) == []
    assert process_time() - before < 1
