"""One pattern for many words says what each of them would say."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from seeder.syntax.words import any_of

WORDS = st.lists(st.text(st.sampled_from("ab.-("), min_size=1, max_size=4), max_size=8)


@given(WORDS, st.text(st.sampled_from("ab.-("), max_size=30))
def test_a_text_matches_where_one_of_the_words_stands(words: list[str], text: str) -> None:
    assert bool(re.search(any_of(words), text)) == any(word in text for word in words)


def test_the_shorter_of_two_words_is_found() -> None:
    match = re.search(any_of(["docker", "dock", "dive"]), "a docker")
    assert match is not None
    assert match[0] == "dock"
