"""The memory that blocks pass through."""

from __future__ import annotations

from seeder.engines.direct.attempts import Attempts
from seeder.engines.direct.body import Blob, Body, BodyTools
from seeder.engines.direct.streams import LARGEST_BLOCK, Streams
from seeder.sandbox import Layer
from tests.engines.bench import Bench


def test_memory_is_used_again_and_never_by_two_at_once() -> None:
    streams = Streams()
    with streams.memory() as first, streams.memory() as second:
        assert len(first) == len(second) == LARGEST_BLOCK
        first[0], second[0] = 1, 2
        assert (first[0], second[0]) == (1, 2)
    with streams.memory() as third:
        assert third.obj is first.obj


def test_blocks_are_as_large_as_ever_once_other_bodies_have_ended(bench: Bench) -> None:
    copy = bench.image("app:1", layers=[Layer(name=f"{n}") for n in range(20)])
    tools = BodyTools(bench.client(), Streams(), Attempts())
    for layer in bench.hub.manifest("app:1").layers():  # type: ignore[union-attr]
        blob = Blob(digest=layer.digest, size=layer.size, sources=[copy.pin.reference], is_wanted=lambda: True)
        body = Body(tools, blob, "target.test", lambda _: None)
        assert sum(map(len, body)) == layer.size
        assert body.is_complete
    assert tools.streams.block == LARGEST_BLOCK
