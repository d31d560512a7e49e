"""The verbs of the distribution spec, with references and manifests as values. One client a run; thread-safe."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from urllib3.response import BaseHTTPResponse

from seeder.errors import (
    DigestMismatchError,
    InvalidReferenceError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
)
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import ACCEPT, INDEXES, MANIFESTS, OCI_INDEX, SCHEMA1
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry import config, credentials, tls
from seeder.registry.auth import Authorizer
from seeder.registry.blobs import Blobs
from seeder.registry.calls import Call, Calls
from seeder.registry.config import RegistriesConf
from seeder.registry.credentials import Credentials
from seeder.registry.endpoint import Endpoint
from seeder.registry.quotas import Quotas
from seeder.registry.reading import read_bounded
from seeder.registry.retry import Policy
from seeder.registry.transport import Limits, Origin, Transport, discard, joined

# A manifest's GET is charged, and so may its repetition be.
_PULL_ATTEMPTS = 2
_PAGES = 100
# Without the API, registries answer 404, and some of them 400, 405 or 501.
_REFERRERS = frozenset({200, 400, 404, 405, 501})
_NEXT = re.compile(r"""<([^>]*)>\s*;\s*rel="?next"?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a HEAD said: `digest` is None where the registry did not send one."""

    media_type: str
    digest: Digest | None
    size: int


class Client:
    """See the module.

    `insecure_hosts` are targets that the catalog calls insecure; `environment` names proxies and CAs. `blobs` has the
    verbs for blobs.
    """

    def __init__(
        self,
        sources: RegistriesConf,
        logins: Credentials,
        *,
        insecure_hosts: Collection[str] = (),
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.policy = policy or Policy()
        self.quotas = Quotas()
        self._sources = sources
        self._insecure = frozenset(insecure_hosts)
        transport = Transport(tls.load(environment or {}), self.limits, environment or {})
        authorizer = Authorizer(transport, logins, self.policy)
        self._calls = Calls(transport, authorizer, self.quotas, self.policy)
        self._endpoints: dict[str, Endpoint] = {}
        self._keeping: dict[tuple[str, Digest | None], bool] = {}
        self.blobs = Blobs(self._calls, self.endpoint)

    @classmethod
    def load(
        cls,
        environment: Mapping[str, str],
        *,
        insecure_hosts: Collection[str] = (),
        limits: Limits | None = None,
        policy: Policy | None = None,
    ) -> Self:
        """A client with what the environment names: registries.conf, auth files, certificates, proxies.

        Raises DocumentError, FileError.
        """
        return cls(
            config.load(environment),
            credentials.load(environment),
            insecure_hosts=insecure_hosts,
            environment=environment,
            limits=limits,
            policy=policy,
        )

    def endpoint(self, reference: ImageReference) -> Endpoint:
        """Where a reference's requests go; raises DeniedError where registries.conf blocks it."""
        name = reference.name
        found = self._endpoints.get(name)
        if found is None:
            found = self._sources.endpoint(reference)
            if reference.registry in self._insecure and not found.insecure:
                found = Endpoint(host=found.host, repository=found.repository, insecure=True, name=found.name)
            self._endpoints[name] = found
        return found

    def expect(self, references: Iterable[ImageReference]) -> None:
        """Announces what will be pulled, so that one token serves several repositories. Asks nothing."""
        endpoints = []
        for reference in references:
            with suppress(SeederError):  # each says what is wrong when it is asked for
                endpoints.append(self.endpoint(reference))
        self._calls.expect(endpoints)

    def base(self, reference: ImageReference) -> str:
        """`scheme://host[:port]` of a reference's registry; an insecure one is asked whether it speaks TLS."""
        return self._calls.base(self.endpoint(reference))

    def authorization(
        self, reference: ImageReference, actions: str = "pull", *, asked: str = "", sent: str = ""
    ) -> str:
        """The header for a reference's repository, as far as the registry was asked before.

        After a 401: `asked` is its challenge, `sent` what was refused; empty where there is nothing new to send.
        """
        return self._calls.authorization(self.endpoint(reference), actions, asked=asked, sent=sent)

    def refusal(self, reference: ImageReference, answer: BaseHTTPResponse, doing: str, actions: str) -> SeederError:
        """What an answer means that another client of the same registry got, and that is no success."""
        call = Call(method="", endpoint=self.endpoint(reference), doing=doing, actions=actions)
        return self._calls.failure(call, answer)

    def head_manifest(self, reference: ImageReference) -> Descriptor:
        """Digest, media type and size of a manifest, without a pull.

        Raises MissingError, DeniedError, ThrottledError, UnreachableError; RegistryError with code `no-digest` where
        the registry tells no digest, `schema1` for schema 1.
        """
        found = self.look(reference)
        digest = found.digest or reference.digest
        if digest is None:
            raise RegistryError(
                f"{reference.registry} tells no digest of {reference} without a pull",
                where=reference.registry,
                hint="`pin --read-manifests` reads the manifest instead, which costs one pull",
                code="no-digest",
            )
        return Descriptor(media_type=found.media_type, digest=digest, size=found.size)

    def look(self, reference: ImageReference) -> Found:
        """What the registry itself says of a manifest by HEAD; raises as `head_manifest`, save for `no-digest`."""
        call = Call(
            method="HEAD",
            endpoint=self.endpoint(reference),
            path=f"manifests/{reference.selector}",
            doing=f"asking for {reference}",
            headers={"Accept": ACCEPT},
        )
        found = self._calls.send(call, partial(_found, reference))
        self.quotas.heard(call.endpoint.host)
        return found

    def find_manifest(self, reference: ImageReference) -> Descriptor | None:
        """As `head_manifest`, None where it is not there."""
        try:
            return self.head_manifest(reference)
        except MissingError:
            return None

    def get_manifest(self, reference: ImageReference, *, mirrors: bool = True) -> Manifest:
        """The manifest's bytes, checked against the reference's digest where it has one. At a source, one pull.

        Mirrors of registries.conf are asked first where there is a digest. Raises as `head_manifest`, and
        DigestMismatchError; QuotaError before asking a source that said its quota is spent.
        """
        own = self.endpoint(reference)
        for mirror in self._sources.mirrors(reference) if mirrors and reference.digest else ():
            try:
                return self._pull(reference, mirror)
            except SeederError:
                continue  # a mirror is a convenience: the registry itself has the last word
        return self._pull(reference, own)

    def _pull(self, reference: ImageReference, endpoint: Endpoint) -> Manifest:
        if self.quotas.is_spent(endpoint.host):
            raise QuotaError(
                f"{reference} was not asked for: the pull quota of {endpoint.host} is spent",
                where=endpoint.host,
                hint="run again later, or log in for a higher quota",
            )
        call = Call(
            method="GET",
            endpoint=endpoint,
            path=f"manifests/{reference.selector}",
            doing=f"reading the manifest of {reference}",
            headers={"Accept": ACCEPT},
        )
        policy = Policy(
            attempts=min(_PULL_ATTEMPTS, self.policy.attempts), first=self.policy.first, sleep=self.policy.sleep
        )

        def read(answer: BaseHTTPResponse) -> Manifest:
            raw = read_bounded(answer, self.limits.manifest, f"the manifest of {reference}")
            return _manifest(reference, raw, answer.headers)

        return policy.call(lambda: self._counted(call, read, endpoint.host))

    def _counted(self, call: Call, read: Callable[[BaseHTTPResponse], Manifest], host: str) -> Manifest:
        answer = self._calls.once(call)
        self.quotas.pulled(host)
        return read(answer)

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None:
        """What the referrers API lists for the reference's digest, all pages; None where there is no such API.

        Raises RegistryError with code `referrers` for a list that leads elsewhere, or on and on.
        """
        entries: list[Mapping[str, Any]] = []
        endpoint, url = self.endpoint(reference), ""
        here = f"{self._calls.base(endpoint)}/v2/{endpoint.repository}/referrers/{reference.digest}"
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
            page = self._calls.send(call, partial(_page, reference, self.limits.manifest))
            if page is None:
                return None
            entries += page.entries
            if not page.following:
                return entries
            url = joined(url or here, page.following)
            if Origin.of(url) != Origin.of(here):
                raise _endless(reference, f"goes on at another host ({Origin.of(url).netloc})")
        raise _endless(reference, f"has no end after {_PAGES} pages")

    def put_manifest(self, reference: ImageReference, manifest: Manifest) -> None:
        """Stores a manifest under the reference's tag, or its digest where it has no tag.

        After a failure whose effect is not known, the registry is asked whether it is there. Raises
        DigestMismatchError where the registry names another digest, RegistryError with code `manifest-blob-unknown`
        where it misses a layer or child.
        """
        selector = reference.tag or str(manifest.descriptor.digest)
        call = Call(
            method="PUT",
            endpoint=self.endpoint(reference),
            path=f"manifests/{selector}",
            doing=f"writing the manifest of {reference}",
            actions="pull,push",
            headers={"Content-Type": manifest.descriptor.media_type},
            body=manifest.raw,
            expected=frozenset({200, 201, 202}),
            read_timeout=self.limits.upload,
        )
        has_subject = b'"subject"' in manifest.raw

        def read(answer: BaseHTTPResponse) -> None:
            _stored(reference, manifest, answer)
            if has_subject:
                self._keeping[reference.name, manifest.descriptor.digest] = "oci-subject" in answer.headers

        self._calls.send(call, read)

    def keeps_list(self, reference: ImageReference) -> bool | None:
        """Whether the registry said, as it took the manifest of the reference's digest, that it lists it under its
        subject; None where this client put no such manifest.
        """
        return self._keeping.get((reference.name, reference.digest))

    def head_blob(self, reference: ImageReference, digest: Digest) -> int | None:
        """A blob's size in bytes; None where the repository has no such blob."""
        return self.blobs.size(reference, digest)

    def has_repository(self, reference: ImageReference) -> bool | None:
        """Whether there is such a repository, from its tag list, which is no pull; None where it cannot be told."""
        call = Call(
            method="GET",
            endpoint=self.endpoint(reference),
            path="tags/list?n=1",
            doing=f"listing tags of {reference.name}",
            expected=frozenset({200, 404}),
        )
        try:
            return self._calls.send(call, lambda answer: (discard(answer), answer.status == 200)[1])
        except RegistryError:
            return None

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
        """The quota of a reference's source: as last seen, else (or if `fresh`) by a HEAD, which is free.

        None where there is no limit. Raises as `head_manifest`.
        """
        host = self.endpoint(reference).host
        if fresh:
            self.quotas.refresh(host)
        if not self.quotas.is_known(host):
            self.look(reference)
        return self.quotas.get(host)

    def pulls(self, reference: ImageReference) -> int:
        """Manifest GETs that this client made at a reference's source; another program's are not known here."""
        return self.quotas.pulls(self.endpoint(reference).host)

    def close(self) -> None:
        self._calls.transport.close()


