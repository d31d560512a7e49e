"""`catalog init`: from a tree to a first catalog."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seeder import files, folders
from seeder.discover import Discovery
from seeder.documents.draft import Draft
from seeder.errors import UsageError
from seeder.run.scan import scan

_DEFINITION = ("resources", "workshop.yaml")
# Of the variables of Educates these can be known before a session runs (workshop-definition.md); the others cannot.
_GIVEN = frozenset({"image_repository", "workshop_name", "workshop_version", "assets_repository"})


def draft(paths: Sequence[Path], output: Path, variables: Mapping[str, str], *, lists_images: bool = False) -> Draft:
    """What a catalog at `output` for these trees says, or one that lists their images in their stead.

    Raises UsageError for a path that is not there, or no text.
    """
    trees = list(dict.fromkeys(tree for path in paths for tree in workshops(path)))
    found = scan(trees, variables)
    pulled = [one for one in found.occurrences if one.pulled]
    references = {one.reference.or_latest() for one in pulled if one.reference is not None}
    hub = sorted(reference.familiar() for reference in references if reference.is_hub)
    return Draft(
        name=paths[0].resolve().name if len(paths) == 1 else output.name.removesuffix(output.suffix),
        workshops=() if lists_images else tuple(_relative(tree, output) for tree in trees),
        images=tuple(hub) if lists_images else None,
        others=tuple(sorted(str(reference) for reference in references if not reference.is_hub)),
        references=len({one.canonical for one in pulled}),
        hub=len({one.canonical for one in pulled if one.hub}),
        registries=tuple(sorted({reference.registry for reference in references if not reference.is_hub})),
        variables=tuple(sorted(set(_open(found)))),
    )


def workshops(path: Path) -> list[Path]:
    """The workshops at or below a path, by their `resources/workshop.yaml`; the path itself where there are none."""
    if not files.is_folder(path) or files.exists(path.joinpath(*_DEFINITION)):
        return [path]
    parts = (entry.path.parts for entry in folders.walk(path))
    return [path.joinpath(*below[:-2]) for below in parts if below[-2:] == _DEFINITION] or [path]


def _relative(tree: Path, output: Path) -> str:
    """The path as the catalog writes it: relative to the catalog, with what a glob would take for a pattern escaped."""
    path = Path(os.path.relpath(tree, output.parent)).as_posix()
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{path}: a name that is not UTF-8 cannot stand in a catalog", hint="rename it") from None
    return glob.escape(path)


def _open(found: Discovery) -> Iterator[str]:
    for one in found.occurrences:
        yield from (name for name in one.unresolved if name in _GIVEN)
