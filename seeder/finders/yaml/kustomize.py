"""kustomize: `images`, charts from OCI registries, and patches that are written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seeder.finders.finding import Finding
from seeder.finders.yaml import kubernetes
from seeder.finders.yaml.root import MAX_DEPTH, Place, Root, Split, api, split_mentions
from seeder.model.occurrence import Context, Puller, Spelling
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, items

NAME = "kustomize"

_FILE = re.compile(r"kustomization(?:\.ya?ml)?")
_IMAGE = Place(context=Context.CUSTOM_RESOURCE)
_NAME_STAYS = replace(
    _IMAGE, reason="kustomize finds the image by this name: add newName beside it, which is then rewritten"
)
_CHART = Place(
    context=Context.HELM_OCI,
    pulled_by=Puller.CLI,
    spelling=Spelling.TAG_ONLY,
    reason="Helm joins the chart's name to the repository's address: change the address by hand",
)


def recognises(root: Root) -> bool:
    group, kind = api(root.node)
    return (group, kind) in {
        ("kustomize.config.k8s.io", "Kustomization"),
        ("kustomize.config.k8s.io", "Component"),
    } or (not kind and bool(_FILE.fullmatch(root.name)))


def read(root: Root) -> Iterator[Finding]:
    for item in items(at(root.node, "images")):
        if isinstance(item, Mapping):
            yield from _image(item)
    for chart in items(at(root.node, "helmCharts")):
        address = at(chart, "repo")
        if isinstance(address, Scalar) and address.value.startswith("oci://"):
            yield from kubernetes.chart_mentions(address, at(chart, "name"), at(chart, "version"), _CHART)
    for name in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for patch in items(at(root.node, name)):
            yield from _patch(root, patch)


def _image(item: Mapping) -> Iterator[Finding]:
    new_name, tag, digest = item.get("newName"), item.get("newTag"), item.get("digest")
    if new_name is not None:
        yield from split_mentions(Split(new_name, None, tag, digest), _IMAGE)
    elif tag is not None or digest is not None:
        yield from split_mentions(Split(item.get("name"), None, tag, digest), _NAME_STAYS)


def _patch(root: Root, patch: Node) -> Iterator[Finding]:
    text = patch if isinstance(patch, Scalar) else at(patch, "patch")
    if isinstance(text, Scalar) and "\n" in text.value and root.source.depth < MAX_DEPTH:
        yield root.embedded(text, "yaml")
