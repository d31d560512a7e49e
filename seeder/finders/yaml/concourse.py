"""Pipelines and tasks of Concourse: what its workers pull (concourse-ci.org, "Tasks", "Resource types").

Sources: github.com/concourse/registry-image-resource and docker-image-resource, "Source Configuration".
"""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Built, Finding, Slot
from seeder.finders.session import in_session
from seeder.finders.variables import is_name
from seeder.finders.yaml.root import Root, Split, split_mentions
from seeder.model.occurrence import Context, Puller
from seeder.syntax.yaml_nodes import Mapping, Node, at, items, mappings, string

_PULLED = Slot(context=Context.OTHER, pulled_by=Puller.CLI)
_TYPES = frozenset({"registry-image", "docker-image"})
_CHOOSING = frozenset({"variant", "semver_constraint", "tag_regex"})  # the tag is the newest that fits


def recognises(root: Root) -> bool:
    if root.api[1]:
        return False
    names = {"jobs", "resources", "resource_types"}
    parts = [item for name in names for item in items(at(root.node, name))]
    return at(root.node, "image_resource") is not None or any(_is_part(part) for part in parts)


def read(root: Root) -> Iterator[Finding]:
    nodes = [node for node, _ in mappings(root.node)]
    made = _names(nodes, "put") - _names(nodes, "get")
    targets = {item for item in items(at(root.node, "resources")) if string(at(item, "name")) in made}
    for node in nodes:
        source = node.get("source")
        if string(node.get("type")) not in _TYPES or not isinstance(source, Mapping):
            continue
        if node in targets:
            yield from _made(root, string(source.get("repository")))
        elif "://" not in string(source.get("repository")):
            split = Split(source.get("repository"), None, source.get("tag"))
            yield from split_mentions(split, _PULLED, tag=_default(source))


def _is_part(node: Node) -> bool:
    """A job, a resource or a type of one."""
    named = string(at(node, "name"))
    return bool(named) and (at(node, "plan") is not None or bool(string(at(node, "type")) and at(node, "source")))


def _default(source: Mapping) -> str:
    """What stands for the tag where none is written."""
    if string(source.get("tag")):
        return ""
    return ":latest" if _CHOOSING.isdisjoint(source.names()) else ":$(tag)"


def _names(nodes: list[Mapping], step: str) -> frozenset[str]:
    """The resources that steps of a kind take; `resource` says which where the step has a name of its own."""
    return frozenset(string(node.get("resource")) or string(node.get(step)) for node in nodes if node.get(step))


def _made(root: Root, name: str) -> Iterator[Built]:
    """What jobs only put into a registry; of the author's own pipeline, sessions may pull it from there."""
    if is_name(name) and (in_session(root.source.path) or "/" not in name):
        yield Built(name, has_all_tags=True)
