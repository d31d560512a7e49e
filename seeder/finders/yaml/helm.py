"""Helm: values of a chart, and charts that come from OCI registries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Assigned, Finding, Slot
from seeder.finders.yaml import beside, charts, given
from seeder.finders.yaml.root import LITERAL, Root, Split, mentions, split_mentions
from seeder.model.occurrence import Context, Mention, Puller
from seeder.model.reference import has_selector
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, Sequence, at, items, mappings, string

_VALUES = Slot(context=Context.HELM_VALUES)
_FILE = re.compile(r".*values.*\.(?:ya?ml|json)(?:\.\w+)?")
_MANIFEST = re.compile(r"^kind:[ \t]*\w", re.MULTILINE)
_DATA_VALUES = re.compile(r"^#@[ \t]*data/values", re.MULTILINE)  # ytt's, in files of any name
_HEAD = 4096
_LISTS = frozenset({"images", "extraImages"})
_TARGET = re.compile(r"\w*(?:dest|push|output|target|cache)", re.IGNORECASE)  # where a chart is told to put something
# `proxyRepository`, `proxyImageRepo`, `proxy_image_repository`: the keys of tag and registry begin as these do.
_STEM = re.compile(
    r"(?:(?P<snake>[\w-]*image[_-])repo|(?P<camel>\w*[iI]mage(?=Repo\Z)|\w+(?=Repository\Z)(?<![gG]it))Repo)(?:sitory)?\Z"
)
_IMAGE_NAME = re.compile(r".*image\Z|.*Image\Z")


def is_chart(root: Root) -> bool:
    names = root.node.names() if isinstance(root.node, Mapping) else set()
    return not root.api[1] and (
        root.name in {"chart.yaml", "requirements.yaml"} or {"apiVersion", "name", "version"} <= names
    )


def read_chart(root: Root) -> Iterator[Finding]:
    if version := string(at(root.node, "appVersion")):
        yield Assigned("appVersion", version)
    for dependency in items(at(root.node, "dependencies")):
        yield from charts.joined(
            at(dependency, "repository"), at(dependency, "name"), at(dependency, "version"), Puller.CLI
        )


def is_helmfile(root: Root) -> bool:
    return not root.api[1] and isinstance(at(root.node, "releases"), Sequence)


def read_helmfile(root: Root) -> Iterator[Finding]:
    for release in items(at(root.node, "releases")):
        yield from charts.whole(at(release, "chart"), at(release, "version"), Puller.CLI)
        for values in items(at(release, "values")):
            yield from read_values(root.at(values))


def is_values(root: Root) -> bool:
    is_named = bool(_FILE.fullmatch(root.name)) or bool(_DATA_VALUES.search(root.source.text.content, 0, _HEAD))
    return not root.api[1] and is_named


def read_values(root: Root) -> Iterator[Finding]:
    """Every image that a values file names, whole or in parts, and the manifests that a chart is given as text."""
    for node, path in mappings(root.node):
        yield from _mapping(node, path)
        yield from _said(root, node, path)
        for _, value in node.entries:
            for text in (value, *items(value)):
                if isinstance(text, Scalar) and "\n" in text.value and _MANIFEST.search(text.value):
                    yield root.embedded(text, "yaml")


def _said(root: Root, node: Mapping, path: tuple[str, ...]) -> Iterator[Assigned]:
    """What commands that set a tag alone, and the chart's own templates, need to know: names that its values have."""
    if root.name != "values.yaml" or root.source.kind:
        return
    folder = root.source.path.parent.name
    repository = string(node.get("repository"))
    if path and repository:
        name = "/".join(part for part in (string(node.get("registry")), repository) if part)
        yield Assigned(charts.repository(folder, ".".join(path)), name)
    for key, value in node.items():
        if isinstance(value, Scalar) and value.value and _IMAGE_NAME.match(key):
            yield Assigned(charts.value(folder, ".".join((*path, key))), value.value)


