"""Images in YAML and JSON: Workshops, Kubernetes objects, compose, Helm, kustomize, vendir.

A text is parsed once; each document goes to the first of `READERS` that recognises it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from seeder.finders.finding import MAX_DEPTH, Finding, Source, Unparsed
from seeder.finders.formats import YAML
from seeder.finders.yaml import (
    aliases,
    ansible,
    charts,
    compose,
    concourse,
    fragment,
    function,
    helm,
    kinds,
    kustomize,
    pipelines,
    skaffold,
    tasks,
    templates,
    unread,
    vendir,
    workshop,
    ytt,
    zot,
)
from seeder.finders.yaml.root import Root
from seeder.model.occurrence import Mention
from seeder.syntax.text import Text
from seeder.syntax.yaml import Document, document, pieces
from seeder.syntax.yaml_nodes import Sequence, at, items

_HINTS = tuple(hint.decode() for hint in (*YAML.words, *YAML.pieces))
_OURS = "seeder/"
_NAMED_TEMPLATES = ".tpl"  # Helm's: pieces of text, of which some are YAML
# What editors' and dev containers' JSON has beside JSON: comments; strings, which may hold their signs.
_NO_JSON = re.compile(r"\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|(?P<comment>//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z))")

Reader = tuple[Callable[[Root], bool], Callable[[Root], Iterator[Finding]]]

READERS: tuple[Reader, ...] = (
    (skaffold.recognises, skaffold.read),
    (unread.recognises, unread.read),
    (workshop.recognises, workshop.read),
    (vendir.recognises, vendir.read),
    (kustomize.recognises, kustomize.read),
    (function.recognises, function.read),
    (charts.recognises, charts.read),
    (pipelines.recognises, pipelines.read),
    (kinds.recognises, kinds.read),
    (concourse.recognises, concourse.read),
    (compose.recognises, compose.read),
    (zot.recognises, zot.read),
    (helm.is_helmfile, helm.read_helmfile),
    (helm.is_chart, helm.read_chart),
    (helm.is_values, helm.read_values),
    (tasks.recognises, tasks.read),
    (ansible.recognises, ansible.read),
    (fragment.recognises, fragment.read),
)


def find(source: Source) -> Iterator[Finding]:
    if source.name.lower().endswith(".json"):
        if not _is_manifest(source):
            return
        source = replace(source, text=_without_comments(source.text))
    yield from templates.spent(source)
    yield from ytt.joined(source.text)
    for piece in pieces(source.text):
        if _has_hint(piece.content):
            read = document(piece)
            found = _document(source, read)
            yield from aliases.marks(read.roots).held(found) if aliases.HAS_ALIAS.search(piece.content) else found


def _without_comments(text: Text) -> Text:
    spans = [match.span() for match in _NO_JSON.finditer(text.content) if match["comment"]]
    if not spans:
        return text
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    return Text.joined(text.file, [text.slice(start, end) for start, end in zip(starts, ends, strict=True)])


def _is_manifest(source: Source) -> bool:
    """JSON is read where it is a Kubernetes object, or something else that has a reader; data of programs is not."""
    content = source.text.content
    is_read = source.name == "package.json" or "devcontainer" in str(source.path)
    return is_read or '"apiVersion"' in content or '"sync"' in content


def _has_hint(content: str) -> bool:
    return any(hint in content for hint in _HINTS)


def _document(source: Source, read: Document) -> Iterator[Finding]:
    found = False
    for node in read.roots:
        for finding in read_root(Root(source=source, node=node)):
            found = found or isinstance(finding, Mention)
            yield finding
    if read.error is not None and (found or not source.kind) and not source.name.endswith(_NAMED_TEMPLATES):
        yield Unparsed(read.error.message if not read.roots else f"not YAML, read line by line: {read.error.message}")


def read_root(root: Root) -> Iterator[Finding]:
    """What one document or object names; a List is its items."""
    if root.depth > MAX_DEPTH:
        yield Unparsed(f"objects inside objects, more than {MAX_DEPTH} deep, are not looked into")
        return
    group, kind = root.api
    if group.startswith(_OURS) or group == "seeder":
        return
    if kind.endswith("List") and isinstance(at(root.node, "items"), Sequence):
        for item in items(at(root.node, "items")):
            yield from read_root(root.at(item))
        return
    read = next(read for recognises, read in READERS if recognises(root))
    if at(root.node, "metadata", "managedFields") is None:
        yield from read(root)
    else:
        yield from map(_exported, read(root))


def _exported(finding: Finding) -> Finding:
    """A live object that was saved: whoever applies it again does not apply the author's file."""
    if isinstance(finding, Mention) and not finding.reason:
        return replace(finding, reason="an export of a live object (it has managedFields), not a source")
    return finding
