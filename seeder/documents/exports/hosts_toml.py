"""containerd's hosts.toml, one a source registry (containerd docs/hosts.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seeder.documents.exports.rehosted import HEADER, Rehosted, mirrored, remark
from seeder.model.catalog import TargetSettings
from seeder.model.reference import HUB

_SERVERS = {HUB: "https://registry-1.docker.io"}


def render(images: Sequence[Rehosted], target: TargetSettings) -> Mapping[str, str]:
    """By the path below `/etc/containerd/certs.d`; it can move a whole registry, and no single image."""
    found = mirrored(images)
    renamed = [image for image in images if not found.moves(image)]
    files = {}
    for registry in sorted({image.reference.registry for image in images}):
        remarks = "".join(remark(image) for image in renamed if image.reference.registry == registry)
        server = _SERVERS.get(registry, f"https://{registry}")
        tables = _hosts(found.bases[registry], target) if registry in found.bases else ""
        files[f"{registry}/hosts.toml"] = f'{HEADER}{remarks}server = "{server}"\n{tables}'
    return files


def _hosts(base: str, target: TargetSettings) -> str:
    return _host("https", base, skip_verify=target.insecure) + (_host("http", base) if target.insecure else "")


def _host(scheme: str, base: str, *, skip_verify: bool = False) -> str:
    host, slash, path = base.partition("/")
    lines = [
        "",
        f'[host."{scheme}://{host}/v2/{path}"]' if slash else f'[host."{scheme}://{host}"]',
        '  capabilities = ["pull", "resolve"]',
        *(["  override_path = true"] if slash else []),
        *(["  skip_verify = true"] if skip_verify else []),
    ]
    return "".join(f"{line}\n" for line in lines)
