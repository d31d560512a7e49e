"""Helm charts in OCI registries (helm.sh, "Use OCI-based registries"), wherever YAML names them.

A chart's version is its tag, with `_` for `+`, and stays what it is: what changes is where the chart comes from.
"""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Finding, Slot
from seeder.finders.variables import chart_tag, is_name
from seeder.finders.yaml.root import Root, Split, split_mentions, stripped
from seeder.model.occurrence import Context, Mention, Puller, Role
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, string

_SCHEME = "oci://"
_FLUX = "source.toolkit.fluxcd.io"
_K3S = "helm.cattle.io"
_PULLED = Slot(context=Context.HELM_OCI, pulled_by=Puller.CLI)


def recognises(root: Root) -> bool:
    group, kind = root.api
    return (group, kind) in {(_FLUX, "OCIRepository"), (_FLUX, "HelmRepository"), (_K3S, "HelmChart")}


def read(root: Root) -> Iterator[Finding]:
    kind, spec = root.api[1], at(root.node, "spec")
    if kind == "HelmChart":
        yield from whole(at(spec, "chart"), at(spec, "version"), Puller.CLI)
        if isinstance(values := at(spec, "valuesContent"), Scalar):
            yield root.embedded(values, "file:values.yaml")
    elif kind == "OCIRepository":
        yield from _artifact(at(spec, "url"), at(spec, "ref"))


def _artifact(url: Node | None, ref: Node | None) -> Iterator[Finding]:
    tag, digest = at(ref, "tag"), at(ref, "digest")
    if at(ref, "semver") is not None and digest is None:
        yield from _mentions(url, "", "$(semver)", Role.NAME, Puller.CLI)
    else:
        yield from split_mentions(Split(url, None, None if digest is not None else tag, digest), _PULLED)


def repository(folder: str, above: str) -> str:
    """The variable that stands for the repository which the values of a chart in `folder` have under a key."""
    return value(folder, f"{above}.repository")


def value(folder: str, path: str) -> str:
    """The variable that stands for what the values of a chart in `folder` have under a path of keys."""
    return f"chart.{folder}.{path}"


def argo(node: Mapping, _under: str) -> Iterator[Mention]:
    """A source of Argo CD with a `chart`: a repository without a scheme is an OCI registry."""
    address = node.get("repoURL")
    if node.get("chart") is not None and isinstance(address, Scalar) and "://" not in address.value:
        version = string(node.get("targetRevision"))
        yield from _mentions(address, string(node.get("chart")), version, Role.PARENT, Puller.CLI)


def helm_chart(node: Node | None) -> Iterator[Mention]:
    """`helmChart` of vendir and kapp-controller."""
    yield from joined(at(node, "repository", "url"), at(node, "name"), at(node, "version"), Puller.VENDIR)


def joined(address: Node | None, name: Node | None, version: Node | None, pulled_by: Puller) -> Iterator[Mention]:
    """A chart below the address of its repository."""
    if string(address).startswith(_SCHEME) and string(name):
        yield from _mentions(address, string(name), string(version), Role.PARENT, pulled_by)


def whole(address: Node | None, version: Node | None, pulled_by: Puller) -> Iterator[Mention]:
    """A chart whose address is all of its name."""
    if string(address).startswith(_SCHEME):
        yield from _mentions(address, "", string(version), Role.NAME, pulled_by)


def _mentions(address: Node | None, name: str, version: str, role: Role, pulled_by: Puller) -> Iterator[Mention]:
    if not isinstance(address, Scalar):
        return
    text = stripped(address.text)
    text = text.slice(0, len(text.content.rstrip("/")))
    reference = f"{text.content}/{name}:{chart_tag(version)}" if name else f"{text.content}:{chart_tag(version)}"
    part = text.part(0, len(text), role)
    if part is not None and is_name(reference):
        yield Mention(text=reference, parts=(part,), context=Context.HELM_OCI, pulled_by=pulled_by)
