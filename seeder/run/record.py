"""The record of rewrites on disk, beside its catalog."""

from __future__ import annotations

from pathlib import Path

from seeder import files
from seeder.documents import rewrites as records
from seeder.model.rewrites import ByFile, Rewrites


def load(path: Path) -> Rewrites:
    """The catalog's rewrite record; empty where there is none. Raises FileError, DocumentError."""
    return records.parse(files.read(path), str(path)) if files.exists(path) else Rewrites()


def save(path: Path, spans: ByFile) -> None:
    """Writes the record where its bytes change; a record of nothing is no file."""
    found = Rewrites.of([span for mine in spans.values() for span in mine])
    if not found.spans:
        files.remove(path)
        return
    files.write_if_changed(path, records.render(found))
