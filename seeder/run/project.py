"""A catalog with what belongs to it, as it stands on disk: where every use case begins."""

from __future__ import annotations

import glob
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from seeder import files, targets, unfinished
from seeder.documents import catalog as catalogs
from seeder.documents import lockfile
from seeder.documents.paths import lock_path, rewrites_path
from seeder.errors import DocumentError, FileError, TargetMissingError, UsageError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference
from seeder.run.artifact import artifact_of
from seeder.settings import Settings

_CATALOG_LIMIT = 4 * 1024 * 1024


class Project(Struct, frozen=True, kw_only=True):
    """`lock` is empty where none was written yet, and has the pins that are this run's alone; `lock_path` is where it
    stands or will stand.
    """

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
        known = {target.name: target for target in self.catalog.targets}
        if not known:
            raise TargetMissingError(
                "the catalog names no target, and this command needs one",
                where=str(self.path),
                hint="add to it: targets: {event: {registry: registry.example.com}}",
            )
        chosen = known.get(name if name is not None else next(iter(known)))
        if chosen is None:
            near = get_close_matches(name or "", known, 1)
            raise TargetMissingError(
                f"the catalog has no target {name}",
                where=str(self.path),
                hint=f"did you mean {near[0]}?" if near else f"its targets: {', '.join(known)}",
            )
        targets.check(chosen, where=str(self.path))
        # A folder stands where the catalog says, from wherever seeder is run.
        return replace(chosen, path=str(self.path.parent / chosen.path)) if chosen.path else chosen

    def narrowed(self, references: Collection[ImageReference]) -> Project:
        """The same for these references alone."""
        return replace(self, lock=Lock(tuple(pin for pin in self.lock if pin.reference in references)))

    def would_change(self, lock: Lock) -> bool:
        """Whether `save` would write. Raises FileError, DocumentError."""
        return not files.holds(self.lock_path, self._rendered(lock))

    def save(self, lock: Lock, known: Lock | None = None) -> bool:
        """Writes the lock if its bytes change; says whether it did.

        It came of `known` (by default of what this project read): what others wrote there since then stays. Raises
        FileError, DocumentError for what stands there and is no lock any more.
        """
        unfinished.sweep(self.lock_path.parent, self.lock_path.name)
        try:
            with unfinished.alone(self.lock_path.parent):
                return files.write_if_changed(self.lock_path, self._rendered(lock, known))
        except FileError as error:
            hint = "--lock FILE names another place for the lock; sync --frozen takes it as it is"
            raise FileError(
                error.message, where=error.where, hint=f"{error.hint}; {hint}" if error.hint else hint
            ) from error

    def _rendered(self, lock: Lock, known: Lock | None = None) -> bytes:
        rendered = lockfile.render(lock)
        if not files.exists(self.lock_path) or files.holds(self.lock_path, rendered):
            return rendered
        return lockfile.render(lock.onto(read_lock(self.lock_path), self.lock if known is None else known))


def open_project(path: Path, *, lock: Path | None = None, settings: Settings | None = None) -> Project:
    """Reads a catalog and its lock (`lock` where it does not stand beside it). Raises DocumentError.

    With `settings` the lock may be `oci://…`, one that `sync` stored; then raises what the registry answers.
    """
    if path.is_dir():
        raise DocumentError(
            "is a folder, and a catalog is a file",
            where=str(path),
            hint=f"`seeder catalog init {path}` writes one for it",
        )
    catalog = catalogs.parse(files.read_document(path, limit=_CATALOG_LIMIT), str(path))
    where = lock or lock_path(path)
    is_remote = artifact_of(where) is not None
    return Project(
        path=path,
        catalog=catalog,
        lock=read_lock(where, settings, catalog.targets) if is_remote or files.exists(where) else Lock(),
        lock_path=where,
        rewrites_path=rewrites_path(path, None if is_remote else lock),
    )


def read_lock(path: Path, settings: Settings | None = None, targets: Sequence[TargetSettings] = ()) -> Lock:
    """A lock by its own path, or with `settings` by `oci://…`; `targets` say where their registries are talked to.

    Raises DocumentError, and what the registry answers.
    """
    stored = artifact_of(path)
    if stored is None:
        return lockfile.parse(files.read_document(path), str(path))
    if settings is None:
        raise UsageError(
            f"oci://{stored} can only be read, and this command writes the lock or has no use for it",
            hint="verify, plan, rewrite, export, lint and `sync --frozen` take a lock from a registry",
        )
    from seeder.run.stored import fetch  # noqa: PLC0415 - a lock in a file asks nobody

    return fetch(stored, targets, settings)
