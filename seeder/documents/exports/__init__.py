"""The lock in other tools' formats: a module a format, and a line in `EXPORTS`. Pure; texts by file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seeder.documents.exports import hosts_toml, imageslock, kustomize, registries_conf
from seeder.documents.exports.rehosted import Rehosted
from seeder.model.catalog import TargetSettings

Export = Callable[[Sequence[Rehosted], TargetSettings], Mapping[str, str]]

EXPORTS: Mapping[str, Export] = {
    "imageslock": imageslock.render,
    "registries.conf": registries_conf.render,
    "hosts.toml": hosts_toml.render,
    "kustomize": kustomize.render,
}
