"""How many images are under way at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.engines.events import Event, Finished, Started
from seeder.model.copy import Result
from seeder.sandbox import Layer
from tests.engines.bench import Bench, benches


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with benches("direct", home) as bench:
        yield bench


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_images_are_open_than_said(bench: Bench, most: int) -> None:
    shared = Layer(name="shared", size=3000)
    copies = [bench.image(f"a/app{n}:1", layers=[shared, Layer(name=f"own {n}", size=100)]) for n in range(12)]
    under_way, seen = 0, []

    def hear(event: Event) -> None:
        nonlocal under_way
        under_way += isinstance(event, Started) - isinstance(event, Finished)
        seen.append(under_way)

    outcomes = bench.run(*copies, on_event=hear, open=most)
    assert [outcome.result for outcome in outcomes] == [Result.COPIED] * 12
    assert all(bench.whole(copy) for copy in copies)
    assert max(seen) == most
    assert bench.asked_more_than_once("blob-get") == {}
