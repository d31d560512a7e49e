"""The verbs of the distribution spec, with references and manifests as values. One client a run; thread-safe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Self

from urllib3.response import BaseHTTPResponse

from seeder.errors import MissingError, QuotaError, RegistryError, SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import ACCEPT
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry import config, credentials, listing, tls, told
from seeder.registry.auth import Authorizer
from seeder.registry.blobs import Blobs
from seeder.registry.calls import Call, Calls
from seeder.registry.config import RegistriesConf
from seeder.registry.credentials import Credentials
from seeder.registry.endpoint import Endpoint
from seeder.registry.mirrors import Mirrors
from seeder.registry.quotas import Quotas
from seeder.registry.reading import read_bounded
from seeder.registry.retry import Policy
from seeder.registry.told import Found
from seeder.registry.transport import Limits, Transport

# A manifest's GET is charged, and so may its repetition be.
_PULL_ATTEMPTS = 2


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
        self._mirrors = Mirrors(sources)
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
        found = self._calls.send(call, partial(told.found, reference))
        self.quotas.heard(call.endpoint.host)
        return found

    def find_manifest(self, reference: ImageReference) -> Descriptor | None:
        """As `head_manifest`, None where it is not there."""
        try:
            return self.head_manifest(reference)
        except MissingError:
            return None

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        """The mirrors that may be asked for what the reference's digest names, in order; none that has failed."""
        return self._mirrors.of(reference)

    def mirror_failed(self, mirror: Endpoint, error: SeederError) -> None:
        """Has a mirror asked no more, where the error is the mirror's own."""
        self._mirrors.failed(mirror, error)

    def get_manifest(self, reference: ImageReference, *, mirrors: bool = True) -> Manifest:
        """The manifest's bytes, checked against the reference's digest where it has one. At a source, one pull.

        Mirrors of registries.conf are asked first where there is a digest. Raises as `head_manifest`, and
        DigestMismatchError; QuotaError before asking a source that said its quota is spent.
        """
        own = self.endpoint(reference)
        for mirror in self.mirrors(reference) if mirrors and reference.digest else ():
            try:
                return self._pull(reference, mirror)
            except SeederError as error:  # the registry itself has the last word
                self.mirror_failed(mirror, error)
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
            return told.manifest(reference, raw, answer.headers)

        return policy.call(lambda: self._counted(call, read, endpoint.host))

    def _counted(self, call: Call, read: Callable[[BaseHTTPResponse], Manifest], host: str) -> Manifest:
        answer = self._calls.once(call)
        self.quotas.pulled(host)
        return read(answer)

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None:
        """What the referrers API lists for the reference's digest, all pages; None where there is no such API.

        Raises RegistryError with code `referrers` for a list that leads elsewhere, or on and on.
        """
        return listing.referrers(self._calls, self.endpoint(reference), reference, self.limits.manifest)

    def put_manifest(self, reference: ImageReference, manifest: Manifest, policy: Policy | None = None) -> None:
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
            told.check_stored(reference, manifest, answer)
            if has_subject:
                self._keeping[reference.name, manifest.descriptor.digest] = "oci-subject" in answer.headers

        (policy or self.policy).call(lambda: self._stored(call, read))

    def _stored(self, call: Call, read: Callable[[BaseHTTPResponse], None]) -> None:
        """Bytes whose digest is known cannot be invalid: distribution says so while another client puts the same."""
        try:
            read(self._calls.once(call))
        except RegistryError as error:
            if error.code == "digest-invalid":
                raise RegistryError(error.message, where=error.where, code=error.code, status=503) from error
            raise

    def keeps_list(self, reference: ImageReference) -> bool | None:
        """Whether the registry said, as it took the manifest of the reference's digest, that it lists it under its
        subject; None where this client put no such manifest.
        """
        return self._keeping.get((reference.name, reference.digest))

    def head_blob(self, reference: ImageReference, digest: Digest) -> int | None:
        """A blob's size in bytes; None where the repository has no such blob."""
        return self.blobs.size(reference, digest)

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
