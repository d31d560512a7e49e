"""Regular expressions of others: which are followed, and what following them may cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.syntax.patterns import parsed

_words = (
    "a",
    "nginx",
    r"\.",
    ".",
    "*",
    "+",
    "?",
    "{2,}",
    "{1,3}",
    "(",
    "(?:",
    "(?<n>",
    ")",
    "|",
    "[a-z]",
    "^",
    "$",
    r"\b",
)
_pieces = st.lists(st.sampled_from(_words), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        (r"image: nginx:1\.27", 10),
        (r"image:\s*(.*)$", 1000),
        (r"(?<name>a|b)", 20),
        (r"a?b?c?", 80),
        (r"x{2,4}", 30),
        (r"x{2,40}", 100),
        (r"x{3}", 10),
        (r"(?<=a)b(?!c)", 10),
    ],
)
def test_what_a_line_of_ten_characters_may_cost(text: str, cost: int) -> None:
    pattern = parsed(text)
    assert pattern is not None
    assert pattern.cost("x" * 10) == cost


@pytest.mark.parametrize(
    "text", [r"(a+)+", r"(a|b)*c", r"(a)\1", r"(a", r"[z-a]", r"(?i)a", r"*a", r"a\2", r"(?<a>x)(?<a>y)"]
)
def test_what_is_not_followed(text: str) -> None:
    assert parsed(text) is None


@given(st.text(max_size=40) | _pieces)
def test_any_text_is_followed_or_not(text: str) -> None:
    pattern = parsed(text)
    if pattern is not None and pattern.cost("a" * 30) < 1_000_000:
        pattern.compiled.search("a" * 30)