def _found(reference: ImageReference, answer: BaseHTTPResponse) -> Found:
    discard(answer)
    media_type = _media_type(answer.headers)
    _refuse_schema1(reference, media_type)
    told = answer.headers.get("docker-content-digest", "").strip()
    digest = _digest(reference, told) if told else None
    if digest and reference.digest and digest != reference.digest:
        raise _mismatch(reference, digest)
    length = answer.headers.get("content-length", "")
    return Found(media_type=media_type, digest=digest, size=int(length) if length.isdigit() else 0)


@dataclass(frozen=True, slots=True)
class _Page:
    entries: list[Mapping[str, Any]]
    following: str


def _page(reference: ImageReference, limit: int, answer: BaseHTTPResponse) -> _Page | None:
    if answer.status != 200 or _media_type(answer.headers) != OCI_INDEX:
        discard(answer)
        return None
    try:
        entries = json.loads(read_bounded(answer, limit, f"the referrers of {reference}"))["manifests"] or []
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"the referrers of {reference} are malformed: {error}", where=reference.registry) from error
    following = _NEXT.search(answer.headers.get("link", ""))
    return _Page(list(entries), following[1] if following else "")


def _endless(reference: ImageReference, why: str) -> RegistryError:
    return RegistryError(
        f"the list of what refers to {reference} {why}: refused", where=reference.registry, code="referrers"
    )


