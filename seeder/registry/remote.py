"""One repository of a registry: its manifests, beside its blobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from seeder.errors import QuotaError, RegistryError
from seeder.model.descriptor import Manifest
from seeder.model.media_type import ACCEPT
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.registry import listing, told
from seeder.registry.blobs import RemoteBlobs
from seeder.registry.calls import Call
from seeder.registry.endpoint import Endpoint
from seeder.registry.mirrors import Mirrors
from seeder.registry.reading import check_length, read_bounded
from seeder.registry.retry import Policy
from seeder.registry.told import Found

# A manifest's GET is charged, and so may its repetition be.
_PULL_ATTEMPTS = 2


class RemoteRepository(RemoteBlobs, frozen=True, eq=False):
    """Thread-safe. `endpoint` may be a mirror's. `client.Client` says what the verbs do and raise."""

    _mirrors: Mirrors

    def look(self, reference: ImageReference) -> Found:
        """What the registry says of a manifest by HEAD; raises as `Client.head_manifest`, save for `no-digest`.

        What is too large to be read is refused here, where it costs no pull.
        """
        call = self._reading("HEAD", reference, f"asking for {reference}")
        found = self._calls.send(call, partial(told.found, reference))
        self._calls.quotas.heard(self.endpoint.host)
        check_length(found.size, self._calls.limits.manifest, f"the manifest of {reference}")
        return found

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        return self._mirrors.of(reference)

    def pull(self, reference: ImageReference) -> Manifest:
        """The manifest's bytes from here alone; raises as `Client.get_manifest`."""
        host, quotas, ours = self.endpoint.host, self._calls.quotas, self._calls.policy
        if quotas.is_spent(host):
            raise QuotaError(
                f"{reference} was not asked for: the pull quota of {host} is spent",
                where=host,
                hint="run again later, or log in for a higher quota",
            )
        call = self._reading("GET", reference, f"reading the manifest of {reference}")

        def read() -> Manifest:
            answer = self._calls.once(call)
            quotas.pulled(host, self.endpoint.repository)
            raw = read_bounded(answer, self._calls.limits.manifest, f"the manifest of {reference}")
            return told.manifest(reference, raw, answer.headers)

        return Policy(attempts=min(_PULL_ATTEMPTS, ours.attempts), first=ours.first, sleep=ours.sleep).call(read)

    def _reading(self, method: str, reference: ImageReference, doing: str) -> Call:
        return Call(
            method=method,
            endpoint=self.endpoint,
            path=f"manifests/{reference.selector}",
            doing=doing,
            headers={"Accept": ACCEPT},
        )

    def put_manifest(self, reference: ImageReference, manifest: Manifest) -> bool | None:
        """Asks once. Whether the registry said that it lists the manifest under its subject; None where it has none."""
        selector = reference.tag or str(manifest.descriptor.digest)
        call = Call(
            method="PUT",
            endpoint=self.endpoint,
            path=f"manifests/{selector}",
            doing=f"writing the manifest of {reference}",
            actions="pull,push",
            headers={"Content-Type": manifest.descriptor.media_type},
            body=manifest.raw,
            expected=frozenset({200, 201, 202}),
            read_timeout=self._calls.limits.upload,
        )
        try:
            answer = self._calls.once(call)
        except RegistryError as error:
            # Bytes whose digest is known cannot be invalid: distribution says so while another client puts the same.
            if error.code == "digest-invalid":
                raise RegistryError(error.message, where=error.where, code=error.code, status=503) from error
            told.check_foreign(manifest, error)
            raise
        told.check_stored(reference, manifest, answer)
        return "oci-subject" in answer.headers if b'"subject"' in manifest.raw else None

    def referrers(self, reference: ImageReference) -> list[Mapping[str, Any]] | None:
        return listing.referrers(self._calls, self.endpoint, reference)

    def quota(self, reference: ImageReference, *, fresh: bool = False) -> Quota | None:
        host, quotas = self.endpoint.host, self._calls.quotas
        if fresh:
            quotas.refresh(host)
        if not quotas.is_known(host):
            self.look(reference)
        return quotas.get(host)
