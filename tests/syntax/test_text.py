"""Texts know their bytes, at any depth and in any encoding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seeder.syntax.text import Text

NASTY = st.text(st.sampled_from("a\n\r\té€😀: -"), max_size=60)


@given(
    st.one_of(NASTY.map(str.encode), NASTY.map(lambda t: b"\xef\xbb\xbf" + t.encode()), st.binary(max_size=60)),
    st.data(),
)
def test_a_part_holds_the_bytes_it_names(data: bytes, draw: st.DataObject) -> None:
    text = Text.of(data)
    if not text.content:
        return
    start = draw.draw(st.integers(0, len(text) - 1))
    end = draw.draw(st.integers(start + 1, len(text)))
    part = text.part(start, end)
    assert part is not None
    assert data[part.span.start : part.span.end].decode(text.file.encoding) == part.text
    assert part.line == 1 + text.content[:start].count("\n")
    assert part.column == start - (text.content.rfind("\n", 0, start) + 1) + 1


@given(NASTY.filter(bool), st.data())
def test_slices_of_slices_agree_with_the_whole(content: str, draw: st.DataObject) -> None:
    text = Text.of(content.encode())
    start = draw.draw(st.integers(0, len(content) - 1))
    end = draw.draw(st.integers(start + 1, len(content)))
    inner = text.slice(start, end)
    assert inner.content == content[start:end]
    at = draw.draw(st.integers(0, len(inner) - 1))
    assert inner.part(at, at + 1) == text.part(start + at, start + at + 1)


@given(st.lists(st.one_of(st.tuples(st.integers(0, 12), st.integers(0, 12)), st.just(" ")), max_size=6))
def test_runs_are_cut_as_slices_are_joined(runs: list[tuple[int, int] | str]) -> None:
    whole = Text.of(b"0123456789ab")
    for text in (whole, whole.cut([(0, 3), "+", (2, 9), (9, 12)])):
        cut = text.cut(runs)
        joined = Text.joined(text.file, [run if isinstance(run, str) else text.slice(*run) for run in runs])
        assert (cut.content, cut.pieces) == (joined.content, joined.pieces)


def test_what_was_put_in_stands_nowhere() -> None:
    text = Text.of(b"  one\n  two\n")
    joined = text.cut([(2, 5), " ", (8, 11)])
    assert joined.content == "one two"
    assert joined.part(0, 7) is None
    assert joined.part(3, 4) is None
    part = joined.part(4, 7)
    assert part is not None
    assert (part.line, part.column, part.text) == (2, 3, "two")


def test_offsets_across_strides_of_wide_characters() -> None:
    data = ("é" * 10_000 + "nginx").encode()
    text = Text.of(data)
    part = text.part(10_000, 10_005)
    assert part is not None
    assert data[part.span.start : part.span.end] == b"nginx"
    assert part.column == 10_001
