from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.registry.challenge import best, parse

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            HUB,
            [
                (
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        (
            'Basic realm="r", Bearer realm=x , service = "y"',
            [("basic", {"realm": "r"}), ("bearer", {"realm": "x", "service": "y"})],
        ),
        ('BASIC Realm="a \\"quoted\\" word"', [("basic", {"realm": 'a "quoted" word'})]),
        ("Negotiate", [("negotiate", {})]),
        ("Negotiate, Basic realm=r", [("negotiate", {}), ("basic", {"realm": "r"})]),
        ("", []),
        ('realm="lost"', []),
        ('Bearer realm="unterminated', [("bearer", {"realm": ""})]),
    ],
)
def test_challenges(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(challenge.scheme, dict(challenge.parameters)) for challenge in parse(header)] == expected


def test_bearer_comes_before_basic() -> None:
    found = best('Basic realm="r", Bearer realm="x"')
    assert found is not None
    assert found.scheme == "bearer"
    assert best("Negotiate") is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_exception(header: str) -> None:
    for challenge in parse(header):
        assert challenge.scheme == challenge.scheme.lower()


@pytest.mark.parametrize("piece", ['a="', "a ", "a,", "\\", "a=b ", " "])
def test_a_long_header_ends(piece: str) -> None:
    """The suite's time limit is the check: with the square of this length, reading it takes hours."""
    assert parse("Bearer " + piece * 500_000)[0].scheme == "bearer"
