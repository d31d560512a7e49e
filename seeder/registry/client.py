"""The verbs of the distribution spec, with references and manifests as values. One client a run; thread-safe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from msgspec.structs import replace
from urllib3.response import BaseHTTPResponse

from seeder.errors import MissingError, RegistryError, SeederError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry import tls
from seeder.registry.auth import Authorizer
from seeder.registry.calls import Call, Calls
from seeder.registry.endpoint import Endpoint
from seeder.registry.mirrors import Mirrors
from seeder.registry.quotas import Quotas
from seeder.registry.remote import RemoteRepository
from seeder.registry.repository import Blobs, Elsewhere, Repository
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits, Transport


class Client:
    """See the module.

    `insecure_hosts` are targets that the catalog calls insecure. `elsewhere` knows the names behind which no registry
    stands; it is the client's, and closed with it.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        insecure_hosts: Collection[str] = (),
        limits: Limits | None = None,
        policy: Policy | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.policy = policy or Policy()
        self.quotas = Quotas()
        self._conf = sources.conf
        self._mirrors = Mirrors(sources.conf)
        self._insecure = frozenset(insecure_hosts)
        transport = Transport(tls.load(sources.environment), self.limits, sources.environment)
        authorizer = Authorizer(transport, sources.credentials, self.policy)
        self._calls = Calls(transport, authorizer, self.quotas, self.policy)
        self._elsewhere = elsewhere
        self._repositories: dict[str, Repository] = {}
        self._keeping: dict[tuple[str, Digest | None], bool] = {}

    def _at(self, reference: ImageReference) -> Repository:
        """What stands behind a reference's name."""
        name = reference.name
        found = self._repositories.get(name)
        if found is None:
            found = self._elsewhere.repository(reference) if self._elsewhere is not None else None
            found = self._repositories[name] = found or self._remote(reference)
        return found

    def _remote(self, reference: ImageReference) -> RemoteRepository:
        endpoint = self._conf.endpoint(reference)
        if reference.registry in self._insecure:
            endpoint = replace(endpoint, insecure=True)
        return RemoteRepository(self._calls, endpoint, self._mirrors)

    def endpoint(self, reference: ImageReference) -> Endpoint:
        """Where a reference's requests go; raises DeniedError where registries.conf blocks it."""
        return self._at(reference).endpoint

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
        found = self._at(reference).look(reference)
        digest = found.digest or reference.digest
        if digest is None:
            raise RegistryError(
                f"{reference.registry} tells no digest of {reference} without a pull",
                where=reference.registry,
                hint="`pin --read-manifests` reads the manifest instead, which costs one pull",
                code="no-digest",
            )
        return Descriptor(media_type=found.media_type, digest=digest, size=found.size)

    def find_manifest(self, reference: ImageReference) -> Descriptor | None:
        """As `head_manifest`, None where it is not there."""
        try:
            return self.head_manifest(reference)
        except MissingError:
            return None

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        """The mirrors that may be asked for what the reference's digest names, in order; none that has failed."""
        return self._at(reference).mirrors(reference)

    def mirror_failed(self, mirror: Endpoint, error: SeederError) -> None:
        """Has a mirror asked no more, where the error is the mirror's own."""
        self._mirrors.failed(mirror, error)

    def get_manifest(self, reference: ImageReference, *, mirrors: bool = True) -> Manifest:
        """The manifest's bytes, checked against the reference's digest where it has one. At a source, one pull.

        Mirrors of registries.conf are asked first where there is a digest. Raises as `head_manifest`, and
        DigestMismatchError; QuotaError before asking a source that said its quota is spent.
        """
        repository = self._at(reference)
        for mirror in repository.mirrors(reference) if mirrors and reference.digest else ():
            try:
                return RemoteRepository(self._calls, mirror, self._mirrors).pull(reference)
            except SeederError as error:  # the registry itself has the last word
                self.mirror_failed(mirror, error)
        return repository.pull(reference)

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None:
        """What the referrers API lists for the reference's digest, all pages; None where there is no such API.

        Raises RegistryError with code `referrers` for a list that leads elsewhere, or on and on.
        """
        return self._at(reference).referrers(reference)

    def put_manifest(self, reference: ImageReference, manifest: Manifest, policy: Policy | None = None) -> None:
        """Stores a manifest under the reference's tag, or its digest where it has no tag.

        Raises DigestMismatchError where the registry names another digest, RegistryError with code
        `manifest-blob-unknown` where it misses a layer or child.
        """
        repository = self._at(reference)
        lists = (policy or self.policy).call(lambda: repository.put_manifest(reference, manifest))
        if lists is not None:
            self._keeping[reference.name, manifest.descriptor.digest] = lists

    def keeps_list(self, reference: ImageReference) -> bool | None:
        """Whether the registry said, as it took the manifest of the reference's digest, that it lists it under its
        subject; None where this client put no such manifest.
        """
        return self._keeping.get((reference.name, reference.digest))

    def blobs(self, reference: ImageReference, mirror: Endpoint | None = None) -> Blobs:
        """The blobs of a reference's repository, or of a mirror of it; raises as `endpoint`."""
        return self._at(reference) if mirror is None else RemoteRepository(self._calls, mirror, self._mirrors)

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
        """The quota of a reference's source: as last seen, else (or if `fresh`) by a HEAD, which is free.

        None where there is no limit. Raises as `head_manifest`.
        """
        return self._at(reference).quota(reference, fresh=fresh)

    def is_unlimited(self, reference: ImageReference) -> bool:
        """Whether a reference's source was heard already, and told no quota."""
        host = self.endpoint(reference).host
        return self.quotas.is_known(host) and self.quotas.get(host) is None

    def pulls(self, reference: ImageReference) -> int:
        """Manifest GETs that this client made at a reference's repository; another program's are not known here."""
        endpoint = self.endpoint(reference)
        return self.quotas.pulls(endpoint.host, endpoint.repository)

    def close(self) -> None:
        """Raises FileError where a folder cannot be written to the end."""
        try:
            if self._elsewhere is not None:
                self._elsewhere.close()
        finally:
            self._calls.transport.close()
