"""Helm: values of a chart, and charts that come from OCI registries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding
from seeder.finders.yaml import kubernetes
from seeder.finders.yaml.root import Place, Root, Split, api, mentions, split_mentions
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, Sequence, at, items, string, walk

NAME = "helm"

_VALUES = Place(context=Context.HELM_VALUES)
_OPEN = Place(context=Context.HELM_VALUES, reason="the chart chooses the tag: write it beside the repository")
_CHART = Place(
    context=Context.HELM_OCI,
    pulled_by=Puller.CLI,
    spelling=Spelling.TAG_ONLY,
    reason="Helm joins the chart's name to the repository's address: change the address by hand",
)
_FILE = re.compile(r".*values.*\.(?:ya?ml|json)(?:\.\w+)?")
_IMAGE_NAME = re.compile(r".*image\Z|.*Image\Z")


def is_chart(root: Root) -> bool:
    names = root.node.names() if isinstance(root.node, Mapping) else set()
    return not api(root.node)[1] and (
        root.name in {"chart.yaml", "requirements.yaml"} or {"apiVersion", "name", "version"} <= names
    )


def read_chart(root: Root) -> Iterator[Finding]:
    for dependency in items(at(root.node, "dependencies")):
        address = at(dependency, "repository")
        if isinstance(address, Scalar) and address.value.startswith("oci://"):
            yield from kubernetes.chart_mentions(address, at(dependency, "name"), at(dependency, "version"), _CHART)


def is_values(root: Root) -> bool:
    return not api(root.node)[1] and bool(_FILE.fullmatch(root.name))


def read_values(root: Root) -> Iterator[Finding]:
    """Every image that a values file names, whole or in parts."""
    for node, path in walk(root.node):
        if isinstance(node, Mapping):
            yield from _mapping(node, path[-1] if path else "")


def _mapping(node: Mapping, under: str) -> Iterator[Finding]:
    yield from _split(node, under)
    for name, value in node.items():
        if isinstance(value, Scalar) and _IMAGE_NAME.match(name):
            is_whole = isinstance(node.get("tag"), Scalar) and name == "image"
            yield from _split_image(node) if is_whole else _whole(name, value)
        elif name == "images" and isinstance(value, Sequence):
            for item in value.items:
                yield from kubernetes.telling(item, _VALUES)


def _whole(name: str, value: Scalar) -> Iterator[Mention]:
    if name == "image":
        yield from mentions(value, _VALUES)
    else:
        yield from kubernetes.telling(value, _VALUES)


def _split(node: Mapping, under: str) -> Iterator[Mention]:
    """`registry`, `repository`, `tag`, `digest` as charts split a name; `name` stands for the repository in some."""
    repository = node.get("repository")
    if repository is None and "image" in under.lower() and (node.names() & {"tag", "registry", "digest"}):
        repository = node.get("name")
    if not isinstance(repository, Scalar) or "://" in repository.value:
        return
    is_image = "image" in under.lower() or bool(node.names() & {"tag", "registry", "digest", "pullPolicy"})
    if is_image:
        yield from _parts(node, repository)


def _split_image(node: Mapping) -> Iterator[Mention]:
    """`image: repo` beside `tag: "1"`."""
    image = node.get("image")
    if ":" in string(image).rpartition("/")[2]:
        yield from mentions(image, _VALUES)
    else:
        yield from _parts(node, image)


def _parts(node: Mapping, repository: Node | None) -> Iterator[Mention]:
    tag, digest = node.get("tag"), node.get("digest") or node.get("sha")
    has_version = bool(string(tag) or string(digest)) or ":" in string(repository).rpartition("/")[2]
    place = _VALUES if has_version else _OPEN
    yield from split_mentions(Split(repository, node.get("registry"), tag, digest), place)
