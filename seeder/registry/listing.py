"""The referrers API (distribution-spec, listing referrers), page after page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import Struct
from urllib3.response import BaseHTTPResponse

from seeder import json_text
from seeder.errors import RegistryError
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.reference import ImageReference
from seeder.registry.addresses import Origin, joined
from seeder.registry.calls import Call, Calls
from seeder.registry.endpoint import Endpoint
from seeder.registry.reading import discard, read_bounded
from seeder.registry.told import media_type_of

Entry = Mapping[str, Any]  # a descriptor, as it was sent
_PAGES = 100
# Without the API, registries answer 404, and some of them 400, 405 or 501.
_REFERRERS = frozenset({200, 400, 404, 405, 501})
_NEXT = re.compile(r"""<([^>]*)>\s*;\s*rel="?next"?""")


def referrers(calls: Calls, endpoint: Endpoint, reference: ImageReference) -> list[Entry] | None:
    """What the referrers API lists for the reference's digest, all pages; None where there is no such API.

    Raises RegistryError with code `referrers` for a list that leads elsewhere, or on and on.
    """
    entries: list[Entry] = []
    url = ""
    here = f"{calls.base(endpoint)}/v2/{endpoint.repository}/referrers/{reference.digest}"
    for _ in range(_PAGES):
        call = Call(
            method="GET",
            endpoint=endpoint,
            path=f"referrers/{reference.digest}",
            url=url,
            doing=f"asking what refers to {reference}",
            headers={"Accept": OCI_INDEX},
            expected=_REFERRERS,
        )
        page = calls.send(call, partial(_page, reference, calls.limits.manifest))
        if page is None:
            return None
        entries += page.entries
        if not page.following:
            return entries
        url = joined(url or here, page.following)
        if Origin.of(url) != Origin.of(here):
            raise _endless(reference, f"goes on at another host ({Origin.of(url).netloc})")
    raise _endless(reference, f"has no end after {_PAGES} pages")


class _Page(Struct, frozen=True):
    entries: list[Entry]
    following: str


def _page(reference: ImageReference, limit: int, answer: BaseHTTPResponse) -> _Page | None:
    if answer.status != 200 or media_type_of(answer.headers) != OCI_INDEX:
        discard(answer)
        return None
    entries = entries_of(read_bounded(answer, limit, f"the referrers of {reference}"), reference)
    following = _NEXT.search(answer.headers.get("link", ""))
    return _Page(entries, following[1] if following else "")


def entries_of(index: bytes, reference: ImageReference) -> list[Entry]:
    """What an index lists as referring to a reference, each with its digest. Raises RegistryError."""
    try:
        entries = list(json_text.parse(index)["manifests"] or ())
        for entry in entries:
            Digest.parse(entry["digest"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(f"the referrers of {reference} are malformed: {error}", where=reference.registry) from error
    return entries


def _endless(reference: ImageReference, why: str) -> RegistryError:
    return RegistryError(
        f"the list of what refers to {reference} {why}: refused", where=reference.registry, code="referrers"
    )
