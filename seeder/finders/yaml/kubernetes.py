"""Images anywhere in an object: pod templates at any depth, and what controllers pull.

Sources: the kinds listed in the API references of Kubernetes, KubeVirt, CDI, Tekton, Knative, kapp-controller,
OpenShift, kpack, CloudNativePG and Flux; all others by the keys that such kinds have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from seeder.finders.finding import Built, Finding, Slot
from seeder.finders.variables import is_name
from seeder.finders.yaml import beside, charts, controlled, embedded, given
from seeder.finders.yaml.root import Root, Split, image, mentions, split_mentions
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.model.reference import has_selector, is_valid_tag
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, items, mappings, string

_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})
_STARTED = _CONTAINERS | {"steps"}
# What stands below these keys describes, and is pulled by nobody.
_DESCRIBING = frozenset(
    {"annotations", "labels", "matchLabels", "nodeSelector", "selector", "managedFields", "openAPIV3Schema"}
)
_BUNDLE = Slot(context=Context.IMGPKG_BUNDLE, pulled_by=Puller.VENDIR)
_FETCHED = Slot(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.VENDIR)
_CUSTOM = Slot(context=Context.CUSTOM_RESOURCE)
TRACKED = Slot(context=Context.CUSTOM_RESOURCE, pulled_by=Puller.BUILD)  # what OpenShift builds from or imports
_POD = Slot(context=Context.POD_SPEC)
_OTHER = Slot(context=Context.OTHER)
_IMAGE_KEY = re.compile(r"(?:image|imageName|image-name|containerImage|\w*[a-z]Image)\Z")
_NAMED_MAPS = frozenset({"baseImageOverrides", "builderImages"})  # of ko and Knative: an image for each key
_SCHEME = re.compile(r"(?:oci|docker)://[^\s/]+/\S+(?::[\w.-]+|@sha256:[0-9a-f]{64})\Z")
_OPEN_TAG = "the tag is not said here: write it beside the repository"
_LISTS = frozenset({"images", "prePullImages", "extraImages", "additionalImages"})

# What a mapping says whose keys are of one kind: the key that calls for a reader.
_TOLD_BY: tuple[tuple[str, Callable[[Mapping, str], Iterator[Mention]]], ...] = (
    ("op", given.patch),
    ("chart", charts.argo),
    ("resolver", given.resolver),
    ("bundle", given.bundle),
    ("name", given.parameter),
    ("name", given.variable),
)


class Taken(Struct, frozen=True, kw_only=True):
    """What images are taken for: those of containers, those at the top of the text, and all others."""

    containers: Slot
    top: Slot
    others: Slot


BUILT_IN = Taken(containers=_POD, top=_POD, others=_CUSTOM)
CUSTOM = Taken(containers=_CUSTOM, top=_CUSTOM, others=_CUSTOM)
SETTINGS = Taken(containers=_POD, top=_OTHER, others=_OTHER)


def read_any(root: Root, taken: Taken) -> Iterator[Finding]:
    """Images anywhere below a node."""
    filled: dict[int, str] = {}  # containers whose image something else puts in
    for node, path in mappings(root.node):
        if not node.names().isdisjoint(controlled.KEYS):
            filled.update((id(container), reason) for container, reason in controlled.containers(node))
        if path[:1] == ("status",) or not _DESCRIBING.isdisjoint(path):
            if path[-1] == "annotations":
                for name, value in node.items():
                    yield from given.annotation(name, value)
            continue
        found = _mapping(root, node, path, taken)
        yield from controlled.told(found, node, filled[id(node)]) if id(node) in filled else found


def _mapping(root: Root, node: Mapping, path: tuple[str, ...], taken: Taken) -> Iterator[Finding]:
    under = path[-1] if path else ""
    names = node.names()
    if "command" in names and under in _STARTED:
        yield from embedded.executed(root, [*items(node.get("command")), *items(node.get("args"))])
    for key, read_told in _TOLD_BY:
        if key in names or "<<" in names:
            yield from read_told(node, under)
    for name, value in node.items():
        if name == "image":
            yield from _image(node, value, under, taken)
        elif name == "baseImage" and ":" not in string(value):  # of Prometheus' operator
            version = string(node.get("version"))  # which stays: it is more than a tag
            yield from split_mentions(
                Split(value, None, node.get("tag")),
                taken.others,
                tag="" if node.get("tag") or not version else f":{version}",
            )
        elif isinstance(value, Scalar) and (parts := beside.split(node, name, value)):
            yield from split_mentions(parts, taken.others)
        elif isinstance(value, Scalar):
            yield from _scalar(root, name, value, under, taken)
        else:
            yield from _collection(root, name, value, under)
    yield from _values(node, path, taken)


def _scalar(root: Root, name: str, value: Scalar, under: str, taken: Taken) -> Iterator[Finding]:
    if name == "script" and under in {"steps", "sidecars", "stepTemplate"}:
        yield root.embedded(value, "shell")
    elif name == "values" and "\n" in value.value:
        yield root.embedded(value, "file:values.yaml")
    elif under == "paths" and "\n" in value.value:  # `inline` of kapp-controller
        yield root.embedded(value, f"file:{name}")
    elif name == "dockerfile" and "\n" in value.value:
        yield root.embedded(value, "dockerfile")
    elif _IMAGE_KEY.match(name) or under in _NAMED_MAPS:
        yield from given.telling(value, taken.others)
    elif given.PREFIXED.match(name):
        yield from given.tagged(value, taken.others)
    else:
        yield from _told(root, name, value, taken)


def _told(root: Root, name: str, value: Scalar, taken: Taken) -> Iterator[Finding]:
    """What the value says of itself, whatever the key: an address with a scheme, YAML as text."""
    if _SCHEME.match(value.value) and taken is not SETTINGS:
        yield from mentions(value, taken.others)
    elif embedded.is_script(value.value):
        yield root.embedded(value, "shell")
    elif embedded.is_manifest(name, value.value):
        yield root.embedded(value, "yaml")


def _collection(root: Root, name: str, value: Node, under: str) -> Iterator[Finding]:
    if name in {"command", "args"} and under in _STARTED:
        yield from given.arguments(value)
        yield from embedded.scripts(root, value)
    elif name == "registry" and under == "source":
        yield from mentions(at(value, "url"), _CUSTOM)
    elif name == "helmChart":
        yield from charts.helm_chart(value)
    elif name == "from" and string(at(value, "kind")) == "DockerImage":
        yield from mentions(at(value, "name"), TRACKED)
    elif name in _LISTS:
        yield from _images(value, under)


def _images(node: Node, under: str) -> Iterator[Finding]:
    """A list of names; Flux' Kustomization has kustomize's entries, Argo CD's `old=new:tag` or the new name alone."""
    for item in items(node):
        if under == "kustomize" and isinstance(item, Scalar):
            yield from mentions(item, _CUSTOM, start=string(item).find("=") + 1)
        elif at(item, "newName") is not None:
            split = Split(at(item, "newName"), None, at(item, "newTag"), at(item, "digest"))
            yield from split_mentions(split, _CUSTOM) if string(split.tag) or string(split.digest) else ()
        else:
            yield from given.telling(item, _CUSTOM)


