"""One file as an artifact: its bytes, and what registries do that should not."""

from __future__ import annotations

import json

import pytest

from seeder.artifacts.storing import File, Storer, packed
from seeder.errors import DigestMismatchError, RegistryError, SeederError, UnreachableError
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.sandbox import Action, Sandbox
from tests.fixtures.faults import Fault, Kind
from tests.registry.scripted import Reply, Request, scripted

FILE = File(kind="application/vnd.acme.list.v1+yaml", media_type="application/yaml", name="a.yaml", data=b"a: 1\n")


def test_the_bytes_are_those_of_the_specification_and_stay() -> None:
    """With no clock and no place in them, so that they may be kept for ever; another digest is another artifact."""
    manifest = packed(FILE)
    assert manifest.descriptor.digest == Digest.of(manifest.raw)
    assert json.loads(manifest.raw) == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": FILE.kind,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": str(Digest.of(b"{}")), "size": 2},
        "layers": [
            {
                "mediaType": "application/yaml",
                "digest": str(Digest.of(FILE.data)),
                "size": 5,
                "annotations": {"org.opencontainers.image.title": "a.yaml"},
            }
        ],
    }
    assert manifest.descriptor.digest.short == "bda541e39343"


def store(address: str, seconds: float = 60) -> bool:
    client = Client(Sources.load({}), insecure_hosts=[address], policy=Policy(attempts=2, sleep=lambda _: None))
    place = ImageReference(address, "acme/lists")
    return Storer(client=client, environment={}, seconds=seconds).store(place, FILE, "one", "latest")


def test_what_a_failure_left_undone_is_done_by_the_next_run() -> None:
    with Sandbox(token_auth=False) as sandbox:
        sandbox.inject(Fault(kind=Kind.STATUS, status=403, action=Action.MANIFEST_PUT, path="latest"))
        with pytest.raises(SeederError):
            store(sandbox.address)
        assert sandbox.tags(f"{sandbox.address}/acme/lists") == ["one"]
        assert store(sandbox.address)
        assert not store(sandbox.address)
        assert sandbox.tags(f"{sandbox.address}/acme/lists") == ["latest", "one"]


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (Fault(kind=Kind.WRONG_DIGEST, action=Action.MANIFEST_PUT, times=None), DigestMismatchError, "digest-mismatch"),
        (Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None), RegistryError, "registry"),
        (Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT, times=None), RegistryError, "registry"),
        (Fault(kind=Kind.REDIRECT_LOOP, action=Action.UPLOAD_POST, times=None), RegistryError, "redirects"),
        (Fault(kind=Kind.SLOW, action=Action.MANIFEST_HEAD, times=None, amount=0.2), UnreachableError, "timeout"),
        (Fault(kind=Kind.SLOW, action=Action.MANIFEST_PUT, times=None, amount=0.2), UnreachableError, "timeout"),
    ],
)
def test_failures_are_told_as_our_own(fault: Fault, error: type[SeederError], code: str) -> None:
    with Sandbox(token_auth=False) as sandbox:
        sandbox.inject(fault)
        with pytest.raises(error) as caught:
            store(sandbox.address, seconds=0.5 if fault.kind is Kind.SLOW else 60)
        assert caught.value.code == code


@pytest.mark.parametrize("location", ["", "http://", "ftp://x/y", "http://[bad/x"])
def test_an_upload_without_an_address_is_the_registrys_fault(location: str) -> None:
    def registry(request: Request) -> Reply:
        if request.path == "/v2/":
            return Reply()
        if request.method == "HEAD":
            return Reply(status=404)
        return Reply(status=202, headers={"Location": location} if location else {})

    with scripted(registry) as server, pytest.raises(RegistryError) as caught:
        store(server.address)
    assert "storing a.yaml in" in str(caught.value)
