"""`export`: the lock in another tool's format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seeder import files, targets
from seeder.documents.exports import EXPORTS
from seeder.documents.exports.rehosted import Rehosted
from seeder.errors import PinMissingError, UsageError
from seeder.model.catalog import TargetKind, TargetSettings
from seeder.model.pin import Pin
from seeder.run.project import Project


def export(project: Project, target: TargetSettings, form: str) -> Mapping[str, str]:
    """The files of a format, by name.

    Raises UsageError for a target that no tool pulls from, and where the lock says too little for it.
    """
    if target.kind is not TargetKind.REGISTRY:
        raise UsageError(
            f"targets.{target.name}: no tool can be pointed at a target of kind {target.kind}",
            hint="copy it on to a registry, and export that target of kind registry (--target NAME)",
        )
    if not project.lock.pins:
        raise PinMissingError("the lock has no pins yet", where=str(project.lock_path), hint="run `seeder pin`")
    return EXPORTS[form]([_rehosted(pin, project, target) for pin in project.lock], target)


def write(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Writes the files below a folder. Raises FileError."""
    paths = []
    for name, text in texts.items():
        path = folder / name
        files.make_folder(path.parent)
        files.write_atomic(path, text.encode())
        paths.append(path)
    return paths


def _rehosted(pin: Pin, project: Project, target: TargetSettings) -> Rehosted:
    catalog = project.catalog
    platforms = catalog.platforms_for(pin.reference)
    root = pin.root(target.name, platforms, trims=catalog.trims(pin.reference))
    if root is None:
        raise UsageError(
            f"the lock does not say which digest {', '.join(map(str, platforms))} of {pin.reference} has",
            where=str(project.lock_path),
            hint="run `seeder sync`, or `seeder pin --read-manifests`",
        )
    destination = targets.destination(pin.reference, pin.descriptor.digest, target, catalog.entry(pin.reference))
    return Rehosted(reference=pin.reference, destination=destination, root=root)