def _image(owner: Mapping, value: Node, under: str, taken: Taken) -> Iterator[Finding]:
    tag = owner.get("tag") or owner.get("imageTag")
    if isinstance(value, Scalar):
        # What a build makes: of Shipwright, and of OpenShift's kin; of Quarkus; of OpenFaaS
        if under in {"output", "container-image"} or owner.names() >= {"lang", "handler"}:
            yield from map(Built, filter(is_name, [value.value]))
        elif under == "imgpkgBundle":
            yield from mentions(value, _BUNDLE)
        elif under not in _CONTAINERS and is_valid_tag(string(tag)) and not has_selector(value.value):
            yield from split_mentions(Split(value, owner.get("registry"), tag, owner.get("digest")), taken.others)
        else:
            yield from _plain(owner, value, under, taken)
    elif isinstance(value, Mapping):
        yield from mentions(value.get("url"), _FETCHED)
        yield from mentions(value.get("reference"), _POD)
        if value.get("tag") is not None and value.get("repository") is None:
            yield from split_mentions(
                Split(value.get("name"), value.get("registry"), value.get("tag"), value.get("digest")), taken.others
            )


def _plain(owner: Mapping, value: Scalar, under: str, taken: Taken) -> Iterator[Finding]:
    if under in _CONTAINERS:
        slot = taken.containers
        if string(owner.get("imagePullPolicy")) == "Never":
            # What must be there already was put there under its tag by what pulled it: nodes know no digest of it.
            slot = replace(slot, pulled_by=Puller.NONE, spelling=Spelling.COMMAND)
        yield from image(value, slot)
    elif taken is SETTINGS:
        yield from given.telling(value, taken.others)
    elif not given.PICTURE.search(value.value):
        yield from mentions(value, taken.others if under else taken.top)


def _values(node: Mapping, path: tuple[str, ...], taken: Taken) -> Iterator[Finding]:
    """`repository` beside `tag`, `registry` or `digest`: a name in parts, as operators and charts take it."""
    under, names = path[-1] if path else "", node.names()
    repository = node.get("repository")
    if repository is None and {"name", "tag"} <= names and "mage" in "".join(path[-2:-1]):
        repository = node.get("name")
    if not isinstance(repository, Scalar) or "://" in repository.value:
        return
    if names & {"tag", "registry", "digest"} or "mage" in under:
        split = Split(repository, node.get("registry"), node.get("tag"), node.get("digest"))
        if string(split.tag) or string(split.digest) or ":" in repository.value:
            yield from split_mentions(split, taken.others)
        else:
            yield from split_mentions(split, replace(taken.others, reason=_OPEN_TAG), tag=":$(appVersion)")
