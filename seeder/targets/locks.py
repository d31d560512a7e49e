"""Where a catalog's lock stands at a target: `<prefix>/seeder/locks/<catalog>`.

No image's name is in the way: Docker Hub's have two parts, and those of other registries begin with a host.
"""

from __future__ import annotations

import re

from seeder.errors import UsageError
from seeder.model.catalog import TargetSettings
from seeder.model.digest import Digest
from seeder.model.placed import Destination
from seeder.model.reference import is_valid_repository
from seeder.targets.registry import DIGEST_TAG, suffixed

NEWEST = "latest"
_OTHERS = re.compile(r"[^a-z0-9]+")


def file_name(catalog: str) -> str:
    """What the lock is called when it is fetched. Raises UsageError as `destination` does."""
    return f"{_part(catalog)}.lock.yaml"


def destination(catalog: str, target: TargetSettings, digest: Digest) -> Destination:
    """By the name that the catalog has in reports; `digest` is the artifact's. Raises UsageError for an unfit name."""
    repository = "/".join(filter(None, (target.prefix, "seeder/locks", _part(catalog))))
    if not is_valid_repository(repository):
        raise _unfit(catalog)
    return Destination(
        target=target.name,
        registry=target.push or target.registry,
        written=target.registry,
        repository=repository,
        tags=(NEWEST, suffixed(DIGEST_TAG, digest)),
    )


def _part(catalog: str) -> str:
    part = _OTHERS.sub("-", catalog.lower()).strip("-")
    if not part:
        raise _unfit(catalog)
    return part


def _unfit(catalog: str) -> UsageError:
    return UsageError(
        f"the catalog's name {catalog[:80]!r} gives its lock no name at the target",
        hint="write metadata: {name: …} in the catalog, with letters a to z, digits and -",
        code="no-name",
    )
