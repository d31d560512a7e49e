"""Kubernetes objects by their kind: those that say in a way of their own what is pulled, and all others.

Sources: the API references of Kubernetes, kapp-controller, kbld, Kyverno, kpack, Crossplane and trivy's operator.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Built, Finding, Slot, Unparsed
from seeder.finders.session import in_session
from seeder.finders.variables import is_name
from seeder.finders.yaml import embedded
from seeder.finders.yaml.kubernetes import BUILT_IN, CUSTOM, read_any
from seeder.finders.yaml.root import Root, mentions
from seeder.model.occurrence import Context, Mention, Spelling
from seeder.syntax.yaml_nodes import Node, at, items, string

_KUBERNETES = frozenset({"", "apps", "batch", "extensions", "autoscaling", "policy", "apps.openshift.io"})
# Kinds whose `image` keys describe and pull nothing; the group has what trivy's operator found out.
_SILENT = frozenset(
    {"CustomResourceDefinition", "ImageStreamTag", "PipelineResource", "PipelineRun", "ImageRepository", "ImagePolicy"}
)
_REPORTS = "aquasecurity.github.io"
_CUSTOM = Slot(context=Context.CUSTOM_RESOURCE)
# What `imgpkg copy` copies with a bundle, and what `kbld -f` puts in for the names that the lock has.
_IN_LOCK = Slot(context=Context.CUSTOM_RESOURCE, spelling=Spelling.DIGEST_ONLY)
_LOCKED = "a lock file: its tool writes it anew"


def recognises(root: Root) -> bool:
    return bool(root.api[1])


def read(root: Root) -> Iterator[Finding]:
    group, kind = root.api
    if kind in _SILENT or group == _REPORTS:
        return
    match group, kind:
        case _, "LockConfig":
            yield from _locked(root)
        case _, "ImagesLock":
            for item in items(at(root.node, "images")):
                yield from mentions(at(item, "image"), _IN_LOCK)
        case "kyverno.io", _:
            yield from _policy(root)
        case "kbld.k14s.io", _:
            yield from _kbld(root.node)
        case "kpack.io", _:
            yield from _tagged(root)
            yield from read_any(root, CUSTOM)
        case "pkg.crossplane.io", _:
            yield from mentions(at(root.node, "spec", "package"), _CUSTOM)
            yield from read_any(root, CUSTOM)
        case "", "ConfigMap" | "Secret":
            yield from embedded.files(root, kind)
        case _:
            yield from read_any(root, BUILT_IN if group in _KUBERNETES else CUSTOM)


def _locked(root: Root) -> Iterator[Mention]:
    for finding in read_any(root, CUSTOM):
        if isinstance(finding, Mention):
            yield replace(finding.unpulled(_LOCKED), context=Context.OTHER)


def _policy(root: Root) -> Iterator[Finding]:
    """Kyverno: images stand in patterns (`!*:latest`) too, which are no names; what a rule creates has them."""
    for finding in read_any(root, CUSTOM):
        if not isinstance(finding, Unparsed):
            yield finding


def _tagged(root: Root) -> Iterator[Built]:
    """What kpack builds and pushes, images and their builders; an author's own is pulled by sessions again."""
    for tag in (at(root.node, "spec", "tag"), *items(at(root.node, "spec", "additionalTags"))):
        if is_name(string(tag)) and (in_session(root.source.path) or "/" not in string(tag)):
            yield Built(string(tag))


def _kbld(node: Node) -> Iterator[Finding]:
    """kbld builds the images of its `sources`, so that the name is a placeholder wherever it stands."""
    for key in ("sources", "destinations", "overrides"):
        for item in items(at(node, key)):
            if name := string(at(item, "image")):
                yield Built(name)
    for item in items(at(node, "overrides")):
        yield from mentions(at(item, "newImage"), _CUSTOM)
