"""registries.conf, version 2, for podman, buildah, skopeo and CRI-O (containers-registries.conf(5))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seeder.documents.exports.rehosted import HEADER, Rehosted, mirrored, remark
from seeder.model.catalog import TargetSettings


def render(images: Sequence[Rehosted], target: TargetSettings) -> Mapping[str, str]:
    """The target as first mirror of each source; what it lacks still comes from the source itself."""
    found = mirrored(images)
    mirrors = {registry: [base] for registry, base in found.bases.items()} | found.names
    tables = [_table(prefix, mirrors[prefix], target) for prefix in sorted(mirrors)]
    return {"registries.conf": HEADER + "".join(map(remark, found.others)) + "".join(tables)}


def _table(prefix: str, mirrors: Sequence[str], target: TargetSettings) -> str:
    lines = ["", "[[registry]]", f'prefix = "{prefix}"', f'location = "{prefix}"']
    for mirror in mirrors:
        lines += ["", "[[registry.mirror]]", f'location = "{mirror}"']
        lines += ["insecure = true"] if target.insecure else []
    return "".join(f"{line}\n" for line in lines)
