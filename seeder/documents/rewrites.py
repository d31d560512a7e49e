"""The rewrite record, `x.rewrites.yaml`, beside the catalog `x.yaml`: bytes to values and back.

    apiVersion: seeder/v1alpha1
    kind: Rewrites
    files:
      - workshop: "../workshops/lab-one"
        file: "resources/workshop.yaml"
        spans:
          - line: 14
            column: 12
            original: "nginx:1.27"
            written: "registry.example.com/library/nginx:1.27@sha256:…"
            reference: "docker.io/library/nginx:1.27"
            surroundings: "3a7f09c1 77b0e6d2 e3b0c442 9f0c2a51"

`role` stands where a name is split over keys, `earlier` only while a run is on its way from one pin to the next.
Sorted, no clock, no absolute path, the same bytes for the same rewrites.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import yaml

from seeder.errors import DocumentError
from seeder.model.occurrence import Role
from seeder.model.rewrites import Rewrites, RewrittenSpan, Surroundings

_HEAD = "# What seeder rewrote, so that `seeder restore` can undo it. Keep it with the catalog.\n"
_SPAN_KEYS = {"line", "column", "original", "written", "earlier", "reference", "role", "surroundings"}
_HINT = "restore the record from version control; seeder writes it and needs it as it was"


def render(rewrites: Rewrites) -> bytes:
    """The record's bytes."""
    lines = [_HEAD, "apiVersion: seeder/v1alpha1\n", "kind: Rewrites\n"]
    by_file = rewrites.by_file()
    lines.append("files:\n" if by_file else "files: []\n")
    for (workshop, file), spans in by_file.items():
        lines += [f"  - workshop: {_quoted(workshop)}\n", f"    file: {_quoted(file)}\n", "    spans:\n"]
        for span in spans:
            lines += _span(span)
    return "".join(lines).encode()


def _span(span: RewrittenSpan) -> Iterator[str]:
    around = span.surroundings
    yield f"      - line: {span.line}\n"
    yield f"        column: {span.column}\n"
    yield f"        original: {_quoted(span.original)}\n"
    yield f"        written: {_quoted(span.written)}\n"
    if span.earlier:
        yield f"        earlier: {_quoted(span.earlier)}\n"
    yield f"        reference: {_quoted(span.reference)}\n"
    if span.role is not Role.REFERENCE:
        yield f"        role: {span.role}\n"
    yield f'        surroundings: "{around.above} {around.before} {around.after} {around.below}"\n'


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar: JSON's, with what YAML readers refuse in the raw escaped too (yaml.org, 5.1)."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == " " else _escaped(ord(c)) for c in quoted)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def parse(data: bytes, name: str) -> Rewrites:
    """Reads a record; `name` is its file, for messages. Raises DocumentError with file and line."""
    try:
        root = yaml.compose(data, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or "it is no text, or nested too deep"
        raise DocumentError(f"is not YAML: {problem}", where=where, hint=_HINT) from error
    if root is None:
        return Rewrites()
    return _Reader(name).rewrites(root)


class _Reader:
    """Turns nodes into values; every complaint names the record's line and the path of the key."""

    def __init__(self, name: str) -> None:
        self._name = name

    def rewrites(self, root: yaml.Node) -> Rewrites:
        top = self._mapping(root, "", {"apiVersion", "kind", "files"})
        for key, expected in (("apiVersion", "seeder/v1alpha1"), ("kind", "Rewrites")):
            if self._text(top, key, "", root) != expected:
                raise self._fault(top[key], f"{key} must be {expected}")
        files = self._items(top, "files", "", root)
        return Rewrites.of([span for at, node in enumerate(files) for span in self._file(node, f"files[{at}]")])

    def _file(self, node: yaml.Node, path: str) -> Iterator[RewrittenSpan]:
        keys = self._mapping(node, path, {"workshop", "file", "spans"})
        workshop, file = self._text(keys, "workshop", path, node), self._text(keys, "file", path, node)
        if file.startswith("/") or ".." in file.split("/"):
            raise self._fault(keys["file"], f"{path}.file must be a path inside the workshop")
        for at, span in enumerate(self._items(keys, "spans", path, node)):
            yield self._rewritten(span, f"{path}.spans[{at}]", workshop, file)

    def _rewritten(self, node: yaml.Node, path: str, workshop: str, file: str) -> RewrittenSpan:
        keys = self._mapping(node, path, _SPAN_KEYS)
        texts = {key: self._text(keys, key, path, node) for key in ("original", "written", "reference")}
        return RewrittenSpan(
            workshop=workshop,
            file=file,
            line=self._number(keys, "line", path, node),
            column=self._number(keys, "column", path, node),
            earlier=self._text(keys, "earlier", path, node) if "earlier" in keys else "",
            role=self._role(keys, path, node),
            surroundings=self._surroundings(keys, path, node),
            **texts,
        )

    def _role(self, keys: dict[str, yaml.Node], path: str, node: yaml.Node) -> Role:
        if "role" not in keys:
            return Role.REFERENCE
        text = self._text(keys, "role", path, node)
        if text not in set(Role):
            raise self._fault(keys["role"], f"{path}.role must be one of {', '.join(Role)}")
        return Role(text)

    def _surroundings(self, keys: dict[str, yaml.Node], path: str, node: yaml.Node) -> Surroundings:
        if "surroundings" not in keys:
            return Surroundings()
        hashes = self._text(keys, "surroundings", path, node).split()
        if len(hashes) != 4:
            raise self._fault(keys["surroundings"], f"{path}.surroundings must hold four hashes")
        return Surroundings(above=hashes[0], before=hashes[1], after=hashes[2], below=hashes[3])

    def _mapping(self, node: yaml.Node, path: str, known: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(node, f"{path or 'the record'} must be a mapping")
        keys: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value not in known:
                raise self._fault(key, f"{_joined(path, key.value)} is no key of a rewrite record")
            if key.value in keys:
                raise self._fault(key, f"{_joined(path, key.value)} stands there twice")
            keys[key.value] = value
        return keys

    def _items(self, keys: dict[str, yaml.Node], key: str, path: str, node: yaml.Node) -> list[yaml.Node]:
        found = self._required(keys, key, path, node)
        if not isinstance(found, yaml.SequenceNode):
            raise self._fault(found, f"{_joined(path, key)} must be a list")
        return list(found.value)

    def _text(self, keys: dict[str, yaml.Node], key: str, path: str, node: yaml.Node) -> str:
        found = self._required(keys, key, path, node)
        if not isinstance(found, yaml.ScalarNode) or not found.value:
            raise self._fault(found, f"{_joined(path, key)} must be a text")
        return str(found.value)

    def _number(self, keys: dict[str, yaml.Node], key: str, path: str, node: yaml.Node) -> int:
        text = self._text(keys, key, path, node)
        if not text.isdecimal() or len(text) > 12 or int(text) < 1:
            raise self._fault(keys[key], f"{_joined(path, key)} must be a whole number from 1")
        return int(text)

    def _required(self, keys: dict[str, yaml.Node], key: str, path: str, node: yaml.Node) -> yaml.Node:
        if key not in keys:
            raise self._fault(node, f"{_joined(path, key)} is missing")
        return keys[key]

    def _fault(self, node: yaml.Node, problem: str) -> DocumentError:
        return DocumentError(problem, where=f"{self._name}:{node.start_mark.line + 1}", hint=_HINT)


def _joined(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