def _mapping(node: Mapping, path: tuple[str, ...]) -> Iterator[Finding]:
    """What stands in `images` or `extraImages` is an image, whatever its own key."""
    under = path[-1] if path else ""
    yield from _split(node, (*path, "image") if _LISTS.intersection(path[-2:-1]) else path)
    if under in _LISTS:
        for value in (value for _, value in node.items()):
            yield from given.telling(value, _VALUES)
    for name, value in node.items():
        if isinstance(value, Scalar):
            yield from _scalar(node, name, value, path)
        elif name in _LISTS and isinstance(value, Sequence):
            for item in value.items:
                yield from given.telling(item, _VALUES)


def _scalar(node: Mapping, name: str, value: Scalar, path: tuple[str, ...]) -> Iterator[Mention]:
    if parts := beside.split(node, name, value):
        yield from split_mentions(parts, _VALUES)
    elif _IMAGE_NAME.match(name):
        tag = node.get("tag") or node.get("imageTag") or (node.get("version") if node.get("repository") else None)
        is_split = isinstance(tag, Scalar) and name == "image"
        yield from _split_image(node, value, tag) if is_split else _whole(name, value)
    elif given.PREFIXED.match(name):
        yield from given.tagged(value, _VALUES)
    elif "epo" in name and (match := _STEM.match(name)):
        yield from _prefixed(node, match, value)
    elif _LISTS.isdisjoint(path[-1:]) and _is_image(name, value.value, path):
        yield from mentions(value, _VALUES)


def _is_image(name: str, value: str, path: tuple[str, ...]) -> bool:
    """Whether a value is an image by what it looks like, below a key `images` or with its registry written out."""
    if "/" not in value or _TARGET.match(name):
        return False
    return bool(LITERAL.match(value)) or (not _LISTS.isdisjoint(path) and given.is_tagged(value))


def _prefixed(node: Mapping, name: re.Match[str], repository: Scalar) -> Iterator[Mention]:
    """`proxyRepository` beside `proxyTag` and `proxyRegistry`."""
    keys = ("registry", "tag", "digest")
    names = [name["snake"] + key for key in keys] if name["snake"] else [name["camel"] + key.title() for key in keys]
    registry, tag, digest = map(node.get, names)
    if (tag or digest) and "://" not in repository.value:
        yield from _parts(Split(repository, registry, tag, digest), "$(tag)")


def _whole(name: str, value: Scalar) -> Iterator[Mention]:
    if name == "image":
        yield from mentions(value, _VALUES)
    else:
        yield from given.telling(value, _VALUES)


def _split(node: Mapping, path: tuple[str, ...]) -> Iterator[Mention]:
    """`registry`, `repository`, `tag`, `digest` as charts split a name; `name` stands for the repository in some.

    Without a tag, a chart's own `image` has its `appVersion`; what a chart does with others is not known.
    """
    under = path[-1] if path else ""
    repository = node.get("repository")
    if repository is None and "image" in under.lower() and (node.names() & {"tag", "registry", "digest"}):
        repository = node.get("name")
    if not isinstance(repository, Scalar) or "://" in repository.value:
        return
    is_image = "image" in under.lower() or bool(node.names() & {"tag", "registry", "digest", "pullPolicy"})
    if is_image:
        split = Split(repository, node.get("registry"), node.get("tag"), node.get("digest") or node.get("sha"))
        yield from _parts(split, "$(appVersion)" if path == ("image",) else "$(tag)")


def _split_image(node: Mapping, image: Scalar, tag: Node | None) -> Iterator[Mention]:
    """`image: repo` beside `tag: "1"`, in older charts `imageTag`; NVIDIA's have `version`, `repository` above it."""
    if has_selector(image.value):
        yield from mentions(image, _VALUES)
    else:
        registry = node.get("registry") or node.get("imageRegistry") or node.get("repository")
        yield from split_mentions(Split(image, registry, tag, node.get("digest")), _VALUES)


def _parts(split: Split, default: str) -> Iterator[Mention]:
    """A split name; `default` is what a chart takes where it has neither tag nor digest."""
    is_open = not (string(split.tag) or string(split.digest) or has_selector(string(split.repository)))
    yield from split_mentions(split, _VALUES, tag=f":{default}" if is_open else "")
