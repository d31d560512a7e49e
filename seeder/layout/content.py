"""What the files of an OCI layout say (image-layout.md), wherever they stand (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seeder import json_text
from seeder.errors import DigestMismatchError, FileError, InvalidReferenceError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST

NAME = "org.opencontainers.image.ref.name"
MARK = "oci-layout"
INDEX = "index.json"
MANIFEST_LIMIT = 4 << 20
_VERSION = "1.0.0"
_DAMAGED = "if it is a damaged layout, remove it, and have it filled or brought here again"
Entry = Mapping[str, Any]


def mark() -> bytes:
    """The bytes of the file that says which version a layout has."""
    return json.dumps({"imageLayoutVersion": _VERSION}).encode()


def check_version(data: bytes, where: str, file: str) -> None:
    """Raises FileError where a layout is of another version than the one there is."""
    version = _object(data, file).get("imageLayoutVersion")
    if version != _VERSION:
        raise FileError(f"is an OCI layout of version {version!r}; {_VERSION} is the only one known", where=where)


def entries(data: bytes, where: str) -> Sequence[Entry]:
    """What an `index.json` lists. Raises FileError."""
    found = _object(data, where).get("manifests", "")
    if found is None:  # as Go writes an empty list
        return []
    if not isinstance(found, list) or not all(map(_is_entry, found)):
        raise FileError("is no index: `manifests` must be a list of descriptors", where=where, hint=_DAMAGED)
    return found


def _is_entry(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("annotations") or {}, dict)


def names(listed: Iterable[Entry], where: str) -> dict[str, Descriptor]:
    """What each name stands for; of two entries with one name, the last. Raises FileError."""
    return {name: _descriptor(entry, where) for entry in listed if (name := _name(entry))}


def named(listed: Iterable[Entry], given: Mapping[str, Descriptor]) -> list[Entry]:
    """The entries once these names were given, and taken from whatever had them; sorted by name."""
    kept = [entry for entry in listed if _name(entry) not in given]
    return sorted([*kept, *(_entry(descriptor, name) for name, descriptor in given.items())], key=_name)


def index(listed: Sequence[Entry]) -> bytes:
    """The bytes of an `index.json`."""
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
    return json.dumps(document, indent=2).encode() + b"\n"


def manifest(raw: bytes, digest: Digest, where: str) -> Manifest:
    """A manifest, its bytes checked, its type as it says itself or as its keys tell.

    Raises DigestMismatchError, FileError.
    """
    if not digest.matches(raw):
        raise DigestMismatchError(
            f"manifest {digest} has other bytes",
            where=where,
            hint="remove the file, and copy the image into the layout again",
        )
    document = _object(raw, where)
    kind = OCI_INDEX if "manifests" in document else OCI_MANIFEST
    media_type = str(document.get("mediaType") or kind)
    return Manifest.of(media_type, raw, digest)


def _name(entry: Entry) -> str:
    return str((entry.get("annotations") or {}).get(NAME) or "")


def _entry(descriptor: Descriptor, name: str) -> Entry:
    return {
        "mediaType": descriptor.media_type,
        "digest": str(descriptor.digest),
        "size": descriptor.size,
        "annotations": {NAME: name},
    }


def _descriptor(entry: Entry, where: str) -> Descriptor:
    try:
        return Descriptor(
            media_type=str(entry["mediaType"]), digest=Digest.parse(str(entry["digest"])), size=int(entry["size"])
        )
    except (KeyError, TypeError, ValueError, InvalidReferenceError) as error:
        raise FileError(f"has an entry without type, digest or size: {error}", where=where) from error


def _object(data: bytes, where: str) -> Mapping[str, Any]:
    try:
        document = json_text.parse(data)
    except ValueError as error:
        raise FileError(f"is no JSON: {error}", where=where, hint=_DAMAGED) from error
    if not isinstance(document, dict):
        raise FileError("is no JSON object", where=where, hint=_DAMAGED)
    return document
