"""Which files belong to a catalog: `x.yaml` has `x.lock.yaml` and `x.rewrites.yaml` beside it."""

from __future__ import annotations

from pathlib import Path

_SUFFIXES = {".yaml", ".yml"}


def lock_path(catalog: Path) -> Path:
    """Where the catalog's lock stands, unless `--lock` says otherwise."""
    return _beside(catalog, "lock")


def rewrites_path(catalog: Path, lock: Path | None = None) -> Path:
    """Where the record of rewrites stands: beside the lock that `--lock` named, else beside the catalog."""
    if lock is None:
        return _beside(catalog, "rewrites")
    stem = lock.with_suffix("") if lock.suffix in _SUFFIXES else lock
    return _beside(stem.with_suffix("") if stem.suffix == ".lock" else stem, "rewrites")


def _beside(path: Path, kind: str) -> Path:
    stem = path.name.removesuffix(path.suffix) if path.suffix in _SUFFIXES else path.name
    return path.with_name(f"{stem}.{kind}.yaml")
