from __future__ import annotations

from collections.abc import Sequence

import pytest

from seeder.errors import InvalidReferenceError
from seeder.model.platform import Platform


@pytest.mark.parametrize("text", ["linux/amd64", "linux/arm/v7", "windows/amd64"])
def test_a_platform_is_read_back(text: str) -> None:
    assert str(Platform.parse(text)) == text


@pytest.mark.parametrize("text", ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "Linux/amd64", "linux/amd64\n"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(InvalidReferenceError, match="is no platform"):
        Platform.parse(text)


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
