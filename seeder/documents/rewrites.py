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

from collections.abc import Iterator, Mapping
from typing import Any

from seeder.documents import header, words
from seeder.documents.node import Kind, Node, load
from seeder.documents.record import Key, Record
from seeder.documents.scalar import quoted
from seeder.documents.shape import Choice, Count, ListOf, Text
from seeder.errors import DocumentError, SeederError
from seeder.model.occurrence import Role
from seeder.model.rewrites import Rewrites, RewrittenSpan, Surroundings

KIND = "Rewrites"
_HEAD = "# What seeder rewrote, so that `seeder restore` can undo it. Keep it with the catalog.\n"
_HINT = "restore the record from version control; seeder writes it and needs it as it was"


def render(rewrites: Rewrites) -> bytes:
    """The record's bytes."""
    lines = [_HEAD, f"apiVersion: {header.API_VERSION}\n", f"kind: {KIND}\n"]
    by_file = rewrites.by_file()
    lines.append("files:\n" if by_file else "files: []\n")
    for (workshop, file), spans in by_file.items():
        lines += [f"  - workshop: {quoted(workshop)}\n", f"    file: {quoted(file)}\n", "    spans:\n"]
        for span in spans:
            lines += _rendered(span)
    return "".join(lines).encode()


def _rendered(span: RewrittenSpan) -> Iterator[str]:
    around = span.surroundings
    yield f"      - line: {span.line}\n"
    yield f"        column: {span.column}\n"
    yield f"        original: {quoted(span.original)}\n"
    yield f"        written: {quoted(span.written)}\n"
    if span.earlier:
        yield f"        earlier: {quoted(span.earlier)}\n"
    yield f"        reference: {quoted(span.reference)}\n"
    if span.role is not Role.REFERENCE:
        yield f"        role: {span.role}\n"
    yield f'        surroundings: "{around.above} {around.before} {around.after} {around.below}"\n'


def parse(data: bytes, name: str) -> Rewrites:
    """The record in a file's bytes; `name` is the file's, for messages. Raises DocumentError."""
    try:
        root = load(data, name)
        return Rewrites() if root.kind is Kind.NULL else Rewrites.of(header.read(_RECORD, root, name, KIND))
    except DocumentError as error:
        error.hint = error.hint or _HINT
        raise


def _some(text: str) -> str:
    if not text:
        raise SeederError("is empty")
    return text


def _inside(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/"):
        raise SeederError(f"{text!r} is no path inside the workshop")
    return _some(text)


def _surroundings(text: str) -> Surroundings:
    hashes = text.split()
    if len(hashes) != 4:
        raise SeederError("must hold four hashes")
    return Surroundings(above=hashes[0], before=hashes[1], after=hashes[2], below=hashes[3])


def _spans(values: Mapping[str, Any], _node: Node, _path: str) -> list[RewrittenSpan]:
    return [RewrittenSpan(workshop=values["workshop"], file=values["file"], **span) for span in values["spans"]]


_SOME = Text(parse=_some)
_SPAN = Record(
    keys={
        "line": Key(shape=Count(least=1), about="The line of what was written.", required=True),
        "column": Key(shape=Count(least=1), about="Its column.", required=True),
        "original": Key(shape=_SOME, about="What stood there at first.", required=True),
        "written": Key(shape=_SOME, about="What seeder wrote.", required=True),
        "earlier": Key(shape=_SOME, about="What seeder wrote before that."),
        "reference": Key(shape=_SOME, about="The original in full.", required=True),
        "role": Key(shape=Choice(Role), about="The part of a name, where it is split over keys."),
        "surroundings": Key(shape=Text(parse=_surroundings), about="Hashes of what stands around it."),
    },
    build=lambda values, _node, _path: values,
)
_FILE = Record(
    keys={
        "workshop": Key(shape=_SOME, about="The tree, relative to the catalog.", required=True),
        "file": Key(shape=Text(parse=_inside), about="The file, relative to the tree.", required=True),
        "spans": Key(shape=ListOf(item=_SPAN), about="What was rewritten in it.", required=True),
    },
    build=_spans,
)
_RECORD = Record(
    keys={
        "apiVersion": Key(shape=words.constant(header.API_VERSION), about="The version.", required=True),
        "kind": Key(shape=words.constant(KIND), about="The kind.", required=True),
        "files": Key(shape=ListOf(item=_FILE), about="The files that were rewritten.", required=True),
    },
    build=lambda values, _node, _path: [span for file in values["files"] for span in file],
)
