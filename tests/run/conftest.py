"""A desk with a sandbox as its target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.sandbox import Sandbox
from tests.run.desk import Desk


@pytest.fixture
def hub(home: Path) -> Iterator[Sandbox]:
    """Docker Hub's stand-in, where every client of this test finds it."""
    with Sandbox() as running:
        (home / "registries.conf").write_text(running.registries_conf())
        yield running


@pytest.fixture
def target() -> Iterator[Sandbox]:
    with Sandbox(token_auth=False) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, hub: Sandbox, target: Sandbox, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(folder=tmp_path, hub=hub, address=target.address, capsys=capsys)
