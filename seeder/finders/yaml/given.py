"""Images that controllers are told of in words: parameters, arguments, patches, and keys that alone say too little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seeder.finders.finding import Finding
from seeder.finders.variables import is_name
from seeder.finders.yaml.root import LITERAL, Place, mentions
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, items, string

_CUSTOM = Place(context=Context.CUSTOM_RESOURCE)
_RESOLVED = Place(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.CLI)
_POD = Place(context=Context.POD_SPEC)
_IMAGE_PATH = re.compile(r"(?!/metadata/).*/image\Z")
# Pictures and disks are images too, of another kind.
PICTURE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|iso|img|qcow2|vmdk|raw|ova|tar|tgz|gz|zip|html?)\Z", re.IGNORECASE
)
_BASE_NAME = re.compile(r"(?:builder|run|base)[-_]?image\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"(?!.*(?:DEST|PUSH|OUTPUT|TARGET))(?:\w+_)?IMAGE(?:_(?:NAME|REF|URL))?\Z")
_IMAGE_FLAG = re.compile(r"--?(?!.*(?:dest|push|output))[\w-]*image[\w-]*\Z")


def bundle(node: Mapping) -> Iterator[Mention]:
    """What Tekton takes a task from: `resolver: bundles` with its parameter `bundle`, `taskRef.bundle` before that."""
    if string(node.get("resolver")) == "bundles":
        for parameter in items(node.get("params")):
            if string(at(parameter, "name")) == "bundle":
                yield from mentions(at(parameter, "value"), _RESOLVED)
    elif node.names() >= {"name", "bundle"}:
        yield from telling(node.get("bundle") or node, _RESOLVED)


def parameter(node: Mapping, under: str) -> Iterator[Mention]:
    """What tasks of Tekton and Shipwright are told to build from; what their own steps run: `pipelines`."""
    if under in {"params", "paramValues"} and _BASE_NAME.match(string(node.get("name"))):
        yield from telling(node.get("value") or node, replace(_CUSTOM, pulled_by=Puller.BUILD))


def variable(node: Mapping, under: str) -> Iterator[Mention]:
    """What an operator is told to deploy: `RELATED_IMAGE_X` (OLM's convention), a whole name in `X_IMAGE`."""
    name = string(node.get("name"))
    if name.startswith("RELATED_IMAGE_"):
        yield from telling(node.get("value") or node, _POD)
    elif under == "env" and _VARIABLE.match(name) and LITERAL.match(string(node.get("value"))):
        yield from mentions(node.get("value"), _POD)


def arguments(node: Node) -> Iterator[Finding]:
    """Images that a controller is told to use: `--sidecar-image=REF`, `-git-image REF`; never where to push to."""
    before = ""
    for part in items(node):
        flag, equals, value = string(part).partition("=")
        if isinstance(part, Scalar) and equals and _IMAGE_FLAG.match(flag) and LITERAL.match(value):
            yield from mentions(part, _POD, start=len(flag) + 1)
        elif _IMAGE_FLAG.match(before) and LITERAL.match(string(part)):
            yield from mentions(part, _POD)
        before = string(part)


def patch(node: Mapping) -> Iterator[Mention]:
    """A JSON patch (RFC 6902) that sets an image."""
    if node.get("op") is not None and _IMAGE_PATH.match(string(node.get("path"))):
        yield from mentions(node.get("value"), _POD)


def telling(node: Node, place: Place) -> Iterator[Mention]:
    """A mention where the key alone does not say enough: the value must look like more than a word."""
    value = string(node)
    is_more = ("/" in value or ":" in value) and not value.startswith(("/", ".")) and not PICTURE.search(value)
    if is_more and is_name(value):
        yield from mentions(node, place)
