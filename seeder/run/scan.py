"""`scan` and `why`: what workshop trees name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from seeder.discover import Discovery, Inverse, discover
from seeder.discover.search import names
from seeder.errors import UsageError
from seeder.model.occurrence import Occurrence


def scan(
    paths: Sequence[Path],
    variables: Mapping[str, str],
    *,
    include_all: bool = False,
    inverse: Inverse | None = None,
) -> Discovery:
    """What several trees or files name, in the order given; a path that is given twice is read once.

    Raises UsageError for a path that is not there, before any is read.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist", hint="check the path for typing errors")
    found = Discovery()
    for path in dict.fromkeys(paths):
        found += discover(path, root_name=str(path), variables=variables, include_all=include_all, inverse=inverse)
    return found


def why(reference: str, paths: Sequence[Path], variables: Mapping[str, str]) -> tuple[Occurrence, ...]:
    """Every place that names a reference, in any spelling, and also where it is not pulled.

    Without tag and digest it means all of the repository. Raises UsageError for what is no reference.
    """
    wanted = names(reference)
    return tuple(one for one in scan(paths, variables, include_all=True).occurrences if wanted(one))
