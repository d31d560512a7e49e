"""`pin` as a use case: what a catalog wants, pinned by one client."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seeder.model.copy import Pulls
from seeder.model.quota import Quota
from seeder.run.look import Looked, look
from seeder.run.pin import Options, Pinned, Pinner
from seeder.run.project import Project
from seeder.run.session import opened
from seeder.settings import Settings


def pin(
    project: Project,
    settings: Settings,
    options: Options,
    variables: Mapping[str, str],
    announce: Callable[[Pulls, Mapping[str, Quota]], None],
) -> tuple[Pinned, Looked]:
    """Pins and writes the lock. Raises UsageError, DocumentError, PinMissingError, FileError."""
    looked = look(project, variables)
    with opened(settings) as session:
        pinner = Pinner(project, session.client, session.store, announce)
        return pinner.pin(looked.places, options), looked
