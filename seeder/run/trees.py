"""What stands in a catalog's trees, with names at our targets mapped back to what they were made from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from seeder.discover import Inverse, discover
from seeder.model.catalog import Catalog
from seeder.run import inverse, record
from seeder.run.attribution import attributed
from seeder.run.project import Project
from seeder.run.tree import Tree


def look(
    project: Project, variables: Mapping[str, str] | None = None, *, include_all: bool = False
) -> tuple[Tree, ...]:
    """Discovers all trees of a catalog; `variables` go before the catalog's own.

    Raises UsageError where a workshop names nothing, DocumentError for a broken record.
    """
    rewrites = record.load(project.rewrites_path)
    values, originals = values_of(project.catalog, variables or {}), inverse.of(project.catalog, project.lock)
    taken: set[Path] = set()
    found = []
    for path in project.trees():
        tree = _look_at(project, path, values, originals, include_all=include_all)
        found.append(attributed(_without(tree, taken), rewrites))
        taken.add(path.resolve())
    return tuple(found)


def look_again(
    project: Project, path: Path, variables: Mapping[str, str], replaced: Mapping[PurePosixPath, bytes]
) -> Tree:
    """Discovers all that one tree names, some of whose files have other bytes than on disk."""
    values, originals = values_of(project.catalog, variables), inverse.of(project.catalog, project.lock)
    return _look_at(project, path, values, originals, include_all=True, replaced=replaced)


def values_of(catalog: Catalog, given: Mapping[str, str]) -> dict[str, str]:
    """What variables stand for: what was given, then the catalog's, then what follows from its one platform."""
    implied = {}
    if catalog.platforms is not None and len(catalog.platforms) == 1:
        implied = dict.fromkeys(("platform_arch", "PLATFORM_ARCH"), catalog.platforms[0].architecture)
    return {**implied, **catalog.variables, **given}


def _look_at(
    project: Project,
    path: Path,
    variables: Mapping[str, str],
    originals: Inverse,
    *,
    include_all: bool,
    replaced: Mapping[PurePosixPath, bytes] | None = None,
) -> Tree:
    root = os.path.normpath(path)
    found = discover(
        path,
        root_name=root,
        variables=variables,
        inverse=originals,
        include_all=include_all,
        replaced=replaced or {},
    )
    name = PurePosixPath(os.path.relpath(path, project.path.parent)).as_posix()
    return Tree(name=name, root=root, path=path, occurrences=found.occurrences, unread=found.unread)


def _without(tree: Tree, taken: Iterable[Path]) -> Tree:
    """The tree without what a tree inside it, or around it, has told already."""
    inner = [path for path in taken if path.is_relative_to(tree.path.resolve())]
    outer = [path for path in taken if tree.path.resolve().is_relative_to(path)]
    if outer:
        return replace(tree, occurrences=(), unread=())
    if not inner:
        return tree

    def is_told(file: str) -> bool:
        return any(tree.file(file).resolve().is_relative_to(path) for path in inner)

    return replace(
        tree,
        occurrences=tuple(found for found in tree.occurrences if not is_told(found.file)),
        unread=tuple(found for found in tree.unread if not is_told(found.file)),
    )
