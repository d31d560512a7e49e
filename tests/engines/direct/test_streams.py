"""The memory that blocks pass through."""

from __future__ import annotations

from seeder.engines.direct.streams import LARGEST_BLOCK, Streams


def test_memory_is_used_again_and_never_by_two_at_once() -> None:
    streams = Streams()
    with streams.memory() as first, streams.memory() as second:
        assert len(first) == len(second) == LARGEST_BLOCK
        first[0], second[0] = 1, 2
        assert (first[0], second[0]) == (1, 2)
    with streams.memory() as third:
        assert third.obj is first.obj
