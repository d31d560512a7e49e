"""What the pull quotas of sources leave, by registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from seeder.errors import SeederError
from seeder.model.copy import Copy
from seeder.model.outcome import Deferred, Outcome
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.endpoint import Endpoint


def asked_of(client: Client, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
    """The quota of a source; None where it has none, or does not answer."""
    try:
        return client.quota(reference, fresh=fresh)
    except SeederError:
        return None


def allowed(client: Client, copies: Iterable[Copy]) -> dict[str, Quota]:
    """What the sources of copies allow, by one HEAD each, which is free; a source that fails tells nothing."""
    found: dict[str, Quota] = {}
    asked: set[str] = set()
    for copy in copies:
        source = copy.pin.reference.registry
        if source in asked or not copy.pulls.assumed:
            continue
        asked.add(source)
        quota = asked_of(client, copy.source)
        if quota is not None:
            found[source] = quota
    return found


def seen(client: Client, references: Iterable[ImageReference]) -> dict[str, Quota]:
    """What was seen of each source on the way, by registry; asks nothing."""
    found: dict[str, Quota] = {}
    for reference, endpoint in _endpoints(client, references):
        if (quota := client.quotas.get(endpoint.host)) is not None:
            found.setdefault(reference.registry, quota)
    return dict(sorted(found.items()))


def spent(client: Client, references: Iterable[ImageReference]) -> int:
    """The manifest GETs that the client made at the repositories of references."""
    asked = {(endpoint.host, endpoint.repository) for _, endpoint in _endpoints(client, references)}
    return sum(client.quotas.pulls(*repository) for repository in asked)


def _endpoints(client: Client, references: Iterable[ImageReference]) -> Iterator[tuple[ImageReference, Endpoint]]:
    for reference in references:
        with suppress(SeederError):  # blocked
            yield reference, client.endpoint(reference)


def left(client: Client, outcomes: Iterable[Outcome], before: Mapping[str, Quota]) -> Mapping[str, Quota]:
    """What the sources leave after this run; asked again only where it took something behind our back."""
    found = dict(before)
    took = {outcome.reference.registry: outcome.reference for outcome in outcomes if outcome.pulls}
    asked = took | {o.reference.registry: o.reference for o in outcomes if isinstance(o, Deferred)}
    for source, reference in asked.items():
        unseen = source in took and not client.pulls(reference)
        seen = client.quotas.get(client.endpoint(reference).host)
        quota = asked_of(client, reference, fresh=True) if unseen else seen
        if quota is not None:
            found[source] = quota
    return found
