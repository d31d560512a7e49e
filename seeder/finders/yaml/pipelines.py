"""Parameters that are images: an `image` of Tekton, Argo Workflows or OpenShift's templates that is one of their own.

Sources: tekton.dev "Tasks" (`$(params.x)`), Argo Workflows' "Workflow Variables" (`{{inputs.parameters.x}}`),
docs.openshift.com "Using templates" (`${X}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding
from seeder.finders.yaml import given, kubernetes
from seeder.finders.yaml.root import Root
from seeder.model.occurrence import Mention
from seeder.syntax.yaml_nodes import at, items, mappings, string

_GROUPS = frozenset({"tekton.dev", "argoproj.io", "triggers.tekton.dev", "template.openshift.io"})
_USE = re.compile(
    r"\$\((?:inputs\.)?params(?:\.|\[['\"])(?P<tekton>[\w.-]+?)(?:['\"]\])?\)\Z"
    r"|\{\{=?\s*(?:inputs|workflow)\.parameters\.(?P<argo>[\w-]+)\s*\}\}\Z"
    r"|\$\{(?P<openshift>\w+)\}\Z"
)
_LISTS = ("params", "parameters")


def recognises(root: Root) -> bool:
    return root.api[0] in _GROUPS


def read(root: Root) -> Iterator[Finding]:
    yield from kubernetes.read(root)
    yield from _parameters(root)


def _parameters(root: Root) -> Iterator[Mention]:
    """The values and defaults of parameters that a step of the object takes for its image."""
    nodes = [node for node, _ in mappings(root.node)]
    uses = (_USE.match(string(node.get("image"))) for node in nodes)
    names = {use["tekton"] or use["argo"] or use["openshift"] for use in uses if use}
    for node in nodes if names else ():
        for parameter in (item for key in _LISTS for item in items(node.get(key))):
            if string(at(parameter, "name")) in names:
                for value in (at(parameter, "default"), at(parameter, "value")):
                    yield from given.telling(value, kubernetes.CUSTOM.others) if value is not None else ()
