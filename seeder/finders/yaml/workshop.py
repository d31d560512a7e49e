"""Workshops and their kin, of all API groups that were in use: Educates, eduk8s and Learning Center.

What each field is, who pulls it and when: Educates' CRDs and session-manager (domain facts in docs/finding.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Assigned, Finding, Slot
from seeder.finders.yaml import compose, given, kubernetes, zot
from seeder.finders.yaml.root import LITERAL, Root, image, mentions, stripped
from seeder.finders.yaml.vendir import fetched
from seeder.model import educates
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.syntax.yaml_nodes import Node, Scalar, at, items, string

_SHORT = re.compile(r"(?:base|jdk\d+|conda)-environment:\*\Z")
_IMAGE = Slot(context=Context.WORKSHOP_IMAGE)
_SHORT_NAME = Slot(context=Context.WORKSHOP_IMAGE, reason="a short name: Educates puts in the image of its own version")
_FILES = Slot(context=Context.WORKSHOP_FILES, pulled_by=Puller.VENDIR)
_PACKAGE = replace(_FILES, context=Context.EXTENSION_PACKAGE)
_POD = Slot(context=Context.POD_SPEC)
_PUSHED = Slot(context=Context.PUBLISH, pulled_by=Puller.NONE, pulled=False, reason="where publish-workshop pushes to")
_UNUSED = Slot(context=Context.OTHER, pulled_by=Puller.NONE, pulled=False, reason="Educates does not read spec.images")
_NAMED = Slot(context=Context.OTHER, pulled_by=Puller.NONE, spelling=Spelling.COMMAND)
_ENVIRONMENT = Slot(context=Context.OTHER, pulled_by=Puller.CLI, reason="what reads this variable is not known")


def recognises(root: Root) -> bool:
    group, kind = root.api
    return group in educates.GROUPS and bool(kind)


def read(root: Root) -> Iterator[Finding]:
    kind = root.api[1]
    spec = at(root.node, "spec")
    if kind == "Workshop":
        yield from _workshop(root, spec)
        yield from _workshop(root, root.node)  # a `session:` or the like that slipped out of `spec`
    elif kind == "TrainingPortal":
        yield from _portal(spec)
    elif kind == "WorkshopEnvironment":
        yield from _objects(root, at(spec, "environment", "objects"))
        yield from _session_environment(at(spec, "session"))
        yield from _workshop(root, at(root.node, "status", "educates", "workshop", "spec"))
    elif kind == "WorkshopSession":
        yield from _session_environment(at(spec, "session"))


def _workshop(root: Root, spec: Node | None) -> Iterator[Finding]:
    yield from _image(at(spec, "workshop", "image"))
    yield from _image(at(spec, "content", "image"))
    yield from _image(at(spec, "image"))  # v1alpha1 of eduk8s
    content = at(spec, "content")
    yield from _location(content if isinstance(content, Scalar) else at(content, "files"))
    yield from _files(root, at(spec, "workshop", "files"), _FILES)
    for package in items(at(spec, "workshop", "packages")):
        yield from _files(root, at(package, "files"), _PACKAGE)
    yield from _environment(root, at(spec, "environment"))
    yield from _objects(root, at(spec, "workshop", "objects"))  # v1alpha1 of eduk8s
    yield from _session(root, at(spec, "session"))
    yield from _objects(root, at(spec, "request", "objects"))
    yield from _variables(items(at(spec, "request", "parameters")))
    yield from mentions(at(spec, "publish", "image"), _PUSHED)
    yield from _files(root, at(spec, "publish", "files"), _FILES)
    for item in items(at(spec, "images")):
        yield from mentions(at(item, "image"), _UNUSED)


def _image(node: Node | None) -> Iterator[Finding]:
    """A workshop's own image; one that Educates supplies is named by a short name that ends in `:*`."""
    if isinstance(node, Scalar) and _SHORT.match(node.value.strip()):
        text = stripped(node.text)
        part = text.part(0, len(text))
        if part is not None:
            yield _SHORT_NAME.mention(text.content, (part,))
        return
    yield from image(node, _IMAGE)


def _location(node: Node | None) -> Iterator[Mention]:
    """The location of the old `content.files`: a repository of images only with imgpkg's scheme."""
    if isinstance(node, Scalar) and node.value.startswith("imgpkg"):
        slot = replace(_FILES, pulled_by=Puller.IMGPKG)
        if "?" in node.value or "@" in node.value.partition("://")[2].partition("/")[0]:
            slot = replace(slot, reason="the location holds more than a name: move it to workshop.files")
        text = node.text
        start = text.content.find("://") + 3
        host = text.content.find("@", start, text.content.find("/", start))
        start = host + 1 if host > 0 else start
        end = text.content.find("?", start)
        name = text.slice(start, end if end > 0 else len(text))
        part = name.part(0, len(name))
        if part is not None:
            yield slot.mention(name.content, (part,))


def _files(root: Root, node: Node | None, slot: Slot) -> Iterator[Finding]:
    for item in items(node):
        yield from fetched(root, item, slot)


def _environment(root: Root, node: Node | None) -> Iterator[Finding]:
    yield from _files(root, at(node, "assets", "files"), _FILES)
    yield from _objects(root, at(node, "objects"))
    for registry in items(at(node, "images", "registries")):
        yield from zot.sync_rules(registry)


def _session(root: Root, node: Node | None) -> Iterator[Finding]:
    yield from _objects(root, at(node, "objects"))
    for name in ("patches", "initContainers", "volumes"):
        below = at(node, name)
        if below is not None:
            yield from kubernetes.read_any(root.at(below), kubernetes.BUILT_IN)
    applications = at(node, "applications")
    yield from compose.services(root, at(applications, "docker", "compose"))
    yield from _objects(root, at(applications, "vcluster", "objects"))
    yield from mentions(at(applications, "console", "openshift", "image"), _POD)  # v1alpha2 of eduk8s
    yield from _session_environment(node)


def _objects(root: Root, node: Node | None) -> Iterator[Finding]:
    from seeder.finders.yaml import read_root  # noqa: PLC0415 - it dispatches to this reader too

    for item in items(node):
        yield from read_root(root.at(item))


def _portal(spec: Node | None) -> Iterator[Finding]:
    """Variables alone: a portal's `registry` says what `$(image_repository)` is, which `--set` says for seeder."""
    yield from _variables(items(at(spec, "portal", "workshop", "defaults", "env")))
    for workshop in items(at(spec, "workshops")):
        yield from _variables(items(at(workshop, "env")))


def _session_environment(node: Node | None) -> Iterator[Finding]:
    yield from _variables(items(at(node, "env")))


def _variables(nodes: list[Node]) -> Iterator[Finding]:
    """Variables for scripts and pages: an image where a command pulls that name.

    Where none is seen to, a literal registry with a tag or digest is still listed.
    """
    for node in nodes:
        name, value = string(at(node, "name")), at(node, "value")
        if not isinstance(value, Scalar) or not value.value.strip():
            continue
        yield Assigned(name, value.value.strip())
        yield from given.telling(value, _NAMED)
        if LITERAL.match(value.value.strip()):
            yield from mentions(value, _ENVIRONMENT)
