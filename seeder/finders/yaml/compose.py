"""Compose files (compose-spec.io): images of services, what they are built from, volumes that are images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Built, Finding, Slot
from seeder.finders.variables import is_name
from seeder.finders.yaml import embedded
from seeder.finders.yaml.root import Root, image, stripped
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, entries, items, string

_FILE = re.compile(r"(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml")
_KEYS = frozenset({"image", "build", "extends", "command", "ports", "volumes", "environment", "depends_on"})
# What no container of a cluster has, in a piece that names no file.
_OWN_KEYS = frozenset({"build", "container_name", "depends_on", "env_file", "environment", "links"})
_ALIEN_KEYS = frozenset(
    {"script", "before_script", "stage", "rules", "needs", "steps", "commands", "containers", "replicas", "repository"}
)
_PAIRED = frozenset({"ports", "volumes"})  # lists of `a:b`, which are mappings elsewhere
_SERVICE = Slot(context=Context.COMPOSE, pulled_by=Puller.DOCKERD)
_BASE = Slot(context=Context.COMPOSE, pulled_by=Puller.BUILD)
_BUILT = replace(_SERVICE, pulled_by=Puller.NONE, pulled=False, reason="compose builds it")
_LOCAL = replace(_BUILT, reason="pull_policy says that it is never pulled")
_DEFAULT = re.compile(r"\$\{[A-Za-z_]\w*:?-([^{}]*)\}\Z")
_SHELL = re.compile(r"(?<![\w-])(?:ba|da|z|k|a)?sh[ \t]+-\w*c\b")
_CONTEXT = re.compile(r"(?:[^=\s]+=)?docker-image://")


def recognises(root: Root) -> bool:
    services = at(root.node, "services")
    if _FILE.fullmatch(root.name) or root.source.kind == "compose":
        return isinstance(root.node, Mapping)
    if any(isinstance(service, Mapping) and _KEYS & service.names() for _, service in entries(services)):
        return True
    return not root.name and not root.api[1] and any(_is_service(*entry) for entry in entries(root.node))


def _is_service(name: str, node: Node) -> bool:
    """Whether a mapping is a service by itself, in a piece that a page shows of a file.

    A `spec` is an object's, and what has keys that no service has is a CI's job, as one whose `environment` is a name.
    """
    if name == "spec" or not isinstance(at(node, "image"), Scalar) or not isinstance(node, Mapping):
        return False
    if not _ALIEN_KEYS.isdisjoint(node.names()) or isinstance(at(node, "environment"), Scalar):
        return False
    return bool(_OWN_KEYS & node.names()) or any(
        isinstance(item, Scalar) and ":" in item.value for key in _PAIRED for item in items(at(node, key))
    )


def read(root: Root) -> Iterator[Finding]:
    """A project; in a piece that a page adds to one, services stand without their key."""
    yield from services(root, root.node)
    if at(root.node, "services") is None:  # a piece of a file, or one of the first version
        for _, service in entries(root.node):
            yield from _service(root, service)


def services(root: Root, project: Node | None) -> Iterator[Finding]:
    """What the services of a compose project pull and build."""
    for _, service in entries(at(project, "services")):
        yield from _service(root, service)
    for item in items(at(project, "include")):
        for path in (item, at(item, "path"), *items(at(item, "path"))):
            if string(path).startswith("oci://"):
                yield from _mentions(path, replace(_SERVICE, pulled_by=Puller.CLI))
    for name, extension in entries(project):
        if name.startswith("x-"):
            yield from _service(root, extension)
            for _, inner in entries(extension):
                yield from _service(root, inner)
    for name in ("configs", "secrets"):
        for _, file in entries(at(project, name)):
            yield from _content(root, file)


def _service(root: Root, service: Node) -> Iterator[Finding]:
    named, build = at(service, "image"), at(service, "build")
    policy = string(at(service, "pull_policy"))
    if build is not None or policy == "build":
        yield from _mentions(named, _BUILT)
        yield from _names(named)
    else:
        yield from _mentions(named, _LOCAL if policy == "never" else _SERVICE)
    yield from _build(root, build)
    for name in ("entrypoint", "command"):
        yield from _run(root, at(service, name))
    for volume in items(at(service, "volumes")):
        if string(at(volume, "type")) == "image":
            yield from _mentions(at(volume, "source"), _SERVICE)


def _run(root: Root, node: Node | None) -> Iterator[Finding]:
    """Scripts that a service runs; one line is words that a shell would cut alike."""
    if isinstance(node, Scalar) and _SHELL.search(node.value):
        yield root.embedded(node, "shell")
    else:
        yield from embedded.scripts(root, node)


def _names(node: Node | None) -> Iterator[Built]:
    if isinstance(node, Scalar) and is_name(node.value):
        yield Built(node.value)


def _build(root: Root, build: Node | None) -> Iterator[Finding]:
    inline = at(build, "dockerfile_inline")
    if isinstance(inline, Scalar):
        yield root.embedded(inline, "dockerfile")
    contexts = at(build, "additional_contexts")
    for value in (*(value for _, value in entries(contexts)), *items(contexts)):
        yield from _context(value)
    for tag in items(at(build, "tags")):
        yield from _names(tag)


def _context(node: Node) -> Iterator[Mention]:
    """`docker-image://…` as a further build context, also in the form `name=docker-image://…`."""
    match = _CONTEXT.match(string(node))
    if match and isinstance(node, Scalar):
        text = node.text.slice(match.end(), len(node.text))
        yield from _BASE.whole(text)


def _content(root: Root, file: Node) -> Iterator[Finding]:
    content = at(file, "content")
    if isinstance(content, Scalar):
        yield root.embedded(content, f"file:{string(at(file, 'name')) or 'content'}")


def _mentions(node: Node | None, slot: Slot) -> Iterator[Finding]:
    """The image of a service; where `${NAME:-default}` is all there is, the default is what can be changed."""
    if not isinstance(node, Scalar):
        return
    text = stripped(node.text)
    match = _DEFAULT.match(text.content)
    if match and is_name(match[1]):
        yield from slot.whole(text.slice(*match.span(1)), text.content)
    else:
        yield from image(node, slot)
