"""Ansible playbooks and task files: modules that pull and run images, commands, manifests that tasks apply.

Source: the documentation of ansible.builtin, community.docker, containers.podman and kubernetes.core.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Assigned, Built, Finding, Slot
from seeder.finders.variables import is_name
from seeder.finders.yaml import charts, given
from seeder.finders.yaml.root import Root, Split, mentions, split_mentions
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, Sequence, at, entries, items, mappings, string

_TASKS = re.compile(r"(?:.*/)?(?:tasks|handlers)/[^/]+\.ya?ml")
_PLAY = frozenset({"tasks", "roles", "pre_tasks", "post_tasks", "handlers"})
_DOCKER = Slot(context=Context.OTHER, pulled_by=Puller.DOCKERD, spelling=Spelling.COMMAND)
_PODMAN = Slot(context=Context.OTHER, pulled_by=Puller.CLI, spelling=Spelling.COMMAND)
_VARIABLE = Slot(context=Context.OTHER, pulled_by=Puller.NONE, spelling=Spelling.COMMAND)
_CONTAINERS = {"docker_container": _DOCKER, "docker_swarm_service": _DOCKER, "podman_container": _PODMAN}
_IMAGES = {"docker_image": _DOCKER, "docker_image_pull": _DOCKER, "podman_image": _PODMAN}
_COMMANDS = frozenset({"shell", "command", "raw"})


def recognises(root: Root) -> bool:
    first = next(iter(items(root.node)), None)
    if not isinstance(first, Mapping):
        return False
    is_play = "hosts" in first.names() and not _PLAY.isdisjoint(first.names())
    return is_play or (bool(_TASKS.fullmatch(root.path)) and "name" in first.names())


def read(root: Root) -> Iterator[Finding]:
    for node, _ in mappings(root.node):
        for name, value in node.items():
            if name == "vars":
                yield from _variables(value)
            else:
                yield from _module(root, name.rpartition(".")[2], value)


def _variables(node: Node) -> Iterator[Finding]:
    """Values that tasks put in; one counts where something pulls that name."""
    for name, value in entries(node):
        if isinstance(value, Scalar):
            yield Assigned(name, value.value)
            yield from given.telling(value, _VARIABLE)


def _module(root: Root, name: str, given: Node) -> Iterator[Finding]:
    if slot := _CONTAINERS.get(name):
        yield from mentions(at(given, "image"), slot)
    elif slot := _IMAGES.get(name):
        yield from _image(given, slot)
    elif name in _COMMANDS:
        command = given if isinstance(given, Scalar) else at(given, "cmd")
        yield from (root.embedded(command, "shell"),) if isinstance(command, Scalar) else ()
    elif name == "k8s":
        yield from _manifest(root, at(given, "definition") or at(given, "resource_definition"))
    elif name == "helm":
        yield from charts.whole(at(given, "chart_ref"), at(given, "chart_version"), Puller.CLI)


def _image(given: Node, slot: Slot) -> Iterator[Mention | Built]:
    """What docker_image pulls; with `build` it makes it, and with `load` it reads an archive."""
    name, tag = at(given, "name"), at(given, "tag")
    source = string(at(given, "source"))
    if source == "build" or at(given, "build") is not None:
        if is_name(text := ":".join(filter(None, (string(name), string(tag))))):
            yield Built(text)
    elif source not in {"load", "local"}:
        yield from split_mentions(Split(name, None, tag), slot)


def _manifest(root: Root, node: Node | None) -> Iterator[Finding]:
    from seeder.finders.yaml import read_root  # noqa: PLC0415 - it dispatches to this reader too

    if isinstance(node, Scalar):
        yield root.embedded(node, "yaml")
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from read_root(root.at(item))
    elif node is not None:
        yield from read_root(root.at(node))
