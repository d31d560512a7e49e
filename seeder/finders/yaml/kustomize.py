"""kustomize: `images`, charts from OCI registries, and patches that are written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Finding, Slot, Sought
from seeder.finders.yaml import charts, helm
from seeder.finders.yaml.root import Root, Split, split_mentions
from seeder.model.occurrence import Context, Puller
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, items, string

_FILE = re.compile(r"kustomization(?:\.ya?ml)?")
_IMAGE = Slot(context=Context.CUSTOM_RESOURCE)
_NAME_STAYS = replace(
    _IMAGE, reason="kustomize finds the image by this name: add newName beside it, which is then rewritten"
)
_TAG_STAYS = replace(_IMAGE, reason="the tag is that of the manifest: write newTag beside newName")


def recognises(root: Root) -> bool:
    group, kind = root.api
    return (group, kind) in {
        ("kustomize.config.k8s.io", "Kustomization"),
        ("kustomize.config.k8s.io", "Component"),
    } or (not kind and bool(_FILE.fullmatch(root.name)))


def read(root: Root) -> Iterator[Finding]:
    for item in items(at(root.node, "images")):
        if isinstance(item, Mapping):
            yield from _image(item)
    for chart in items(at(root.node, "helmCharts")):
        yield from charts.joined(at(chart, "repo"), at(chart, "name"), at(chart, "version"), Puller.CLI)
        if (values := at(chart, "valuesInline")) is not None:
            yield from helm.read_values(root.at(values))
    for name in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for patch in items(at(root.node, name)):
            yield from _patch(root, patch)


def _image(item: Mapping) -> Iterator[Finding]:
    name, new_name, tag, digest = (item.get(key) for key in ("name", "newName", "newTag", "digest"))
    if string(name) and (new_name, tag, digest) != (None, None, None):
        yield Sought(string(name), "kustomize finds it by this name: what is pulled is said there")
    if new_name is None:
        if tag is not None or digest is not None:
            yield from split_mentions(Split(name, None, tag, digest), _NAME_STAYS)
    elif tag is None and digest is None:
        yield from split_mentions(Split(new_name), _TAG_STAYS, tag=":$(tag)")
    else:
        yield from split_mentions(Split(new_name, None, tag, digest), _IMAGE)


def _patch(root: Root, patch: Node) -> Iterator[Finding]:
    text = patch if isinstance(patch, Scalar) else at(patch, "patch")
    if isinstance(text, Scalar) and "\n" in text.value:
        yield root.embedded(text, "yaml")
