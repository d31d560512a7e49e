"""What answers tell of manifests, as values; no request is made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from urllib3.response import BaseHTTPResponse

from seeder import json_text
from seeder.errors import DigestMismatchError, InvalidReferenceError, RegistryError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_SCHEMA1_SIGNED, INDEXES, MANIFESTS, SCHEMA1, is_foreign_layer
from seeder.model.reference import ImageReference
from seeder.registry.reading import discard, length_of


class Found(Struct, frozen=True, kw_only=True):
    """What a HEAD said: `digest` is None where the registry did not send one."""

    media_type: str
    digest: Digest | None
    size: int


def found(reference: ImageReference, answer: BaseHTTPResponse) -> Found:
    """What the answer to a HEAD says; raises RegistryError for schema 1, DigestMismatchError for another digest."""
    discard(answer)
    media_type = media_type_of(answer.headers)
    _refuse_schema1(reference, media_type)
    digest = _digest(reference, answer.headers)
    if digest and reference.digest and digest != reference.digest:
        raise _mismatch(reference, digest)
    return Found(media_type=media_type, digest=digest, size=length_of(answer) or 0)


def manifest(reference: ImageReference, raw: bytes, headers: Mapping[str, str]) -> Manifest:
    """The manifest of an answer's body, its bytes checked.

    Raises RegistryError for what is no manifest, or is sent as what it is not; DigestMismatchError for other bytes.
    """
    media_type = media_type_of(headers)
    document = _document(raw)
    _refuse_schema1(reference, DOCKER_SCHEMA1_SIGNED if (document or {}).get("schemaVersion") == 1 else media_type)
    digest = Digest.of(raw)
    if reference.digest is not None and not reference.digest.matches(raw):
        raise _mismatch(reference, digest)
    if document is None:
        raise RegistryError(f"the manifest of {reference} is no JSON object", where=reference.registry)
    media_type = _type(reference, media_type, str(document.get("mediaType") or ""))
    if reference.digest is not None:
        digest = reference.digest
    elif named := _digest(reference, headers):
        if not named.matches(raw):
            raise _mismatch(reference.at(named), digest)
        digest = named
    return Manifest.of(media_type, raw, digest)


def check_stored(reference: ImageReference, manifest: Manifest, answer: BaseHTTPResponse) -> None:
    """Raises DigestMismatchError where the registry took a manifest as something else."""
    discard(answer)
    named = _digest(reference, answer.headers)
    if named and named != manifest.descriptor.digest:
        raise _mismatch(reference.at(manifest.descriptor.digest), named)


def check_foreign(manifest: Manifest, refusal: RegistryError) -> None:
    """Raises RegistryError, which no repetition changes, where a registry misses layers alone that stand in none.

    distribution names them so, behind a 500, where it was not told to allow their addresses.
    """
    if not refusal.lacks:
        return
    foreign = {str(blob.digest) for blob in manifest.blobs() if is_foreign_layer(blob.media_type)}
    if foreign.issuperset(refusal.lacks):
        raise RegistryError(
            f"{refusal.message}: it takes no layers that stand in no registry: {', '.join(sorted(set(refusal.lacks)))}",
            where=refusal.where,
            hint="for distribution, let validation.manifests.urls.allow match their `urls`; else take an image without "
            "such layers",
            code="foreign-layer",
            status=400,  # what it means: a 500 is asked again, by this run and by the next
        ) from refusal


def media_type_of(headers: Mapping[str, str]) -> str:
    """The media type without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip()


def _document(raw: bytes) -> Mapping[str, Any] | None:
    try:
        document = json_text.parse(raw)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _type(reference: ImageReference, sent: str, inner: str) -> str:
    """The media type of a manifest that was sent as one and calls itself another; raises RegistryError."""
    if sent in INDEXES | MANIFESTS and inner and inner != sent:
        raise RegistryError(
            f"{reference} was sent as {sent} and calls itself {inner}", where=reference.registry, code="media-type"
        )
    return sent if sent in INDEXES | MANIFESTS else inner or sent


def _refuse_schema1(reference: ImageReference, media_type: str) -> None:
    if media_type in SCHEMA1:
        raise RegistryError(
            f"{reference} is a schema 1 image, which no current runtime pulls by digest",
            where=reference.registry,
            hint="use a newer tag, or have its publisher push it again",
            code="schema1",
        )


def _digest(reference: ImageReference, headers: Mapping[str, str]) -> Digest | None:
    """The digest that an answer names, if it names one."""
    told = headers.get("docker-content-digest", "").strip()
    try:
        return Digest.parse(told) if told else None
    except InvalidReferenceError as error:
        raise RegistryError(f"{reference.registry} names {told[:80]!r} as digest of {reference}: {error}") from error


def _mismatch(reference: ImageReference, found: Digest) -> DigestMismatchError:
    return DigestMismatchError(
        f"{reference} has the digest {found}, not {reference.digest}",
        where=reference.registry,
        hint="a proxy or registry on the way changes content; nothing of it was kept",
    )
