"""Containers whose image is a placeholder: OpenShift's triggers and a service mesh's injector put the true one in.

Sources: docs.openshift.com "Managing deployment processes" (image change triggers) and "Triggering updates on image
stream changes" (`image.openshift.io/triggers`), istio.io "Installing Gateways" (`image: auto`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding
from seeder.model.occurrence import Mention
from seeder.syntax.yaml_nodes import Mapping, Node, at, items, string

_STREAM = "OpenShift puts in what the image stream of its trigger has"
_INJECTED = "the mesh's injector puts the image in"
_LISTS = ("containers", "initContainers")
_ANNOTATION = "image.openshift.io/triggers"
_PATH = re.compile(r"ontainers\[\?\(@\.name==\\?[\"'](?P<name>[\w.-]+)\\?[\"']\)\]\.image")
_SHORT = re.compile(r"[\w.-]+(?::[\w.-]+)?\Z")  # a whole reference is the author's choice, whatever comes of it
_MARKS = ("sidecar.istio.io/inject", "inject.istio.io/templates", "istio.io/rev")
_PLACEHOLDER = "auto"
KEYS = frozenset({"spec", "triggers"})  # one of which a mapping has that says so


def told(found: Iterator[Finding], container: Mapping, reason: str) -> Iterator[Finding]:
    """What a container names, its image as a placeholder."""
    image = string(container.get("image"))
    for one in found:
        if isinstance(one, Mention) and one.text == image:
            yield one.unpulled(reason)
        else:
            yield one


def containers(node: Mapping) -> Iterator[tuple[Node, str]]:
    """Those below a DeploymentConfig's spec, a Deployment, or a template of pods, each with what puts its image in."""
    yield from _triggered(node.get("template"), _of_triggers(node))
    yield from _triggered(at(node, "spec", "template"), _of_annotation(node))
    spec, metadata = node.get("spec"), node.get("metadata")
    marks = (at(metadata, key, mark) for key in ("labels", "annotations") for mark in _MARKS)
    if any(mark is not None for mark in marks):
        for container in _containers(spec):
            if string(at(container, "image")) == _PLACEHOLDER:
                yield container, _INJECTED


def _triggered(template: Node | None, names: set[str]) -> Iterator[tuple[Node, str]]:
    for container in _containers(at(template, "spec")) if names else ():
        if string(at(container, "name")) in names and _SHORT.match(string(at(container, "image"))):
            yield container, _STREAM


def _containers(spec: Node | None) -> Iterator[Node]:
    for key in _LISTS:
        yield from items(at(spec, key))


def _of_triggers(spec: Mapping) -> set[str]:
    changes = (at(trigger, "imageChangeParams") for trigger in items(spec.get("triggers")))
    return {string(name) for change in changes for name in items(at(change, "containerNames"))}


def _of_annotation(owner: Mapping) -> set[str]:
    return {match["name"] for match in _PATH.finditer(string(at(owner, "metadata", "annotations", _ANNOTATION)))}
