"""Recorded spans are found again by their text, their order and what stands around them."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from seeder.model.rewrites import RewrittenSpan
from seeder.syntax.locate import Found, locate, surroundings
from seeder.syntax.text import File

WRITTEN = "r.example.com/library/nginx:1.27"


def recorded(text: str, start: int, original: str = "nginx:1.27", written: str = WRITTEN) -> RewrittenSpan:
    """A span of a file as it stood when it was recorded."""
    file = File(text.encode())
    assert text[start : start + len(written)] == written
    line, column = file.line_column(start)
    return RewrittenSpan(
        workshop="lab",
        file="a.yaml",
        line=line,
        column=column,
        original=original,
        written=written,
        reference="docker.io/library/nginx:1.27",
        surroundings=surroundings(file, start, start + len(written)),
    )


def starts(found: dict[RewrittenSpan, Found], spans: list[RewrittenSpan]) -> list[int | None]:
    return [found[span].start if span in found else None for span in spans]


def all_of(text: str) -> list[RewrittenSpan]:
    found, at = [], text.find(WRITTEN)
    while at >= 0:
        found.append(recorded(text, at, original=f"nginx:1.27 number {len(found)}"))
        at = text.find(WRITTEN, at + 1)
    return found


TWO = f"a:\n  image: {WRITTEN}\nb:\n  image: {WRITTEN}\n"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (TWO, [0, 1]),
        ("# new\n\n" + TWO, [0, 1]),
        (TWO.replace("\n", "\r\n"), [0, 1]),
        (TWO.replace("a:\n", "a: # first\n"), [0, 1]),
        (f"b:\n  image: {WRITTEN}\n", [None, 0]),
        (f"a:\n  image: {WRITTEN}\n", [0, None]),
        (f"c:\n  image: {WRITTEN}\n" + TWO, [1, 2]),
        (TWO + f"c:\n  image: {WRITTEN}\n", [0, 1]),
        (TWO.replace("b:", f"x:\n  image: {WRITTEN}\nb:"), [0, 2]),
        ("nothing of ours", [None, None]),
        ("", [None, None]),
    ],
)
def test_spans_are_told_apart(after: str, expected: list[int | None]) -> None:
    """`expected` is which of the places in the changed file belongs to each of the two spans."""
    spans = all_of(TWO)
    places = [match.start() for match in re.finditer(re.escape(WRITTEN), after)]
    found = starts(locate(File(after.encode()), spans), spans)
    assert found == [None if at is None else places[at] for at in expected]


def test_unchanged_lines_beside_the_same_text_of_others() -> None:
    """A line that was alike before seeder wrote is not ours, though nothing but its place tells."""
    text = f"  image: {WRITTEN}\n" * 5
    spans = [recorded(text, text.index(WRITTEN, line * len(text) // 5)) for line in (1, 3)]
    found = locate(File(text.encode()), spans)
    assert [found[span].start for span in spans] == [
        text.index(WRITTEN, len(text) // 5),
        text.index(WRITTEN, 3 * len(text) // 5),
    ]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (f"image: {WRITTEN}", True),
        (f"docker://{WRITTEN}", True),
        (f"image: ${{WEB:-{WRITTEN}}}", True),
        (f"--image={WRITTEN}", True),
        (f'"{WRITTEN}"', True),
        (f"see {WRITTEN}.", True),
        (f"{WRITTEN}-alpine", False),
        (f"{WRITTEN}.1", False),
        (f"{WRITTEN}@sha256:00", False),
        (f"mirror.{WRITTEN}", False),
        (f"mirror/{WRITTEN}", False),
        (f"my-{WRITTEN}", False),
    ],
)
def test_a_part_of_a_longer_name_is_another_name(text: str, is_found: bool) -> None:
    span = recorded(f"something else {WRITTEN} ", 15)
    assert bool(locate(File(text.encode()), [span])) is is_found


def test_a_part_of_a_name_that_was_recorded_as_one_is_found() -> None:
    text = f"x: my-{WRITTEN}/more\n"
    span = recorded(text, text.index(WRITTEN))
    assert locate(File(("# above\n" + text).encode()), [span])


def test_the_earlier_text_is_ours_too() -> None:
    span = replace(recorded(WRITTEN, 0), written=WRITTEN + "@sha256:11", earlier=WRITTEN)
    place = locate(File(WRITTEN.encode()), [span])[span]
    assert (place.start, place.end) == (0, len(WRITTEN))


def test_many_alike_in_a_long_line() -> None:
    text = ",".join(f'{{"n": {n}, "image": "{WRITTEN}"}}' for n in range(600))
    spans = all_of(text)
    found = locate(File((text + f',"{WRITTEN}"').encode()), spans)
    assert starts(found, spans) == [span.column - 1 for span in spans]
