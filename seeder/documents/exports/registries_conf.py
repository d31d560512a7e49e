"""registries.conf, version 2, for podman, buildah, skopeo and CRI-O (containers-registries.conf(5))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seeder.documents.exports.rehosted import HEADER, Rehosted, mirrored, remark
from seeder.model.catalog import TargetSettings


def render(images: Sequence[Rehosted], target: TargetSettings) -> Mapping[str, str]:
    """The target as first mirror of each source; what it lacks still comes from the source itself."""
    found = mirrored(images)
    tables = [_table(prefix, mirror, target) for prefix, mirror in sorted((found.bases | found.names).items())]
    return {"registries.conf": HEADER + "".join(map(remark, found.others)) + "".join(tables)}


def _table(prefix: str, mirror: str, target: TargetSettings) -> str:
    lines = [
        "",
        "[[registry]]",
        f'prefix = "{prefix}"',
        f'location = "{prefix}"',
        "",
        "[[registry.mirror]]",
        f'location = "{mirror}"',
        *(["insecure = true"] if target.insecure else []),
    ]
    return "".join(f"{line}\n" for line in lines)
