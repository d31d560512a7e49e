"""Which skopeo will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.engines.skopeo import binary
from seeder.errors import EngineError


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("skopeo version 1.9.3\n", (1, 9, 3)),
        ("skopeo version 1.22.0-dev commit: b71619a\n", (1, 22, 0)),
        ("skopeo version 1.18 commit: x", (1, 18, 0)),
        ("skopeo version 2.0.1", (2, 0, 1)),
    ],
)
def test_versions_that_will_do(said: str, version: tuple[int, int, int]) -> None:
    assert binary.version(said, "/bin/skopeo") == version


@pytest.mark.parametrize("said", ["skopeo version 1.8.0", "skopeo version 0.1.41"])
def test_too_old(said: str) -> None:
    with pytest.raises(EngineError, match=r"1\.9 is the oldest") as caught:
        binary.version(said, "/bin/skopeo")
    assert "install skopeo" in caught.value.hint


def test_something_else_by_that_name() -> None:
    with pytest.raises(EngineError, match="names no version"):
        binary.version("hello", "/bin/skopeo")


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not on PATH") as caught:
        binary.find({"PATH": str(tmp_path)})
    assert caught.value.code == "engine-missing"


def test_one_that_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "skopeo").write_text("#!/bin/sh\necho broken >&2; exit 3\n")
    (tmp_path / "skopeo").chmod(0o755)
    with pytest.raises(EngineError, match=r"does not run: .*broken"):
        binary.find({"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_the_real_one(skopeo: str) -> None:
    found = binary.find({"PATH": str(Path(skopeo).parent)})
    assert found.version >= (1, 9, 0)
