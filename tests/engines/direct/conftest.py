"""A bench for the engine `direct`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.bench import Bench, benches


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with benches("direct", home) as made:
        yield made
