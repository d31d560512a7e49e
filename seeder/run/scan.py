"""`scan` and `why`: what workshop trees name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from seeder.discover import Discovery, Inverse, discover
from seeder.discover.search import names
from seeder.errors import UsageError
from seeder.model.occurrence import Occurrence
from seeder.model.reference import ImageReference
from seeder.settings import Settings

_SCHEME = "oci:"


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
    for path in paths:
        if artifact_of(path) is None and not path.exists():
            raise UsageError(f"{path} does not exist", hint="check the path for typing errors")
    found = Discovery()
    for path in dict.fromkeys(paths):
        with _tree(path, settings or Settings()) as (name, tree):
            found += discover(tree, root_name=name, variables=variables, include_all=include_all, inverse=inverse)
    return found


def artifact_of(path: Path) -> ImageReference | None:
    """The artifact that `oci://…` names; a Path has folded the two slashes into one. Raises InvalidReferenceError."""
    parts = path.parts
    return ImageReference.parse("/".join(parts[1:])).or_latest() if parts and parts[0] == _SCHEME else None


@contextmanager
def _tree(path: Path, settings: Settings) -> Iterator[tuple[str, Path]]:
    """A tree, and the name that it was given."""
    reference = artifact_of(path)
    if reference is None:
        yield str(path), path
        return
    from seeder.artifacts import Artifacts  # noqa: PLC0415 - a scan of files asks nobody
    from seeder.run.session import opened  # noqa: PLC0415

    with opened(settings) as session:
        artifacts = Artifacts(client=session.client, environment=settings.environment)
        with artifacts.opened(reference) as folder:
            yield f"{_SCHEME}//{'/'.join(path.parts[1:])}", folder


def why(
    reference: str, paths: Sequence[Path], variables: Mapping[str, str], settings: Settings | None = None
) -> tuple[Occurrence, ...]:
    """Every place that names a reference, in any spelling, and also where it is not pulled.

    Without tag and digest it means all of the repository. Raises UsageError for what is no reference.
    """
    wanted = names(reference)
    return tuple(one for one in scan(paths, variables, include_all=True, settings=settings).occurrences if wanted(one))
