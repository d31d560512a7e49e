"""What stands in a catalog's trees, with names at our targets mapped back to what they were made from."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from seeder import files, targets
from seeder.discover import discover
from seeder.documents import rewrites as records
from seeder.errors import FileError, InvalidReferenceError
from seeder.model.catalog import Catalog
from seeder.model.occurrence import Occurrence, Part, Role, Unread, path_of
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference
from seeder.model.rewrites import Rewrites, RewrittenSpan
from seeder.run.project import Project
from seeder.syntax.locate import locate
from seeder.syntax.text import File


class Tree(Struct, frozen=True, kw_only=True):
    """A workshop of a catalog and what was found in it.

    `name` is its path relative to the catalog's folder, as the rewrite record names it; `root` is how it is shown.
    """

    name: str
    root: str
    path: Path
    occurrences: tuple[Occurrence, ...]
    unread: tuple[Unread, ...]

    def file(self, name: str) -> Path:
        """Where a file of the tree stands; a tree may be one file."""
        return self.path if files.is_file(self.path) else self.path / name

    @property
    def folder(self) -> Path:
        """What no file of the tree may lead out of."""
        return self.path.parent if files.is_file(self.path) else self.path

    def shown(self, name: str) -> str:
        """A file's path for people."""
        return path_of(self.root, name)


def look(
    project: Project, variables: Mapping[str, str] | None = None, *, include_all: bool = False
) -> tuple[Tree, ...]:
    """Discovers all trees of a catalog; `variables` go before the catalog's own.

    Raises UsageError where a workshop names nothing, DocumentError for a broken record.
    """
    record = load_record(project.rewrites_path)
    values = values_of(project.catalog, variables or {})
    inverse = inverse_of(project.catalog, project.lock)
    taken: set[Path] = set()
    found = []
    for path in project.trees():
        tree = look_at(project, path, values, inverse=inverse, include_all=include_all)
        found.append(_attributed(_without(tree, taken), record))
        taken.add(path.resolve())
    return tuple(found)


def values_of(catalog: Catalog, given: Mapping[str, str]) -> dict[str, str]:
    """What variables stand for: what was given, then the catalog's, then what follows from its one platform."""
    implied = {}
    if catalog.platforms is not None and len(catalog.platforms) == 1:
        implied = dict.fromkeys(("platform_arch", "PLATFORM_ARCH"), catalog.platforms[0].architecture)
    return {**implied, **catalog.variables, **given}


def look_at(
    project: Project,
    path: Path,
    variables: Mapping[str, str],
    *,
    inverse: Callable[[ImageReference], ImageReference | None],
    include_all: bool = False,
    replaced: Mapping[PurePosixPath, bytes] | None = None,
) -> Tree:
    """Discovers one tree; `replaced` gives files other bytes than they have."""
    root = os.path.normpath(path)
    found = discover(
        path,
        root_name=root,
        variables=variables,
        inverse=inverse,
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


def load_record(path: Path) -> Rewrites:
    """The catalog's rewrite record; empty where there is none. Raises FileError, DocumentError."""
    return records.parse(files.read(path), str(path)) if files.exists(path) else Rewrites()


def inverse_of(catalog: Catalog, lock: Lock) -> Callable[[ImageReference], ImageReference | None]:
    """What a name at any target of the catalog was made from: an `as:` name, else by the layout.

    A digest alone stands for the pin that has it, if one has.
    """
    named = _given_names(catalog)
    by_digest = {
        (pin.reference.name, str(digest)): pin.reference
        for pin in lock
        for digest in (pin.descriptor.digest, *pin.served.values(), *(each.digest for each in pin.platforms.values()))
        if pin.reference.digest is None
    }

    def original(reference: ImageReference) -> ImageReference | None:
        given = named.get((reference.name, reference.tag)) or named.get((reference.name, None))
        if given is not None:
            return given
        found = next(filter(None, (targets.original(reference, target) for target in catalog.targets)), None)
        if found is None or found.tag is not None:
            return found
        return by_digest.get((found.name, str(found.digest)), found)

    return original


def _given_names(catalog: Catalog) -> dict[tuple[str, str | None], ImageReference]:
    """References by the repository and tag that `as:` gives them, at every target."""
    found = {}
    for entry in catalog.images:
        if not entry.destination:
            continue
        path, _, tag = entry.destination.partition(":")
        for target in catalog.targets:
            repository = f"{target.prefix}/{path}" if target.prefix else path
            for host in {target.registry, target.push} - {""}:
                found[f"{host}/{repository}", tag or entry.reference.or_latest().tag] = entry.reference.or_latest()
                found.setdefault((f"{host}/{repository}", None), entry.reference.or_latest())
    return found


def _attributed(tree: Tree, record: Rewrites) -> Tree:
    """The tree with the originals that the record knows: it alone tells a tag from a tag that the author had pinned."""
    originals: dict[tuple[str, int], ImageReference] = {}
    for (workshop, file), spans in record.by_file().items():
        if workshop == tree.name and any(found.file == file for found in tree.occurrences):
            originals |= _originals(tree.file(file), file, spans)
    if not originals:
        return tree
    shared = _shared(tree.occurrences)
    return replace(tree, occurrences=tuple(_of(found, originals, shared) for found in tree.occurrences))


def _shared(occurrences: Iterable[Occurrence]) -> set[tuple[str, int]]:
    """Where a text begins that belongs to several names (`global.imageRegistry`): it says of none what it was."""
    names: dict[tuple[str, int], set[str]] = {}
    for found in occurrences:
        for place in _places(found):
            names.setdefault(place, set()).add(found.canonical)
    return {place for place, several in names.items() if len(several) > 1}


def _places(occurrence: Occurrence) -> list[tuple[str, int]]:
    return [(occurrence.file, part.span.start) for part in occurrence.parts]


def _originals(path: Path, file: str, spans: tuple[RewrittenSpan, ...]) -> dict[tuple[str, int], ImageReference]:
    """The original reference of each recorded span that still stands in a file, by where it starts."""
    try:
        text = File(files.read(path))
    except FileError:
        return {}
    found = {}
    for span, place in locate(text, spans).items():
        try:
            found[file, text.byte_at(place.start)] = ImageReference.parse(span.reference).or_latest()
        except InvalidReferenceError:
            continue
    return found


def _of(
    occurrence: Occurrence, originals: Mapping[tuple[str, int], ImageReference], shared: Container[tuple[str, int]]
) -> Occurrence:
    """Any part of a name that was rewritten tells what the name was: its repository may have stayed."""
    mine = (originals[place] for place in _places(occurrence) if place in originals and place not in shared)
    original = next(mine, None)
    is_shared = [part.role for part in occurrence.parts] == [Role.REPOSITORY]
    if original is None or original == occurrence.reference or is_shared:
        return occurrence  # a repository whose tag stands elsewhere may be a part of several names
    if not all(
        place in originals or _says(part, original)
        for place, part in zip(_places(occurrence), occurrence.parts, strict=True)
    ):
        return occurrence  # the author has chosen another version since
    return replace(occurrence, reference=original, canonical=str(original), rehosted_from=original, hub=original.is_hub)


def _says(part: Part, original: ImageReference) -> bool:
    """Whether a key that was not rewritten holds the version of the name that others say it was."""
    if part.role is Role.TAG:
        return part.text.partition("@")[0] == original.tag
    if part.role is Role.DIGEST:
        return original.digest is not None and part.text.endswith(original.digest.hex)
    return True
