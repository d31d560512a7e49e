"""Images in Kubernetes objects of any kind: pod templates at any depth, and what controllers pull.

Sources: the kinds listed in the API references of Kubernetes, KubeVirt, CDI, Tekton, Knative, kapp-controller,
OpenShift, kpack, CloudNativePG and Flux; all others by the keys that such kinds have in common.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seeder.finders.finding import Built, Finding, Source
from seeder.finders.variables import is_name
from seeder.finders.yaml import charts
from seeder.finders.yaml.root import MAX_DEPTH, Place, Root, Split, anywhere, image, mentions, split_mentions
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.text import Text
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, entries, items, string, walk

NAME = "kubernetes"

_BUILT_IN = frozenset({"", "apps", "batch", "extensions", "autoscaling", "policy", "apps.openshift.io"})
_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})
# Kinds whose `image` keys describe and pull nothing.
_SILENT = frozenset({"CustomResourceDefinition", "ImageStreamTag", "PipelineResource", "PipelineRun"})
_KBLD = "kbld.k14s.io"
_BUNDLE = Place(context=Context.IMGPKG_BUNDLE, pulled_by=Puller.VENDIR)
_FETCHED = Place(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.VENDIR)
_CUSTOM = Place(context=Context.CUSTOM_RESOURCE)
_POD = Place(context=Context.POD_SPEC)
_OTHER = Place(context=Context.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What images are taken for: those of containers, those at the top of the text, and all others."""

    containers: Place
    top: Place
    others: Place


BUILT_IN = Taken(containers=_POD, top=_POD, others=_CUSTOM)
CUSTOM = Taken(containers=_CUSTOM, top=_CUSTOM, others=_CUSTOM)
SETTINGS = Taken(containers=_POD, top=_OTHER, others=_OTHER)
_LOCKED = Place(
    context=Context.OTHER, pulled_by=Puller.NONE, pulled=False, reason="a lock file: its tool writes it anew"
)
_IMAGE_KEY = re.compile(r"(?:image|imageName|containerImage|\w*[a-z]Image)\Z")
_IMAGE_PATH = re.compile(r"(?!/metadata/).*/image\Z")
# Pictures and disks are images too, of another kind.
_PICTURE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|iso|img|qcow2|vmdk|raw|ova|tar|tgz|gz|zip|html?)\Z", re.IGNORECASE
)
_LISTS = frozenset({"images", "prePullImages", "extraImages", "additionalImages"})


def recognises(root: Root) -> bool:
    return bool(root.api[1])


def read(root: Root) -> Iterator[Finding]:
    group, kind = root.api
    if kind in _SILENT:
        return
    if kind == "ImagesLock":
        for item in items(at(root.node, "images")):
            yield from mentions(at(item, "image"), _LOCKED)
    elif group == _KBLD:
        yield from _kbld(root.node)
    elif kind in {"ConfigMap", "Secret"} and group == "":
        yield from _held(root, kind)
    else:
        yield from read_any(root, BUILT_IN if group in _BUILT_IN else CUSTOM)


def _kbld(node: Node) -> Iterator[Finding]:
    """kbld builds the images of its `sources`, so that the name is a placeholder wherever it stands."""
    for key in ("sources", "destinations", "overrides"):
        for item in items(at(node, key)):
            if name := string(at(item, "image")):
                yield Built(name)
    for item in items(at(node, "overrides")):
        yield from mentions(at(item, "newImage"), _CUSTOM)


def read_any(root: Root, taken: Taken) -> Iterator[Finding]:
    """Images anywhere below a node."""
    for node, path in walk(root.node):
        if not isinstance(node, Mapping):
            continue
        if {"annotations", "labels", "managedFields", "status"} & set(path[:2]) or "openAPIV3Schema" in path:
            continue
        yield from _mapping(root, node, path, taken)


def _mapping(root: Root, node: Mapping, path: tuple[str, ...], taken: Taken) -> Iterator[Finding]:
    under = path[-1] if path else ""
    yield from _patch(node)
    yield from charts.argo(node)
    for name, value in node.items():
        if name == "image":
            yield from _image(node, value, under, taken)
        elif isinstance(value, Scalar):
            yield from _scalar(root, name, value, under, taken)
        else:
            yield from _collection(root, name, value, under)
    yield from _values(node, under, taken)


def _scalar(root: Root, name: str, value: Scalar, under: str, taken: Taken) -> Iterator[Finding]:
    if name == "script" and under in {"steps", "sidecars", "stepTemplate"}:
        yield root.embedded(value, "shell")
    elif name == "values" and "\n" in value.value:
        yield root.embedded(value, "file:values.yaml")
    elif name == "dockerfile" and "\n" in value.value:
        yield root.embedded(value, "dockerfile")
    elif name == "builder" and under == "buildpacks":
        yield from telling(value, replace(taken.others, context=Context.CUSTOM_RESOURCE, pulled_by=Puller.BUILD))
    elif _IMAGE_KEY.match(name):
        yield from telling(value, taken.others)


