from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from seeder.documents.scalar import scalar


@given(st.text() | st.text(alphabet="aAnoyseflurtx0123456789.:/@_+-~#'\"[]{}, \n\t"))
@example("no")
@example("1e5")
@example("a: b")
@example("a #b")
@example("\x85\u2028\ufeff\ufffe")
@example("😀")
def test_every_text_comes_back_alone_in_lists_and_as_a_key(text: str) -> None:
    written = scalar(text)
    assert yaml.safe_load(f"key: {written}\n") == {"key": text}
    assert yaml.safe_load(f"{{{written}: [{written}]}}\n") == {text: [text]}


@pytest.mark.parametrize("text", ["docker.io/library/nginx:1.27", "../workshops/a-b", "./x", "linux/amd64", "event"])
def test_what_is_usual_stays_plain(text: str) -> None:
    assert scalar(text) == text
