"""The engines by name: a function each that builds one for a run, and a line in `ENGINES`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import MappingProxyType

from seeder.engines.protocol import Engine
from seeder.errors import UsageError
from seeder.model.catalog import Catalog, TargetKind, TargetSettings
from seeder.run.session import Session
from seeder.threads import spawn

# Seconds that one image may take; a 20 GB image at 10 MB/s takes half of it.
IMAGE_TIMEOUT = 3600.0
DEFAULT = "direct"
# Those that take manifests from the store; the others GET each one again.
SPARING = frozenset({"direct"})


def _direct(session: Session, timeout: float) -> Engine:
    from seeder.engines.direct import DirectEngine  # noqa: PLC0415 - a run pays for one engine's start

    return DirectEngine(client=session.client, reader=session.reader, homes=session.homes, timeout=timeout)


def _skopeo(session: Session, timeout: float) -> Engine:
    from seeder.engines.skopeo import AT_ONCE, SkopeoEngine  # noqa: PLC0415

    return SkopeoEngine(
        client=session.client,
        reader=session.reader,
        sources=session.sources,
        insecure_hosts=session.insecure_hosts,
        at_once=min(AT_ONCE, session.client.limits.at_once),
        timeout=timeout,
    )


ENGINES: Mapping[str, Callable[[Session, float], Engine]] = MappingProxyType({"direct": _direct, "skopeo": _skopeo})


def check(name: str, catalog: Catalog, target: TargetSettings, *, from_layout: bool) -> None:
    """Raises UsageError where the engine cannot do what is asked for; direct can do all of it."""
    if name == "direct":
        return
    if catalog.wants_any_referrers:
        raise UsageError(
            f"the engine {name} copies no signatures, SBOMs and attestations (`referrers`)",
            hint="leave --engine out, or take `referrers` out of the catalog and copy them with `cosign copy`",
        )
    if catalog.trims_any:
        raise UsageError(
            f"the engine {name} cannot trim an index (`index: filtered`)",
            hint="leave --engine out; or take `index: filtered` out of the catalog, and indexes are copied whole",
        )
    if from_layout or target.kind is TargetKind.OCI_LAYOUT:
        raise UsageError(f"the engine {name} copies from registry to registry only", hint="leave --engine out")


@cache
def load(name: str) -> None:
    """Reads an engine's code while answers of the network are waited for."""
    spawn(lambda: _load(f"seeder.engines.{name}"))


def _load(module: str) -> None:
    with suppress(ImportError, OSError):  # it is raised again where the engine is built
        importlib.import_module(module)
