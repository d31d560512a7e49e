"""YAML that says nothing of itself: a piece of a manifest in a page, settings of some tool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding
from seeder.finders.formats import PAGE
from seeder.finders.yaml import kubernetes
from seeder.finders.yaml.root import Root

_PAGE = re.compile(PAGE, re.IGNORECASE)  # what a page puts into a file is of a manifest


def recognises(root: Root) -> bool:
    del root  # what no other reader took
    return True


def read(root: Root) -> Iterator[Finding]:
    is_setting = bool(root.name) and not _PAGE.fullmatch(root.source.path.name)
    yield from kubernetes.read_any(root, kubernetes.SETTINGS if is_setting else kubernetes.BUILT_IN)