def _manifest(reference: ImageReference, raw: bytes, headers: Mapping[str, str]) -> Manifest:
    media_type = _media_type(headers)
    _refuse_schema1(reference, media_type)
    inner = _inner_type(reference, raw)
    if media_type not in INDEXES | MANIFESTS and inner:
        media_type = inner
    elif inner and inner != media_type:
        raise RegistryError(
            f"{reference} was sent as {media_type} and calls itself {inner}",
            where=reference.registry,
            code="media-type",
        )
    digest = Digest.of(raw)
    if reference.digest is not None:
        if not reference.digest.matches(raw):
            raise _mismatch(reference, digest)
        digest = reference.digest
    elif told := headers.get("docker-content-digest", "").strip():
        named = _digest(reference, told)
        if not named.matches(raw):
            raise _mismatch(reference.at(named), digest)
        digest = named
    return Manifest(descriptor=Descriptor(media_type=media_type, digest=digest, size=len(raw)), raw=raw)


def _stored(reference: ImageReference, manifest: Manifest, answer: BaseHTTPResponse) -> None:
    discard(answer)
    told = answer.headers.get("docker-content-digest", "").strip()
    if told and _digest(reference, told) != manifest.descriptor.digest:
        raise _mismatch(reference.at(manifest.descriptor.digest), _digest(reference, told))


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip()


def _inner_type(reference: ImageReference, raw: bytes) -> str:
    try:
        document = json.loads(raw)
        if document.get("schemaVersion") == 1:
            _refuse_schema1(reference, next(iter(SCHEMA1)))
        return str(document.get("mediaType") or "")
    except (ValueError, AttributeError, RecursionError) as error:
        raise RegistryError(f"the manifest of {reference} is no JSON object", where=reference.registry) from error


def _refuse_schema1(reference: ImageReference, media_type: str) -> None:
    if media_type in SCHEMA1:
        raise RegistryError(
            f"{reference} is a schema 1 image, which no current runtime pulls by digest",
            where=reference.registry,
            hint="use a newer tag, or have its publisher push it again",
            code="schema1",
        )


def _digest(reference: ImageReference, told: str) -> Digest:
    try:
        return Digest.parse(told)
    except InvalidReferenceError as error:
        raise RegistryError(f"{reference.registry} names {told[:80]!r} as digest of {reference}: {error}") from error


def _mismatch(reference: ImageReference, found: Digest) -> DigestMismatchError:
    return DigestMismatchError(
        f"{reference} has the digest {found}, not {reference.digest}",
        where=reference.registry,
        hint="a proxy or registry on the way changes content; nothing of it was kept",
    )
