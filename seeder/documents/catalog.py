"""`catalog.yaml`: the one table of its keys, from which both the parser and the editors' schema come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from seeder.documents import header, words
from seeder.documents.fault import Fault, FaultsError, at, document_error
from seeder.documents.node import Kind, Node, load
from seeder.documents.record import Either, Key, Record
from seeder.documents.shape import Choice, Flag, ListOf, MapOf
from seeder.model.catalog import (
    Catalog,
    IgnoreRule,
    ImageEntry,
    IndexPolicy,
    RewriteMode,
    TargetKind,
    TargetSettings,
)
from seeder.model.occurrence import Puller

KIND = "Catalog"


def parse(data: bytes, name: str) -> Catalog:
    """The catalog in a file's bytes; `name` is the file's, for messages and where the catalog has no name itself.

    Raises DocumentError, which tells all that is wrong.
    """
    values = header.read(_CATALOG, load(data, name), name, KIND)
    faults = list(_shared_names(values.get("images", ())))
    if faults:
        raise document_error(faults, name)
    return _catalog(values, name)


def _shared_names(images: Iterable[ImageEntry]) -> Iterator[Fault]:
    """Images that `as:` would put under one name, where the second would take the first one's place."""
    named: dict[str, ImageEntry] = {}
    for index, entry in enumerate(images):
        if entry.destination is None:
            continue
        first = named.setdefault(entry.destination, entry)
        if first is not entry:
            told = f"{entry.destination} is the name of {first.reference} too, on line {first.line}"
            yield Fault(entry.line, f"images[{index}].as", told)


def schema() -> dict[str, Any]:
    """The shape of a catalog as JSON Schema (without the schema's own header)."""
    return _CATALOG.schema()


def _values(values: Mapping[str, Any], _node: Node, _path: str) -> Mapping[str, Any]:
    return values


def _catalog(values: Mapping[str, Any], name: str) -> Catalog:
    metadata = values.get("metadata", {})
    rewrite = values.get("rewrite", {})
    known = {
        key: values[key] for key in ("registries", "platforms", "variables", "index", "referrers") if key in values
    }
    return Catalog(
        name=metadata.get("name") or PurePath(name).stem,
        workshops=values.get("workshops", ()),
        images=values.get("images", ()),
        targets=tuple(replace(target, name=key) for key, target in values.get("targets", {}).items()),
        rewrite=rewrite.get("mode", RewriteMode.NONE),
        output_dir=rewrite.get("output_dir", ""),
        ignore=values.get("ignore", ()),
        **known,
    )


def _image(values: Mapping[str, Any], node: Node, _path: str) -> ImageEntry:
    renamed = {"as": "destination"}
    return ImageEntry(**{renamed.get(key, key): value for key, value in values.items()}, line=node.line)


class _Reference(Struct, frozen=True):
    """The short way to write an image: its reference alone."""

    kinds: tuple[Kind, ...] = (Kind.TEXT,)

    def read(self, node: Node, path: str) -> ImageEntry:
        return ImageEntry(reference=words.REFERENCE.read(node, path), line=node.line)

    def schema(self) -> dict[str, Any]:
        return words.REFERENCE.schema()


def _target(values: Mapping[str, Any], node: Node, path: str) -> TargetSettings:
    kind = values.get("kind", TargetKind.REGISTRY)
    needed = {TargetKind.REGISTRY: "registry", TargetKind.OCI_LAYOUT: "path"}.get(kind)
    if needed and not values.get(needed):
        raise FaultsError(Fault(node.line, path, f"the key {needed} is missing: a target of kind {kind} needs it"))
    if values.get("store_lock") and kind is not TargetKind.REGISTRY:
        raise FaultsError(Fault(node.line, at(path, "store_lock"), "is for registries: a folder holds no lock"))
    reached_by = values.get("reached_by")
    given = {key: value for key, value in values.items() if key != "reached_by"}
    return TargetSettings(
        name="",
        **{"push": values.get("registry", ""), **given},
        reached_by=None if reached_by is None else frozenset(reached_by),
    )


def _rewrite(values: Mapping[str, Any], node: Node, path: str) -> Mapping[str, Any]:
    if values.get("mode") is RewriteMode.OUTPUT_DIR and not values.get("output_dir"):
        raise FaultsError(Fault(node.line, at(path, "output_dir"), "is missing: mode output-dir needs a folder"))
    return values


