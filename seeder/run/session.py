"""What a run works with: one registry client, the manifest store, and what was read of the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from seeder import files
from seeder.checked import CheckedRoots
from seeder.homes import Homes
from seeder.manifests import ManifestReader
from seeder.model.catalog import Catalog, TargetKind, TargetSettings
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.repository import Elsewhere
from seeder.registry.sources import Sources
from seeder.registry.transport import AT_ONCE, Limits
from seeder.settings import Settings
from seeder.store import ManifestStore

if TYPE_CHECKING:
    from seeder.layout import Images

_ENOUGH_FILES = 1024


class Carried(Struct, frozen=True):
    """An OCI layout that stands in for every source, and the catalog that it was filled by."""

    path: Path
    catalog: Catalog


class Session(Struct, frozen=True, kw_only=True):
    """`insecure_hosts` are where seeder may talk plain HTTP, by the catalog's word.

    `reader` is one for all passes: what one of them still reads the next does not ask for as well. `checked` are the
    roots that the target was found to serve whole, `homes` where the blobs of what stands there are.
    """

    client: Client
    store: ManifestStore
    reader: ManifestReader
    homes: Homes
    sources: Sources
    insecure_hosts: frozenset[str] = frozenset()
    checked: CheckedRoots = field(default_factory=CheckedRoots)


@contextmanager
def opened(
    settings: Settings,
    target: TargetSettings | None = None,
    *,
    source: Carried | None = None,
    writes: bool = False,
    at_once: int = AT_ONCE,
) -> Iterator[Session]:
    """A session for one run; raises DocumentError, FileError for what the environment names and cannot be read.

    With `writes` a target that is a folder or tar is made where it is not there yet; a tar is written once, at the end.
    `at_once` is that of `Limits`.
    """
    environment = settings.environment
    sources = Sources.load(environment)
    host = (target.push or target.registry) if target else ""
    insecure = frozenset({host}) if target and target.insecure else frozenset()
    with ExitStack() as held:
        given = held.enter_context(closing(_readable(source.path))) if source is not None else None
        layouts = _layouts(target, writes=writes)
        for layout in layouts.values():
            held.enter_context(closing(layout))
        store = held.enter_context(closing(ManifestStore(settings.cache_dir)))
        checked = CheckedRoots(settings.cache_dir, "" if layouts else host)
        earlier = ((ImageReference(host, repository), root) for repository, root in checked.roots())
        limits = Limits.within(open_files(), at_once)
        elsewhere = _elsewhere(layouts, given, host, source.catalog if source is not None else None)
        with closing(Client(sources, insecure_hosts=insecure, limits=limits, elsewhere=elsewhere)) as client:
            yield Session(
                client=client,
                store=store,
                reader=ManifestReader(client, store),
                homes=Homes(store.get, earlier if writes else ()),  # what is shown counts on nothing but what it sees
                sources=sources,
                insecure_hosts=insecure,
                checked=checked,
            )
        for layout in layouts.values():  # not for a run that broke off: that would take long, and the next one goes on
            layout.settle()


def _elsewhere(
    layouts: Mapping[str, Images], source: Images | None, target: str, catalog: Catalog | None
) -> Elsewhere | None:
    if not layouts and source is None:
        return None
    from seeder.layout_repository import Layouts  # noqa: PLC0415 - only who copies from or to a folder pays

    return Layouts(layouts, source=source, target=target, catalog=catalog)


def open_files() -> int:
    """How many files this process may have open, once its limit is as high as it may set it."""
    import resource  # noqa: PLC0415 - only what talks to registries needs many

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _ENOUGH_FILES if soft == resource.RLIM_INFINITY else soft
    with suppress(OSError, ValueError):  # a sandbox may forbid it
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def _readable(source: Path) -> Images:
    from seeder.layout import readable  # noqa: PLC0415 - see _elsewhere

    return readable(source)


def _layouts(target: TargetSettings | None, *, writes: bool) -> dict[str, Images]:
    """The target by its host, if it is a folder; one that is not there yet holds nothing."""
    if target is None or target.kind is not TargetKind.OCI_LAYOUT:
        return {}
    from seeder.layout import Layout, readable, writable  # noqa: PLC0415 - see _elsewhere
    from seeder.targets import oci_layout  # noqa: PLC0415

    path = Path(target.path)
    made = writable(path) if writes else readable(path) if files.exists(path) else Layout(path)
    return {oci_layout.host(target): made}
