"""`func.yaml` of Knative functions (github.com/knative/func, "func.yaml reference"): builders, and what is built."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Built, Finding, Slot
from seeder.finders.variables import is_name
from seeder.finders.yaml.root import Root, mentions
from seeder.model.occurrence import Context, Puller
from seeder.syntax.yaml_nodes import Mapping, at, entries, items, string

_BUILDER = Slot(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.BUILD)


def recognises(root: Root) -> bool:
    return isinstance(root.node, Mapping) and {"specVersion", "runtime", "name"} <= root.node.names()


def read(root: Root) -> Iterator[Finding]:
    for build in (root.node, at(root.node, "build")):
        if is_name(name := string(at(build, "image"))):
            yield Built(name)
        for _, image in entries(at(build, "builderImages")):
            yield from mentions(image, _BUILDER)
        for pack in items(at(build, "buildpacks")):
            if ":" in string(pack):  # without a tag it is a buildpack's ID
                yield from mentions(pack, _BUILDER)