def _collection(root: Root, name: str, value: Node, under: str) -> Iterator[Finding]:
    if name in {"command", "args"} and (under in _CONTAINERS or under == "steps"):
        yield from scripts(root, value)
    elif name == "registry" and under == "source":
        yield from mentions(at(value, "url"), _CUSTOM)
    elif name == "helmChart":
        yield from charts.helm_chart(value)
    elif name == "from" and string(at(value, "kind")) == "DockerImage":
        yield from mentions(at(value, "name"), replace(_CUSTOM, pulled_by=Puller.BUILD))
    elif name in _LISTS:
        for item in items(value):
            yield from telling(item, _CUSTOM)


def _image(owner: Mapping, value: Node, under: str, taken: Taken) -> Iterator[Finding]:
    if isinstance(value, Scalar):
        if under == "imgpkgBundle":
            yield from mentions(value, _BUNDLE)
        elif under in {"template", "sources"} and owner.get("tag"):
            return
        else:
            yield from _plain(value, under, taken)
    elif isinstance(value, Mapping):
        yield from mentions(value.get("url"), _FETCHED)
        yield from mentions(value.get("reference"), _POD)


def _plain(value: Scalar, under: str, taken: Taken) -> Iterator[Finding]:
    if under in _CONTAINERS:
        yield from image(value, taken.containers)
    elif taken is SETTINGS:
        yield from telling(value, taken.others)
    elif not _PICTURE.search(value.value):
        yield from mentions(value, taken.others if under else taken.top)


def _values(node: Mapping, under: str, taken: Taken) -> Iterator[Finding]:
    """`repository` beside `tag`, `registry` or `digest`: a name in parts, as operators and charts take it."""
    if isinstance(node.get("repository"), Scalar) and (node.names() & {"tag", "registry", "digest"} or "mage" in under):
        split = Split(node.get("repository"), node.get("registry"), node.get("tag"), node.get("digest"))
        if "://" not in string(split.repository):
            yield from split_mentions(split, taken.others)


def _patch(node: Mapping) -> Iterator[Mention]:
    """A JSON patch (RFC 6902) that sets an image."""
    if node.get("op") is not None and _IMAGE_PATH.match(string(node.get("path"))):
        yield from mentions(node.get("value"), _POD)


def telling(node: Node, place: Place) -> Iterator[Mention]:
    """A mention where the key alone does not say enough: the value must look like more than a word."""
    value = string(node)
    is_more = ("/" in value or ":" in value) and not value.startswith(("/", ".")) and not _PICTURE.search(value)
    if is_more and is_name(value):
        yield from mentions(node, place)


def scripts(root: Root, node: Node) -> Iterator[Source]:
    """Shell given to `sh -c`, as a text to look into."""
    parts = items(node)
    follows = False
    for part in parts:
        value = string(part)
        if isinstance(part, Scalar) and (follows or "\n" in value):
            yield root.embedded(part, "shell")
        follows = value in {"-c", "-ec", "-lc", "-xc", "-exc", "-euc"}


def _held(root: Root, kind: str) -> Iterator[Finding]:
    """Files that a ConfigMap or Secret holds; what `data` of a Secret holds is read, but cannot be changed."""
    for key, value in entries(at(root.node, "data")):
        if kind == "ConfigMap":
            yield from held(root, key, value)
        elif isinstance(value, Scalar):
            yield from _encoded(root, key, value)
    for key, value in entries(at(root.node, "stringData")):
        yield from held(root, key, value)


def held(root: Root, key: str, value: Node) -> Iterator[Source]:
    """A file in a value, named by its key; a name without an ending is taken for YAML where it looks like it."""
    if not isinstance(value, Scalar) or "\n" not in value.value or root.source.depth >= MAX_DEPTH:
        return
    named = "." in key or key.lower() in {"dockerfile", "containerfile"}
    yield root.embedded(value, f"file:{key}" if named else "yaml")


def _encoded(root: Root, key: str, value: Scalar) -> Iterator[Finding]:
    try:
        content = base64.b64decode(value.value, validate=False).decode()
    except ValueError:
        return
    from seeder.finders import find  # noqa: PLC0415 - the registry of finders imports this one

    kind = f"file:{key}" if "." in key else "yaml"
    source = replace(root.source, text=Text(value.text.file, content, ()), kind=kind, depth=root.source.depth + 1)
    for finding in find(source) if source.depth < MAX_DEPTH and "image" in content else ():
        if isinstance(finding, Mention):
            yield replace(finding, parts=anywhere(value), reason=finding.reason or "it stands inside base64")
