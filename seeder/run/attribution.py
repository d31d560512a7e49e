"""What names in a tree were made from, by the record: it alone tells a tag from a tag that the author had pinned."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from seeder import files
from seeder.errors import FileError, InvalidReferenceError
from seeder.model.occurrence import Occurrence, Part, Role
from seeder.model.reference import ImageReference
from seeder.model.rewrites import Rewrites, RewrittenSpan
from seeder.run.tree import Tree
from seeder.syntax.locate import locate
from seeder.syntax.text import File


def attributed(tree: Tree, record: Rewrites) -> Tree:
    """The tree with the originals that the record knows."""
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
