"""What the pull quotas of sources leave, by registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seeder.errors import SeederError
from seeder.model.copy import Copy
from seeder.model.outcome import Deferred, Outcome
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.run.session import Session


def asked_of(session: Session, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
    """The quota of a source; None where it has none, or does not answer."""
    try:
        return session.client.quota(reference, fresh=fresh)
    except SeederError:
        return None


def allowed(session: Session, copies: Iterable[Copy]) -> dict[str, Quota]:
    """What the sources of copies allow, by one HEAD each, which is free; a source that fails tells nothing."""
    found: dict[str, Quota] = {}
    asked: set[str] = set()
    for copy in copies:
        source = copy.pin.reference.registry
        if source in asked or not copy.pulls.assumed:
            continue
        asked.add(source)
        quota = asked_of(session, copy.source)
        if quota is not None:
            found[source] = quota
    return found


def spent(session: Session, references: Iterable[ImageReference]) -> int:
    """The manifest GETs that the client made at the repositories of references."""
    asked = {repository for reference in references if (repository := _repository(session, reference))}
    return sum(session.client.quotas.pulls(*repository) for repository in asked)


def _repository(session: Session, reference: ImageReference) -> tuple[str, str] | None:
    try:
        endpoint = session.client.endpoint(reference)
    except SeederError:  # blocked
        return None
    return endpoint.host, endpoint.repository


def left(session: Session, outcomes: Iterable[Outcome], before: Mapping[str, Quota]) -> Mapping[str, Quota]:
    """What the sources leave after this run; asked again only where it took something behind our back."""
    found = dict(before)
    took = {outcome.reference.registry: outcome.reference for outcome in outcomes if outcome.pulls}
    asked = took | {o.reference.registry: o.reference for o in outcomes if isinstance(o, Deferred)}
    for source, reference in asked.items():
        unseen = source in took and not session.client.pulls(reference)
        seen = session.client.quotas.get(session.client.endpoint(reference).host)
        quota = asked_of(session, reference, fresh=True) if unseen else seen
        if quota is not None:
            found[source] = quota
    return found
