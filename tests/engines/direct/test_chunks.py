"""Bodies in pieces: the same bytes, in sizes that a target takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.engines.direct.chunks import MIB, Chunks, cut


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=9), st.integers(1, 12))
def test_cut_in_pieces_of_one_size(blocks: list[bytes], size: int) -> None:
    chunks = [b"".join(chunk) for chunk in cut(iter(blocks), size)]
    whole = b"".join(blocks)
    assert chunks == [whole[start : start + size] for start in range(0, len(whole), size)]


def test_a_target_that_takes_all_gets_all() -> None:
    assert Chunks().of("r.io", 5 << 30, 0) == 5 << 30


@pytest.mark.parametrize(
    ("refused", "size"),
    [([500 * MIB], 64 * MIB), ([20 * MIB], 8 * MIB), ([500 * MIB, 64 * MIB], 8 * MIB), ([3 * MIB, 90 * MIB], MIB)],
)
def test_each_refusal_makes_them_smaller(refused: list[int], size: int) -> None:
    chunks = Chunks()
    assert all(chunks.refused("r.io", each) for each in refused)
    assert chunks.of("r.io", 1 << 30, 0) == size
    assert chunks.of("r.io", 1000, 0) == 1000
    assert chunks.of("other.io", 1 << 30, 0) == 1 << 30


@pytest.mark.parametrize("size", [1, 1000, MIB])
def test_at_some_point_nothing_smaller_is_left(size: int) -> None:
    assert not Chunks().refused("r.io", size)


def test_a_registry_that_wants_larger_chunks_gets_them() -> None:
    chunks = Chunks()
    chunks.refused("r.io", 20 * MIB)
    assert chunks.of("r.io", 1 << 30, 16 * MIB) == 16 * MIB