_METADATA = Record(keys={"name": Key(shape=words.SOME, about="What the catalog is called in reports.")}, build=_values)
_WORKSHOP = Record(
    keys={"path": Key(shape=words.SOME, about="A folder, relative to this file; globs allowed.", required=True)},
    build=lambda values, _node, _path: str(values["path"]),
)
_PLATFORMS = ListOf(
    item=words.PLATFORM, key=str, least=1, hint="name a platform, or leave the key out, which copies all of them"
)
_IMAGE = Record(
    keys={
        "reference": Key(shape=words.REFERENCE, about="The image as a workshop would name it.", required=True),
        "platforms": Key(shape=_PLATFORMS, about="The platforms to copy, where not the catalog's."),
        "referrers": Key(shape=Flag(), about="Copy signatures, SBOMs and attestations too."),
        "required": Key(shape=Flag(), about="False: a failure is reported and does not fail the run."),
        "as": Key(shape=words.DESTINATION, about="Its name at the target, where the usual layout does not fit."),
        "index": Key(shape=Choice(IndexPolicy), about="whole: the index as it is; filtered: trimmed to the platforms."),
    },
    build=_image,
)
_TARGET = Record(
    keys={
        "kind": Key(shape=Choice(TargetKind), about="What the target is; a registry, unless said otherwise."),
        "registry": Key(shape=words.WRITTEN_HOST, about="The host that is written into files."),
        "push": Key(shape=words.HOST, about="The host that seeder talks to, where it is another."),
        "prefix": Key(shape=words.PREFIX, about="A path in front of all repositories there."),
        "insecure": Key(shape=Flag(), about="Allow plain HTTP and certificates that nobody knows."),
        "reached_by": Key(
            shape=ListOf(item=Choice(Puller), key=str), about="Who can pull from there; all that can be, without it."
        ),
        "store_lock": Key(shape=Flag(), about="Store the lock there too, as an artifact beside the images."),
        "path": Key(shape=words.SOME, about="The folder of an oci-layout, or its .tar, relative to this file."),
    },
    build=_target,
)
_REWRITE = Record(
    keys={
        "mode": Key(shape=Choice(RewriteMode), about="Whether sync rewrites the workshops, and where."),
        "output_dir": Key(shape=words.SOME, about="The folder for mode output-dir."),
    },
    build=_rewrite,
)
_IGNORE = Record(
    keys={
        "reference": Key(shape=words.PATTERN, about="References in full, * and ? allowed.", required=True),
        "reason": Key(shape=words.SOME, about="Why they are left alone.", required=True),
    },
    build=lambda values, _node, _path: IgnoreRule(**values),
)
_CATALOG = Record(
    about="What seeder is to seed, from where and to where.",
    keys={
        "apiVersion": Key(
            shape=words.constant(header.API_VERSION), about=f"Always {header.API_VERSION}.", required=True
        ),
        "kind": Key(shape=words.constant(KIND), about=f"Always {KIND}.", required=True),
        "metadata": Key(shape=_METADATA, about="The catalog's name."),
        "workshops": Key(shape=ListOf(item=Either(words.SOME, _WORKSHOP), key=str), about="Trees to scan and rewrite."),
        "images": Key(
            shape=ListOf(item=Either(_Reference(), _IMAGE), key=lambda entry: entry.reference),
            about="Images that no tree names.",
        ),
        "registries": Key(
            shape=ListOf(item=words.SOURCE, key=str), about="The sources to rehost; Docker Hub without it, * for all."
        ),
        "platforms": Key(shape=_PLATFORMS, about="The platforms to copy; without it all of them."),
        "variables": Key(
            shape=MapOf(name=words.VARIABLE_NAME, item=words.VALUE), about="Values for $(…) in the workshops."
        ),
        "targets": Key(
            shape=MapOf(name=words.TARGET_NAME, item=_TARGET),
            about="Where images go, by name; the first is the default.",
        ),
        "rewrite": Key(shape=_REWRITE, about="What sync does with the workshops."),
        "index": Key(shape=Choice(IndexPolicy), about="whole or filtered, see images."),
        "referrers": Key(shape=Flag(), about="Copy signatures, SBOMs and attestations of all images."),
        "ignore": Key(shape=ListOf(item=_IGNORE), about="References to leave alone."),
    },
    build=_values,
)
