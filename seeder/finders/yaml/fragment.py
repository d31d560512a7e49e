"""YAML that says nothing of itself: a piece of a manifest in a page, settings of some tool."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Finding
from seeder.finders.yaml import kubernetes
from seeder.finders.yaml.root import Root


def recognises(root: Root) -> bool:
    del root  # what no other reader took
    return True


def read(root: Root) -> Iterator[Finding]:
    yield from kubernetes.read_any(root, kubernetes.SETTINGS if root.name else kubernetes.BUILT_IN)
