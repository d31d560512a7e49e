from __future__ import annotations

from pathlib import Path

import pytest

from seeder.documents.paths import lock_path, rewrites_path


@pytest.mark.parametrize(
    ("catalog", "lock", "rewrites"),
    [
        ("a/x.yaml", "a/x.lock.yaml", "a/x.rewrites.yaml"),
        ("x.yml", "x.lock.yaml", "x.rewrites.yaml"),
        ("x.v2.yaml", "x.v2.lock.yaml", "x.v2.rewrites.yaml"),
        ("catalog", "catalog.lock.yaml", "catalog.rewrites.yaml"),
        ("x.v2", "x.v2.lock.yaml", "x.v2.rewrites.yaml"),
    ],
)
def test_lock_and_record_stand_beside_the_catalog(catalog: str, lock: str, rewrites: str) -> None:
    assert (lock_path(Path(catalog)), rewrites_path(Path(catalog))) == (Path(lock), Path(rewrites))


@pytest.mark.parametrize("lock", ["/w/y.lock.yaml", "/w/y.lock.yml", "/w/y.yaml", "/w/y"])
def test_the_record_follows_a_lock_that_stands_elsewhere(lock: str) -> None:
    assert rewrites_path(Path("/ro/x.yaml"), Path(lock)) == Path("/w/y.rewrites.yaml")
