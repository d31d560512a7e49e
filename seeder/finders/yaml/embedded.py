"""Texts inside Kubernetes objects: files in ConfigMaps and Secrets, scripts, manifests written as text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seeder.finders.finding import MAX_DEPTH, Finding, Slot, Source
from seeder.finders.formats import SHEBANG
from seeder.finders.yaml import given
from seeder.finders.yaml.root import Root, anywhere
from seeder.model.occurrence import Context, Mention
from seeder.syntax.text import Text
from seeder.syntax.yaml_nodes import Node, Scalar, at, entries, items, string

_SETTING = Slot(context=Context.POD_SPEC)
# How YAML begins, after comments: a mark, a key or an item.
_YAML = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:---|-[ \t]|[\w./-]+:(?:[ \t]|\r?\n))")
_JSON_OBJECT = re.compile(r"\s*\{(?=[^\0]*\"apiVersion\"\s*:)(?=[^\0]*\"kind\"\s*:)")
# Command lines that containers start as they are; `sh -c` is told by its flag.
_CLIENTS = frozenset(
    {"docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "regctl", "s2i", "imgpkg", "ctr", "crictl"}
    | {"kubectl", "oc", "kn", "helm"}
)
_UNFIT = re.compile(r"'")
_COMMAND_FLAG = re.compile(r"-[eilux]*c\Z")
_PROSE = frozenset(
    {"description", "message", "script", "text", "summary", "notes", "releaseNotes", "longDescription", "readme"}
    | {"shortDescription", "changelog", "motd", "help", "title"}
)


def is_manifest(key: str, value: str) -> bool:
    """Whether a text in a field is YAML that names images (values of a chart, a template of a controller).

    JSON is, where it says that it is an object of Kubernetes.
    """
    is_text = key not in _PROSE and "\n" in value and "image" in value
    return is_text and bool(_YAML.match(value) or _JSON_OBJECT.match(value))


def is_script(value: str) -> bool:
    """Whether a text says by its first line that a shell runs it: what provisions a machine, a file that is written."""
    return value.startswith("#!") and "\n" in value and bool(SHEBANG.match(value))


def scripts(root: Root, node: Node | None) -> Iterator[Source]:
    """Shell given to `sh -c`, as a text to look into."""
    parts = items(node)
    follows = False
    for part in parts:
        value = string(part)
        if isinstance(part, Scalar) and (follows or "\n" in value):
            yield root.embedded(part, "shell")
        follows = bool(_COMMAND_FLAG.match(value))


def executed(root: Root, words: Sequence[Node]) -> Iterator[Source]:
    """What a container starts without a shell, word for word: `[skopeo, copy, docker://A, docker://B]`."""
    name = string(words[0]).rpartition("/")[2] if words else ""
    if name in _CLIENTS and not any("\n" in string(word) for word in words):
        line = (piece for word in words for piece in ("'", _literal(word), "' "))
        yield root.source.inner(Text.joined(root.source.text.file, line), "shell")


def _literal(word: Node) -> Text | str:
    """A word for between quotes, which shells leave as it is; `.` for one that they do not hold."""
    return word.text if isinstance(word, Scalar) and not _UNFIT.search(word.value) else "."


def files(root: Root, kind: str) -> Iterator[Finding]:
    """Files that a ConfigMap or Secret holds; what `data` of a Secret holds is read, but cannot be changed."""
    for key, value in entries(at(root.node, "data")):
        if kind == "ConfigMap":
            yield from _held(root, key, value)
        elif isinstance(value, Scalar):
            yield from _encoded(root, key, value)
    for key, value in entries(at(root.node, "stringData")):
        yield from _held(root, key, value)


def _held(root: Root, key: str, value: Node) -> Iterator[Finding]:
    """A file in a value, named by its key; a name without an ending is taken for YAML where it looks like it.

    A value of one line is an image where the key says so, as controllers keep theirs.
    """
    if not isinstance(value, Scalar):
        return
    if "\n" not in value.value:
        if "image" in key.lower():
            yield from given.named(key, value, _SETTING)
        return
    named = "." in key or key.lower() in {"dockerfile", "containerfile"}
    if named or not value.value.startswith("#!"):
        yield root.embedded(value, f"file:{key}" if named else "yaml")
    elif is_script(value.value):
        yield root.embedded(value, "shell")


def _encoded(root: Root, key: str, value: Scalar) -> Iterator[Finding]:
    try:
        content = base64.b64decode(value.value, validate=False).decode()
    except ValueError:
        return
    from seeder.finders import find  # noqa: PLC0415 - the registry of finders imports this one

    kind = f"file:{key}" if "." in key else "yaml"
    source = root.source.inner(Text(value.text.file, content, ()), kind)
    for finding in find(source) if source.depth < MAX_DEPTH and "image" in content else ():
        if isinstance(finding, Mention):
            yield replace(finding, parts=anywhere(value), reason="it stands inside base64: move it to stringData")
