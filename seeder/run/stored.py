"""The lock as an artifact: stored at a target beside the images that it pins, and read back from there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from seeder.documents import lockfile
from seeder.errors import DocumentError, SeederError, UsageError
from seeder.model.catalog import Catalog, TargetKind, TargetSettings
from seeder.model.outcome import Copied, Failed, Missed, Outcome, Present, Skipped, Told
from seeder.model.pin import Lock, Pin
from seeder.model.placed import Placed
from seeder.model.reference import ImageReference
from seeder.run.session import Session, opened
from seeder.settings import Settings
from seeder.targets import locks

KIND = "application/vnd.seeder.lock.v1+yaml"
_MEDIA_TYPE = "application/yaml"


def check(catalog: Catalog, target: TargetSettings) -> None:
    """Raises UsageError where this target can hold no lock of this catalog."""
    if target.kind is not TargetKind.REGISTRY:
        raise UsageError(
            f"the target {target.name} is a folder, and a lock is stored in a registry",
            hint="keep the lock's file beside the folder: `sync --frozen --lock FILE` takes it from there",
        )
    locks.file_name(catalog.name)


def store(session: Session, catalog: Catalog, target: TargetSettings, lock: Lock, outcomes: Iterable[Outcome]) -> Told:
    """What became of the lock: it is stored only where all that it pins stands at the target."""
    from seeder.artifacts.storing import File, Storer, packed  # noqa: PLC0415 - who stores no lock pays for none

    name = locks.file_name(catalog.name)
    file = File(kind=KIND, media_type=_MEDIA_TYPE, name=name, data=lockfile.render(lock))
    descriptor = packed(file).descriptor
    where = locks.destination(catalog.name, target, descriptor.digest)
    pin = Pin(reference=ImageReference(where.written, where.repository, where.tags[0]), descriptor=descriptor)
    placed = Placed(pin=pin, destination=where)
    missing = sum(isinstance(outcome, Missed) for outcome in outcomes)
    if missing:
        what = f"{missing} image{' is' if missing == 1 else 's are'}"
        return Skipped(of=placed, reason=f"{what} not there: a lock is stored where all that it pins stands")
    storer = Storer(client=session.client, environment=session.sources.environment)
    try:
        # The plain tag last: whoever follows it finds what it names kept by the other.
        pushed = storer.store(where.place, file, *reversed(where.tags))
    except SeederError as error:
        return Failed(of=placed, error=error)
    kind = Copied if pushed else Present
    return kind(pin=pin, destination=where, root=descriptor.digest)


def fetch(reference: ImageReference, targets: Sequence[TargetSettings], settings: Settings) -> Lock:
    """A lock that was stored; a name at a target is asked for where seeder talks to that.

    Raises DocumentError for what is no lock, and what the registry answers.
    """
    from seeder.artifacts.reading import Artifacts  # noqa: PLC0415

    name = f"oci://{reference}"
    target = next((each for each in targets if reference.registry in {each.registry, each.push}), None)
    asked = replace(reference, registry=target.push or target.registry) if target else reference
    with opened(settings, target) as session:
        artifacts = Artifacts(client=session.client, environment=settings.environment)
        with artifacts.opened(asked) as folder:
            found = sorted(folder.glob("*.lock.yaml"))
            if len(found) != 1:
                raise DocumentError(
                    "holds no lock", where=name, hint="name what `seeder sync --store-lock` stored: …/seeder/locks/…"
                )
            return lockfile.parse(found[0].read_bytes(), name)
