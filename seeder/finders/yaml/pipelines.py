"""Parameters that are images: what Tekton, Argo Workflows or OpenShift's templates run, build from or hand on by them.

Sources: tekton.dev "Tasks" (`$(params.x)`), Argo Workflows' "Workflow Variables" (`{{inputs.parameters.x}}`),
docs.openshift.com "Using templates" (`${X}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Slot
from seeder.finders.variables import is_image_variable
from seeder.finders.yaml import given, kinds, kubernetes
from seeder.finders.yaml.root import Root
from seeder.model.occurrence import Mention
from seeder.syntax.yaml_nodes import Mapping, Node, at, items, mappings, string

_GROUPS = frozenset({"tekton.dev", "argoproj.io", "triggers.tekton.dev", "template.openshift.io"})
_USE = re.compile(
    r"\$\((?:inputs\.)?params(?:\.|\[['\"])(?P<tekton>[\w.-]+?)(?:['\"]\])?\)\Z"
    r"|\{\{=?\s*(?:inputs|workflow)\.parameters\.(?P<argo>[\w-]+)\s*\}\}\Z"
    r"|\$\{(?P<openshift>\w+)\}\Z"
)
_LISTS = ("params", "parameters")
_FIRST_TEMPLATE = ("", "Template")  # `apiVersion: v1`, as OpenShift 3 wrote it


def recognises(root: Root) -> bool:
    return root.api[0] in _GROUPS or root.api == _FIRST_TEMPLATE


def read(root: Root) -> Iterator[Finding]:
    yield from _objects(root) if root.api[1] == "Template" else kinds.read(root)
    yield from _parameters(root)


def _objects(root: Root) -> Iterator[Finding]:
    """What a template of OpenShift makes, each object as if it stood alone."""
    from seeder.finders.yaml import read_root  # noqa: PLC0415 - it dispatches to this reader too

    for item in items(at(root.node, "objects")):
        yield from read_root(root.at(item))


def _parameters(root: Root) -> Iterator[Mention]:
    """The values and defaults of parameters that the object takes for an image."""
    nodes = [node for node, _ in mappings(root.node)]
    uses: dict[str, Slot] = {}
    for node in nodes:
        for value, slot in _used(node):
            if use := _USE.match(string(value)):
                uses.setdefault(use["tekton"] or use["argo"] or use["openshift"], slot)
    for node in nodes if uses else ():
        for parameter in (item for key in _LISTS for item in items(node.get(key))):
            if taken := uses.get(string(at(parameter, "name"))):
                for value in (at(parameter, "default"), at(parameter, "value")):
                    yield from given.telling(value, taken) if value is not None else ()


def _used(node: Mapping) -> Iterator[tuple[Node | None, Slot]]:
    """Where a mapping takes an image: to run it, to build from it or track it, to tell its container of it."""
    yield node.get("image"), kubernetes.CUSTOM.others
    if string(node.get("kind")) == "DockerImage":
        yield node.get("name"), kubernetes.TRACKED
    value = node.get("value")  # a task's own variable often has the name of what it makes
    if is_image_variable(string(node.get("name"))) and string(value).startswith("${"):
        yield value, kubernetes.CUSTOM.others
