from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from seeder.report.shorten import shorten

_texts = st.text(max_size=300)
_items = st.fixed_dictionaries({"reference": _texts}, optional={"error": st.fixed_dictionaries({"message": _texts})})


@given(st.lists(_items, max_size=60), st.integers(120, 5000))
def test_it_is_valid_json_that_fits(outcomes: list, limit: int) -> None:
    document = {"schema": "seeder.sync/1", "outcomes": outcomes, "exit": 1}
    text = shorten(document, limit)
    read = json.loads(text)
    assert len(text.encode()) <= limit
    assert (read["schema"], read["exit"]) == ("seeder.sync/1", 1)
    assert read == document or read["shortened"] == {"outcomes": len(outcomes)}


def test_what_failed_stays() -> None:
    well = [{"reference": f"docker.io/library/image-{n}:1", "outcome": "copied"} for n in range(500)]
    failed = {"reference": "docker.io/library/bad:1", "outcome": "failed", "error": {"code": "missing", "message": "x"}}
    read = json.loads(shorten({"schema": "seeder.sync/1", "outcomes": [*well, failed], "exit": 1}, 4096))
    assert read["outcomes"][0] == failed
    assert read["shortened"] == {"outcomes": 501}
