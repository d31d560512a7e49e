"""Images that controllers are told of in words: parameters, arguments, patches, and keys that alone say too little."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Finding, Slot
from seeder.finders.variables import is_image_variable, is_name
from seeder.finders.yaml.root import LITERAL, mentions
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.yaml_nodes import Mapping, Node, at, items, string

_CUSTOM = Slot(context=Context.CUSTOM_RESOURCE)
_RESOLVED = Slot(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.CLI)
_POD = Slot(context=Context.POD_SPEC)
_IMAGE_PATH = re.compile(r"(?!/metadata/).*/image\Z")
# Pictures and disks are images too, of another kind.
PICTURE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|iso|img|qcow2|vmdk|raw|ova|tar|tgz|gz|zip|html?)\Z", re.IGNORECASE
)
_BASE_NAME = re.compile(r"(?:builder|run|base)[-_]?image\Z", re.IGNORECASE)
_VARIABLES = re.compile(r"(?!.*(?:DEST|PUSH|OUTPUT|TARGET))(?:\w+_)?IMAGES\Z")
_IMAGE_FLAG = re.compile(r"--?(?!.*(?:dest|push|output))[\w-]*image[\w-]*\Z")
# Flags that say where to put something: `--destination`, `--cache-repo`, `--to-repo`, `--tag`.
_TARGET_FLAG = re.compile(r".*(?:dest|push|output|target|tag|cache|repo|to\b)")
_ANNOTATION = re.compile(r"[\w.-]+/[\w.-]*(?:[a-z]I|-i)mage\Z")
# A name with a tag or digest, and no `host:port`.
_TAGGED = re.compile(
    r"(?![\w-]*(?:\.[\w-]+)*:\d{2,5}\Z)(?!localhost:)(?:[\w-]+(?:\.[\w-]+)*(?::\d+)?/)?"
    r"[a-z0-9][\w./-]*(?::[\w][\w.-]*(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})\Z"
)
# `imageK8S`, `imageConsulDataplane`, `builder-image`, `helper_image`: more than a word must stand there
PREFIXED = re.compile(r"(?:image(?!Pull|Tag|Registry|Repo|Version|Policy|Digest|Dir|Path)[A-Z]\w*|[\w-]+[-_]image)\Z")
_LISTED = re.compile(r"(?:[\w.-]+=)?(?P<name>[^\s=,]+)")


def resolver(node: Mapping, _under: str) -> Iterator[Mention]:
    """What Tekton takes a task from: `resolver: bundles` with its parameter `bundle`."""
    if string(node.get("resolver")) == "bundles":
        for parameter in items(node.get("params")):
            if string(at(parameter, "name")) == "bundle":
                yield from mentions(at(parameter, "value"), _RESOLVED)


def bundle(node: Mapping, _under: str) -> Iterator[Mention]:
    """`taskRef.bundle`, which was Tekton's way before resolvers."""
    if node.names() >= {"name", "bundle"} and string(node.get("resolver")) != "bundles":
        yield from telling(node.get("bundle"), _RESOLVED)


def parameter(node: Mapping, under: str) -> Iterator[Mention]:
    """What tasks of Tekton and Shipwright are told to build from; what their own steps run: `pipelines`."""
    if under in {"params", "paramValues"} and _BASE_NAME.match(string(node.get("name"))):
        yield from telling(node.get("value"), replace(_CUSTOM, pulled_by=Puller.BUILD))


def variable(node: Mapping, under: str) -> Iterator[Mention]:
    """What an operator is told to deploy: `RELATED_IMAGE_X` (OLM's convention), a whole name in `X_IMAGE`."""
    name = string(node.get("name"))
    if name.startswith("RELATED_IMAGE_"):
        yield from telling(node.get("value"), _POD)
    elif under == "env" and is_image_variable(name):
        yield from named(name, node.get("value"), _POD)
    elif under == "env" and _VARIABLES.match(name):
        yield from _listed(node.get("value"))


def is_variable(name: str) -> bool:
    """Whether a variable of a container is called an image."""
    return name.startswith("RELATED_IMAGE_") or is_image_variable(name)


def _listed(node: Node | None) -> Iterator[Mention]:
    """`3.6.0=quay.io/strimzi/kafka:0.40.0-kafka-3.6.0`, a line each or with commas between them."""
    for match in _LISTED.finditer(string(node)):
        if is_tagged(match["name"]):
            yield from mentions(node, _POD, start=match.start("name"), end=match.end())


def annotation(name: str, value: Node) -> Iterator[Mention]:
    """What an injector is told by a pod's annotation: `dapr.io/sidecar-image`, `sidecar.istio.io/proxyImage`."""
    if _ANNOTATION.match(name):
        yield from tagged(value, _CUSTOM)


def arguments(node: Node) -> Iterator[Finding]:
    """Images that a controller is told to use: `--sidecar-image=REF`, `-git-image REF`; never where to push to."""
    before = ""
    for part in items(node):
        flag, equals, value = string(part).partition("=")
        if equals and _names_image(flag, value):
            yield from mentions(part, _POD, start=len(flag) + 1)
        elif _IMAGE_FLAG.match(before):
            yield from tagged(part, _POD)
        before = string(part)


def _names_image(flag: str, value: str) -> bool:
    """Whether a flag's value is an image, by the flag's name or because its registry and tag are written out."""
    if _IMAGE_FLAG.match(flag):
        return is_tagged(value)
    return flag.startswith("-") and bool(LITERAL.match(value)) and not _TARGET_FLAG.match(flag)


def patch(node: Mapping, _under: str) -> Iterator[Mention]:
    """A JSON patch (RFC 6902) that sets an image."""
    if node.get("op") is not None and _IMAGE_PATH.match(string(node.get("path"))):
        yield from mentions(node.get("value"), _POD)


def tagged(node: Node | None, slot: Slot) -> Iterator[Mention]:
    """A mention where the key says that it is one, if it has a tag or digest."""
    if is_tagged(string(node).strip()):
        yield from mentions(node, slot)


def named(key: str, node: Node | None, slot: Slot) -> Iterator[Mention]:
    """A mention where a setting says that it is an image; one that is just called `image` must say more."""
    if key.lower() != "image" or LITERAL.match(string(node).strip()):
        yield from tagged(node, slot)


def is_tagged(value: str) -> bool:
    """Whether a value has an image's tag or digest, and is no `host:port`."""
    return bool(_TAGGED.match(value) or LITERAL.match(value))


def telling(node: Node | None, slot: Slot) -> Iterator[Mention]:
    """A mention where the key alone does not say enough: the value must look like more than a word."""
    value = string(node)
    is_more = ("/" in value or ":" in value) and not value.startswith(("/", ".")) and not PICTURE.search(value)
    if is_more and is_name(value):
        yield from mentions(node, slot)
