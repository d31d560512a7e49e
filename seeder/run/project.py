"""A catalog with what belongs to it, as it stands on disk: where every use case begins."""

from __future__ import annotations

import glob
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from seeder import files
from seeder.documents import catalog as catalogs
from seeder.documents import later, lockfile
from seeder.documents.paths import lock_path, rewrites_path
from seeder.errors import DocumentError, FileError, TargetMissingError, UsageError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.pin import Lock

_CATALOG_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """`lock` is empty where none was written yet; `lock_path` is where it stands or will stand."""

    path: Path
    catalog: Catalog
    lock: Lock
    lock_path: Path
    rewrites_path: Path

    def trees(self) -> tuple[Path, ...]:
        """The workshops of the catalog, globs undone, each once. Raises UsageError where one names nothing."""
        found: dict[Path, None] = {}
        for index, pattern in enumerate(self.catalog.workshops):
            # Path.glob takes no absolute patterns.
            matches = sorted(glob.glob(pattern, root_dir=self.path.parent))  # noqa: PTH207
            if not matches:
                raise UsageError(
                    f"workshops[{index}]: nothing stands at {self.path.parent / pattern}",
                    where=str(self.path),
                    hint="paths are relative to the catalog",
                )
            found.update(dict.fromkeys(self.path.parent / match for match in matches))
        return tuple(found)

    def target(self, name: str | None = None) -> TargetSettings:
        """The target of that name, else the catalog's first. Raises UsageError, and for what seeder cannot do yet."""
        targets = {target.name: target for target in self.catalog.targets}
        if not targets:
            raise TargetMissingError(
                "the catalog names no target, and this command needs one",
                where=str(self.path),
                hint="add to it: targets: {event: {registry: registry.example.com}}",
            )
        chosen = targets.get(name if name is not None else next(iter(targets)))
        if chosen is None:
            near = get_close_matches(name or "", targets, 1) or targets
            raise TargetMissingError(
                f"the catalog has no target {name}", where=str(self.path), hint=f"its targets: {', '.join(near)}"
            )
        later.check(self.catalog, chosen, where=str(self.path))
        # A folder stands where the catalog says, from wherever seeder is run.
        return replace(chosen, path=str(self.path.parent / chosen.path)) if chosen.path else chosen

    def save(self, lock: Lock) -> bool:
        """Writes the lock if its bytes change; says whether it did. Raises FileError."""
        data = lockfile.render(lock)
        if self.lock_path.exists() and files.read(self.lock_path) == data:
            return False
        files.write_atomic(self.lock_path, data)
        return True


def open_project(path: Path, *, lock: Path | None = None) -> Project:
    """Reads a catalog and its lock (`lock` where it does not stand beside it). Raises DocumentError."""
    where = lock or lock_path(path)
    return Project(
        path=path,
        catalog=catalogs.parse(_read(path, _CATALOG_LIMIT), str(path)),
        lock=read_lock(where) if where.exists() else Lock(),
        lock_path=where,
        rewrites_path=rewrites_path(path, lock),
    )


def read_lock(path: Path) -> Lock:
    """A lock by its own path. Raises DocumentError."""
    return lockfile.parse(_read(path), str(path))


def _read(path: Path, limit: int = files.LIMIT) -> bytes:
    try:
        return files.read(path, limit=limit)
    except FileError as error:
        raise DocumentError(error.message, where=error.where, hint=error.hint) from error
