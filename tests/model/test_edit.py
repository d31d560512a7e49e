"""Splicing leaves everything outside the spans alone, and refuses what changed meanwhile."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seeder.errors import FileChangedError
from seeder.model.edit import Edit, moved, splice
from seeder.model.occurrence import Span


def edit(start: int, old: bytes, new: bytes) -> Edit:
    return Edit(root="lab", file="a.yaml", span=Span(start, start + len(old)), old=old, new=new, line=3)


@st.composite
def files_with_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    data = draw(st.binary(max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=8)))
    spans = [pair for pair in pairwise(cuts) if draw(st.booleans())]
    edits = [edit(start, data[start:end], draw(st.binary(min_size=1, max_size=12))) for start, end in spans]
    return data, draw(st.permutations(edits))


@given(files_with_edits())
def test_only_the_spans_change(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    ordered = sorted(edits, key=lambda each: each.span)
    bounds = [0, *(at for each in ordered for at in (each.span.start, each.span.end)), len(data)]
    outside = [data[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    expected = outside[0] + b"".join(each.new + rest for each, rest in zip(ordered, outside[1:], strict=True))
    assert splice(data, edits) == expected


@given(files_with_edits())
def test_undoing_every_edit_gives_the_bytes_back(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    places = moved([each.span for each in edits], edits)
    back = [Edit(root=each.root, file=each.file, span=places[each.span], old=each.new, new=each.old) for each in edits]
    assert splice(splice(data, edits), back) == data


@given(files_with_edits(), st.data())
def test_bytes_between_edits_are_found_again(case: tuple[bytes, list[Edit]], draw: st.DataObject) -> None:
    data, edits = case
    taken = {at for each in edits for at in range(each.span.start, each.span.end)} | {len(data)}
    free = sorted(set(range(len(data))) - taken)
    assume(free)
    start = draw.draw(st.sampled_from(free))
    span = Span(start, draw.draw(st.integers(start + 1, min(at for at in taken if at > start))))
    after = splice(data, edits)
    place = moved([span], edits)[span]
    assert after[place.start : place.end] == data[span.start : span.end]


@pytest.mark.parametrize(
    ("data", "start"),
    [(b"image: redis:7", 7), (b"image: ", 7), (b"image: nginx", 8), (b"", 0)],
)
def test_other_bytes_than_expected_are_refused(data: bytes, start: int) -> None:
    with pytest.raises(FileChangedError, match=r"lab/a\.yaml:3: changed") as caught:
        splice(data, [edit(start, b"nginx", b"x/nginx")])
    assert caught.value.hint


def test_one_that_does_not_fit_holds_back_all() -> None:
    with pytest.raises(FileChangedError):
        splice(b"nginx redis", [edit(0, b"nginx", b"x"), edit(6, b"caddy", b"y")])


def test_two_edits_of_the_same_bytes_are_a_bug() -> None:
    with pytest.raises(ValueError, match="two edits"):
        splice(b"nginx", [edit(0, b"nginx", b"x"), edit(3, b"nx", b"y")])
