"""`scan` and `why`: what workshop trees name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from seeder import files
from seeder.discover import Discovery, Inverse, discover
from seeder.discover.search import names
from seeder.errors import UsageError
from seeder.model.occurrence import Occurrence
from seeder.run.artifact import check_there, shown, tree_of
from seeder.settings import Settings


def scan(
    paths: Sequence[Path],
    variables: Mapping[str, str],
    *,
    include_all: bool = False,
    inverse: Inverse | None = None,
    settings: Settings | None = None,
) -> Discovery:
    """What several trees or files name, in the order given; a path that is given twice is read once.

    `oci://host/repository:tag` is the tree that an artifact holds, read from its registry. Raises UsageError for a path
    that is not there, before any is read; InvalidReferenceError, and what a registry answers.
    """
    check_there(paths)
    found = Discovery()
    for path in dict.fromkeys(paths):
        with tree_of(path, settings or Settings()) as tree:
            found += discover(
                tree, root_name=shown(path), variables=variables, include_all=include_all, inverse=inverse
            )
    return found


def why(
    reference: str, paths: Sequence[Path], variables: Mapping[str, str], settings: Settings | None = None
) -> tuple[tuple[Occurrence, ...], str]:
    """Every place that names a reference, in any spelling, and also where it is not pulled; else the nearest name.

    Without tag and digest it means all of the repository. Raises UsageError for what is no reference.
    """
    if files.exists(Path(reference)) and not any(map(files.exists, paths)):
        raise UsageError(
            f"{reference} is a path, and no image", hint="the image stands first: `seeder why nginx labs/`"
        )
    wanted = names(reference)
    occurrences = scan(paths, variables, include_all=True, settings=settings).occurrences
    found = tuple(one for one in occurrences if wanted(one))
    return found, "" if found else _nearest(reference, occurrences)


def _nearest(reference: str, occurrences: Iterable[Occurrence]) -> str:
    known = {one.familiar for one in occurrences}
    known |= {name.partition("@")[0].rpartition(":")[0] for name in known}
    return next(iter(get_close_matches(reference, sorted(known - {""}), 1)), "")
