from __future__ import annotations

import pytest

from seeder.numbers import counted, human


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (72950530, "73.0 MB"), (2_300_000_000, "2.3 GB")]
)
def test_bytes_are_told_in_powers_of_ten(count: int, text: str) -> None:
    assert human(count) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_one_is_no_plural(number: int, text: str) -> None:
    assert counted(number, "image") == text
