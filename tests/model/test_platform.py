from __future__ import annotations

from collections.abc import Sequence

import pytest

from seeder.model.platform import Platform


@pytest.mark.parametrize(
    ("wanted", "known", "meant"),
    [
        ("linux/amd64", ["linux/arm64", "linux/amd64"], "linux/amd64"),
        ("linux/arm", ["linux/arm/v6", "linux/arm/v7"], "linux/arm/v6"),
        ("linux/arm/v7", ["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7"),
        ("linux/arm64/v8", ["linux/arm64", "linux/arm64/v8"], "linux/arm64/v8"),
        ("linux/arm64/v8", ["linux/arm64"], "linux/arm64"),
        ("linux/amd64/v3", ["linux/amd64"], None),
        ("linux/amd64", [], None),
    ],
)
def test_the_same_platform_comes_before_one_that_is_accepted(
    wanted: str, known: Sequence[str], meant: str | None
) -> None:
    assert Platform.parse(wanted).among(map(Platform.parse, known)) == (Platform.parse(meant) if meant else None)
