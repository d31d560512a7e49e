"""Manifests: GET, HEAD, PUT, tags and referrers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from seeder.errors import SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import INDEXES, MANIFESTS, OCI_INDEX, OCI_MANIFEST
from seeder.model.reference import is_valid_tag
from seeder.sandbox.message import Refusal, Request, Response, json_reply, reply
from seeder.sandbox.routes import Route
from seeder.sandbox.storage import Storage

MAX_MANIFEST = 4 << 20
_OCI_ONLY = {OCI_INDEX: "OCI index", OCI_MANIFEST: "OCI manifest"}
_DIGEST = re.compile(r"[a-z0-9]+:")


def digest_of(text: str) -> Digest:
    """Raises Refusal."""
    try:
        return Digest.parse(text)
    except SeederError as error:
        raise Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content", str(error)) from None


def selector_of(text: str) -> str | Digest:
    """A digest, or a tag. Raises Refusal."""
    if _DIGEST.match(text):
        return digest_of(text)
    if not is_valid_tag(text):
        raise Refusal(404, "MANIFEST_UNKNOWN", "manifest unknown", {"Tag": text})
    return text


def get(storage: Storage, request: Request, route: Route) -> Response:
    """GET or HEAD: the exact bytes that were put."""
    selector = selector_of(route.selector)
    manifest = storage.manifest(route.repository, selector)
    if manifest is None:
        raise Refusal(404, "MANIFEST_UNKNOWN", "manifest unknown", {"Tag": str(selector)})
    _check_accept(manifest.descriptor, request.headers.get("accept", ""))
    digest = str(manifest.descriptor.digest)
    headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
    response = reply(200, manifest.raw, manifest.descriptor.media_type)
    response.headers |= headers
    return response


def _check_accept(descriptor: Descriptor, accept: str) -> None:
    """An OCI type must be asked for by name, as in distribution 2.8, which takes no `*/*` for it.

    Docker's types are served to everyone. (distribution converts them to schema 1 or picks a platform for clients
    that do not name them; the sandbox never changes bytes.)
    """
    named = _OCI_ONLY.get(descriptor.media_type)
    accepted = {entry.partition(";")[0].strip() for entry in accept.split(",")}
    if named and descriptor.media_type not in accepted:
        raise Refusal(404, "MANIFEST_UNKNOWN", f"{named} found, but accept header does not support {named}s")


def put(storage: Storage, request: Request, route: Route, *, referrers: bool) -> Response:
    """PUT by tag or digest; refused where a child, config or layer is missing."""
    selector = selector_of(route.selector)
    raw = request.body.read(MAX_MANIFEST)
    if len(raw) > MAX_MANIFEST:
        raise Refusal(400, "MANIFEST_INVALID", "manifest invalid", "manifest is over 4 MiB")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    document = _parse(raw, media_type)
    digest = _digest(raw, selector)
    manifest = Manifest.of(media_type, raw, digest)
    _check_complete(storage, route.repository, manifest)
    storage.put_manifest(route.repository, manifest, selector if isinstance(selector, str) else None)
    headers = {"Location": f"/v2/{route.repository}/manifests/{digest}", "Docker-Content-Digest": str(digest)}
    if referrers and isinstance(document.get("subject"), dict):
        headers["OCI-Subject"] = str(document["subject"].get("digest"))
    return Response(status=201, headers=headers)


def _parse(raw: bytes, media_type: str) -> Mapping[str, Any]:
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise Refusal(400, "MANIFEST_INVALID", "manifest invalid", str(error)) from None
    if not isinstance(document, dict) or media_type not in INDEXES | MANIFESTS:
        raise Refusal(400, "MANIFEST_INVALID", "manifest invalid", f"no manifest of type {media_type!r}")
    if document.get("mediaType", media_type) != media_type:
        raise Refusal(400, "MANIFEST_INVALID", "manifest invalid", f"mediaType is not {media_type!r}")
    return document


def _digest(raw: bytes, selector: str | Digest) -> Digest:
    if isinstance(selector, str):
        return Digest.of(raw)
    if not selector.matches(raw):
        raise Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
    return selector


def _check_complete(storage: Storage, repository: str, manifest: Manifest) -> None:
    try:
        missing = storage.missing(repository, manifest)
    except SeederError as error:
        raise Refusal(400, "MANIFEST_INVALID", "manifest invalid", str(error)) from None
    if missing:
        names = [str(descriptor.digest) for descriptor in missing]
        raise Refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", {"digest": names[0], "all": names})


def tags(storage: Storage, request: Request, route: Route) -> Response:
    """Sorted, `n` at a time from after `last`, with a Link to the rest."""
    found = storage.tags(route.repository)
    if found is None:
        raise Refusal(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": route.repository})
    after = [tag for tag in found if tag > request.parameter("last")]
    count = int(request.parameter("n") or len(after))
    page = after[:count]
    response = json_reply(200, {"name": route.repository, "tags": page})
    if len(after) > count > 0:
        response.headers["Link"] = f'</v2/{route.repository}/tags/list?n={count}&last={page[-1]}>; rel="next"'
    return response


def referrers(storage: Storage, request: Request, route: Route, *, page: int = 0) -> Response:
    """The manifests whose `subject` is a digest, as an index (distribution-spec, "Listing Referrers").

    With `page` so many at a time, with a Link to the rest.
    """
    subject = digest_of(route.selector)
    wanted = request.parameter("artifactType")
    found = [_referrer(manifest) for manifest in storage.manifests(route.repository) if _subject(manifest) == subject]
    listed = [entry for entry in found if not wanted or entry["artifactType"] == wanted]
    start = int(request.parameter("start") or 0)
    end = start + page if page else len(listed)
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed[start:end]}
    headers = {"OCI_Filters_Applied": "artifactType"} if wanted else {}
    if end < len(listed):
        headers["Link"] = f'</v2/{route.repository}/referrers/{subject}?start={end}>; rel="next"'
    return reply(200, json.dumps(index).encode(), OCI_INDEX, **headers)


def _subject(manifest: Manifest) -> Digest | None:
    subject = json.loads(manifest.raw).get("subject")
    return Digest.parse(subject["digest"]) if subject else None


def _referrer(manifest: Manifest) -> dict[str, Any]:
    document = json.loads(manifest.raw)
    fallback = document.get("config", {}).get("mediaType", "")
    return {
        "mediaType": manifest.descriptor.media_type,
        "digest": str(manifest.descriptor.digest),
        "size": manifest.descriptor.size,
        "artifactType": document.get("artifactType") or fallback,
        "annotations": document.get("annotations") or {},
    }
