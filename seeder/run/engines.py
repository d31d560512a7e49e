"""The engines by name: a function each that builds one for a run, and a line in `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from seeder.engines.protocol import Engine
from seeder.engines.skopeo import SkopeoEngine
from seeder.run.session import Session

# Seconds that one image may take; a 20 GB image at 10 MB/s takes half of it.
IMAGE_TIMEOUT = 3600.0
DEFAULT = "skopeo"


def _skopeo(session: Session, timeout: float) -> Engine:
    return SkopeoEngine(
        client=session.client,
        store=session.store,
        sources=session.sources,
        insecure_hosts=session.insecure_hosts,
        timeout=timeout,
    )


ENGINES: Mapping[str, Callable[[Session, float], Engine]] = MappingProxyType({"skopeo": _skopeo})
