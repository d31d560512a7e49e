"""skaffold (skaffold.dev, skaffold.yaml reference): what it builds, and the images that its builders pull.

The rest of it (test, deploy, verify, profiles) is not read, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Built, Finding, Slot, Unparsed
from seeder.finders.yaml.root import Root, mentions
from seeder.model.occurrence import Context, Puller
from seeder.syntax.yaml_nodes import at, items, string

_BASE = Slot(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.BUILD)
_FIELDS = (
    ("buildpacks", "builder"),
    ("buildpacks", "runImage"),
    ("jib", "fromImage"),
    ("ko", "fromImage"),
    ("kaniko", "image"),
    ("kaniko", "initImage"),
)


def recognises(root: Root) -> bool:
    return string(at(root.node, "apiVersion")).startswith("skaffold/")


def read(root: Root) -> Iterator[Finding]:
    yield Unparsed("a skaffold configuration: only what it builds, and from what, is looked for")
    for artifact in items(at(root.node, "build", "artifacts")):
        if name := string(at(artifact, "image")):
            yield Built(name)
        for path in _FIELDS:
            yield from mentions(at(artifact, *path), _BASE)
