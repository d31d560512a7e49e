"""`apiVersion` and `kind`, looked at before anything else in a document."""

from __future__ import annotations

import re
from typing import TypeVar

from seeder.documents.fault import FaultsError, document_error
from seeder.documents.node import Kind, Node
from seeder.documents.shape import Shape
from seeder.errors import DocumentError

T = TypeVar("T")
API_VERSION = "seeder/v1alpha1"
_OURS = re.compile(rb"^apiVersion:[ \t]*[\"']?seeder/", re.MULTILINE)
_ELSEWHERE = {
    "Catalog": "this is a catalog; a lock stands beside it as NAME.lock.yaml",
    "Lock": "this is a lock; name the catalog it belongs to",
    "Rewrites": "this is the record of a rewrite; name the catalog it belongs to",
    "Workshop": "this is a workshop: `seeder scan` reads it, `seeder catalog init` writes a catalog for it",
}
_OTHERS = "a catalog of the images that it names is written by `seeder catalog init --images`"


def read(shape: Shape[T], root: Node, name: str, kind: str) -> T:
    """The value of a whole document of that kind; raises DocumentError, which tells all that is wrong."""
    _check(root, name, kind)
    try:
        return shape.read(root, "")
    except FaultsError as error:
        raise document_error(error.faults, name) from None


def is_ours(data: bytes) -> bool:
    """Whether a text looks like a catalog, a lock or a record of rewrites."""
    return _OURS.search(data) is not None


def _check(root: Node, name: str, kind: str) -> None:
    """Raises DocumentError unless this is a document of that kind and of the version known here."""
    if root.kind is not Kind.MAPPING:
        what = "is empty" if root.kind is Kind.NULL else f"is {root.kind}"
        raise DocumentError(
            f"{what}, and must be a mapping with apiVersion: {API_VERSION} and kind: {kind}",
            where=f"{name}:{root.line}",
        )
    found = {key.text: value for key, value in root.entries}
    others = _OTHERS if kind == "Catalog" and not _is_ours(found.get("apiVersion")) else ""
    for key, wanted in (("kind", kind), ("apiVersion", API_VERSION)):
        value = found.get(key)
        if value is None:
            hint = others if key == "kind" else ""
            raise DocumentError(
                f"the key {key} is missing: write {key}: {wanted}", where=f"{name}:{root.line}", hint=hint
            )
        if value.text != wanted:
            hint = _ELSEWHERE.get(value.text, others) if key == "kind" else _other_version(value.text)
            raise DocumentError(
                f"{key}: must be {wanted}, and is {value.text or value.kind}", where=f"{name}:{value.line}", hint=hint
            )


def _is_ours(version: Node | None) -> bool:
    return version is not None and version.text.startswith("seeder/")


def _other_version(text: str) -> str:
    if text.startswith("seeder/"):
        return "it was written for another version of seeder: update seeder"
    return ""
