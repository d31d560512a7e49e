"""vendir: what it fetches from registries (vendir.k14s.io/v1alpha1; Educates' `files` have the same entries)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Finding, Slot
from seeder.finders.yaml import charts
from seeder.finders.yaml.root import Root, mentions
from seeder.model.occurrence import Context, Mention, Puller, Role
from seeder.syntax.yaml_nodes import Node, Scalar, at, entries, items

_IMAGE = Slot(context=Context.OTHER, pulled_by=Puller.VENDIR)
_BUNDLE = Slot(context=Context.IMGPKG_BUNDLE, pulled_by=Puller.VENDIR)


def recognises(root: Root) -> bool:
    return root.api == ("vendir.k14s.io", "Config")


def read(root: Root) -> Iterator[Finding]:
    for directory in items(at(root.node, "directories")):
        for entry in items(at(directory, "contents")):
            yield from fetched(root, entry, _IMAGE)


def fetched(root: Root, entry: Node, slot: Slot) -> Iterator[Finding]:
    """What one entry fetches; `slot` is what an image's files are taken for."""
    yield from _chosen(at(entry, "image"), "url", slot)
    yield from _chosen(at(entry, "imgpkgBundle"), "image", _BUNDLE)
    yield from charts.helm_chart(at(entry, "helmChart"))
    for path, value in entries(at(entry, "inline", "paths")):
        if isinstance(value, Scalar):
            yield root.embedded(value, f"file:{path}")


def _chosen(node: Node | None, key: str, slot: Slot) -> Iterator[Mention]:
    """The image of an entry; with `tagSelection` vendir adds the tag, so that none may be written."""
    for mention in mentions(at(node, key), slot):
        if at(node, "tagSelection") is None:
            yield mention
        else:
            parts = tuple(replace(part, role=Role.NAME) for part in mention.parts)
            yield replace(mention, text=f"{mention.text}:$(tagSelection)", parts=parts)
