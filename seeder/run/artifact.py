"""Trees that are published: `oci://…` on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seeder import files
from seeder.documents import header
from seeder.errors import FileError, UsageError
from seeder.model.reference import ImageReference
from seeder.settings import Settings

_SCHEME = "oci:"


def artifact_of(path: Path) -> ImageReference | None:
    """The artifact that `oci://…` names; a Path has folded the two slashes into one. Raises InvalidReferenceError."""
    parts = path.parts
    return ImageReference.parse("/".join(parts[1:])).or_latest() if parts and parts[0] == _SCHEME else None


def shown(path: Path) -> str:
    """A path as it was given."""
    parts = path.parts
    return f"{parts[0]}//{'/'.join(parts[1:])}" if parts and parts[0].endswith(":") else str(path)


def check_there(paths: Iterable[Path]) -> None:
    """Raises UsageError for a path that is not there, or is a catalog; what is published is not asked for."""
    for path in paths:
        if artifact_of(path) is not None:
            continue
        if not files.exists(path):
            published = "write oci://HOST/REPOSITORY:TAG for a workshop that is published"
            hint = published if ":" in str(path) else "check the path for typing errors"
            raise UsageError(f"{shown(path)} does not exist", hint=hint)
        if files.is_file(path) and _is_ours(path):
            raise UsageError(
                f"{shown(path)} is a catalog or lists what seeder did, and no workshop",
                hint="name the folders of workshops, as the catalog does under `workshops:`",
            )


def _is_ours(path: Path) -> bool:
    try:
        return header.is_ours(files.read(path))
    except FileError:  # whoever reads the tree says so
        return False


@contextmanager
def tree_of(path: Path, settings: Settings) -> Iterator[Path]:
    """The folder or file that a path names; of an artifact a folder that is gone afterwards.

    Raises InvalidReferenceError, FileError, and what a registry answers.
    """
    reference = artifact_of(path)
    if reference is None:
        yield path
        return
    from seeder.artifacts.reading import Artifacts  # noqa: PLC0415 - who reads files asks nobody
    from seeder.run.session import opened  # noqa: PLC0415

    with opened(settings) as session:
        artifacts = Artifacts(client=session.client, environment=settings.environment)
        with artifacts.opened(reference) as folder:
            yield folder
