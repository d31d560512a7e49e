"""`pin` as a use case: what a catalog wants, pinned by one client."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.errors import SeederError, StoppedError
from seeder.model.copy import Pulls
from seeder.model.pin import Lock, Pin
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.run.look import Looked, look
from seeder.run.pin import Options, Pinned, Pinner
from seeder.run.project import Project
from seeder.run.session import Session, opened
from seeder.settings import Settings


def pin(
    project: Project,
    settings: Settings,
    options: Options,
    variables: Mapping[str, str],
    announce: Callable[[Pulls, Mapping[str, Quota]], None],
) -> tuple[Pinned, Looked]:
    """Pins and writes the lock; told to end, it says what was known until then, and writes nothing.

    Raises UsageError, DocumentError, PinMissingError, FileError.
    """
    looked, heard = look(project, variables), _Heard(lock=project.lock)
    session: Session | None = None
    try:
        with opened(settings) as session:
            pinner = Pinner(project, session.client, session.store, announce)
            return pinner.pin(looked.places, options, heard.hear), looked
    except StoppedError as stopped:
        pulls = session.client.quotas.pulls() if session is not None else 0
        return replace(heard.pinned, places=looked.places, pulls=pulls, stopped=stopped), looked


class _Heard(Struct, kw_only=True):
    """What sources answered so far, beside the `lock` of before."""

    lock: Lock
    pins: dict[ImageReference, Pin] = field(default_factory=dict)
    failures: dict[ImageReference, SeederError] = field(default_factory=dict)

    def hear(self, reference: ImageReference, found: Pin | SeederError) -> None:
        if isinstance(found, SeederError):
            self.failures[reference] = found
        else:
            self.pins[reference] = found

    @property
    def pinned(self) -> Pinned:
        old = self.lock.by_reference()
        again = self.pins.keys() & old.keys()
        return Pinned(
            lock=Lock.of(self.pins),
            added=frozenset(self.pins.keys() - old.keys()),
            moved={r: old[r] for r in again if old[r].descriptor.digest != self.pins[r].descriptor.digest},
            failures=self.failures,
        )
