"""The client against a real distribution registry."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seeder.errors import DigestMismatchError, MissingError, RegistryError, UnreachableError
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits
from tests.fixtures.distribution import Distribution
from tests.registry.images import image, index, manifest_of, push_blob, push_image

ABSENT = Digest.of(b"absent")


def at(registry: Distribution, rest: str) -> ImageReference:
    return ImageReference.parse(f"{registry.address}/{rest}")


def client_for(registry: Distribution, **options: object) -> Client:
    return Client(Sources(), insecure_hosts=[registry.address], **options)


@pytest.fixture
def client(docker_registry: Distribution) -> Client:
    return client_for(docker_registry)


def test_a_manifest_comes_back_as_it_went(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app:1.0")
    manifest = push_image(client, reference)
    assert client.head_manifest(reference) == manifest.descriptor
    assert client.get_manifest(reference) == manifest
    assert client.get_manifest(reference.at(manifest.descriptor.digest)) == manifest


def test_heads_are_no_pulls_and_gets_are(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app:1.0")
    push_image(client, reference)
    client.head_manifest(reference)
    assert client.quotas.pulls() == 0
    client.get_manifest(reference)
    assert client.quotas.pulls() == client.pulls(reference) == 1
    assert client.pulls(at(docker_registry, "acme/other:1.0")) == 0


def test_what_is_not_there(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app:1.0")
    assert client.find_manifest(reference) is None
    push_image(client, reference)
    with pytest.raises(MissingError, match=r"acme/app:2.0: MANIFEST_UNKNOWN: manifest unknown \(404\)") as caught:
        client.get_manifest(at(docker_registry, "acme/app:2.0"))
    assert caught.value.hint == "the repository has no such tag"
    for ask in (client.get_manifest, client.head_manifest):  # an answer to HEAD has no words of the registry
        with pytest.raises(MissingError) as gone:
            ask(at(docker_registry, f"acme/app:1.0@{Digest.of(b'gone')}"))
        assert "`seeder pin --update`" in gone.value.hint


def test_an_index_needs_its_children(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/multi:1.0")
    child = push_image(client, at(docker_registry, "acme/multi"))
    client.put_manifest(reference, index({"linux/amd64": child}))
    assert client.get_manifest(reference).children()[0].digest == child.descriptor.digest
    sparse = index({"linux/amd64": child, "linux/arm64": image(b"{ }")})
    with pytest.raises(RegistryError) as caught:
        client.put_manifest(reference, sparse)
    assert caught.value.code == "manifest-blob-unknown"


def test_blobs(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app")
    digest = push_blob(client, reference, b"0123456789")
    assert client.blobs(reference).size(digest) == 10
    assert client.blobs(reference).size(ABSENT) is None
    with client.blobs(reference).open(digest) as blob:
        assert (blob.start, blob.read(4), blob.read(100), blob.read(1)) == (0, b"0123", b"456789", b"")
    with client.blobs(reference).open(digest, start=7) as blob:
        assert (blob.start, blob.read(100)) == (7, b"789")


def test_a_range_past_the_end_is_an_error_and_does_not_hang(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app")
    digest = push_blob(client, reference, b"0123456789")
    with pytest.raises(RegistryError) as caught:
        client.blobs(reference).open(digest, start=50)
    assert caught.value.status == 416


def test_a_mount_or_a_session(docker_registry: Distribution, client: Client) -> None:
    digest = push_blob(client, at(docker_registry, "acme/app"), b"0123456789")
    other = at(docker_registry, "acme/other")
    session = client.blobs(other).mount(ABSENT, "acme/app")
    assert session is not None
    client.blobs(other).cancel(session)
    assert client.blobs(other).mount(digest, "acme/app") is None
    assert client.blobs(other).size(digest) == 10


def test_a_wrong_digest_is_refused_and_the_session_lost(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app")
    session = client.blobs(reference).start()
    with pytest.raises(RegistryError) as caught:
        client.blobs(reference).put(session, ABSENT, 3, iter([b"abc"]))
    assert caught.value.code == "digest-invalid"
    with pytest.raises(MissingError):
        client.blobs(reference).put(session, Digest.of(b"abc"), 3, iter([b"abc"]))


def test_what_a_body_raises_comes_through_and_leaves_no_blob(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app")

    def body():
        yield b"abc"
        raise UnreachableError("the source is gone")

    with pytest.raises(UnreachableError, match="the source is gone"):
        client.blobs(reference).put(client.blobs(reference).start(), Digest.of(b"abcdef"), 6, body())
    assert client.blobs(reference).size(Digest.of(b"abcdef")) is None
    assert push_blob(client, reference, b"abcdef") == Digest.of(b"abcdef")


def test_a_manifest_over_the_limit_is_refused(docker_registry: Distribution) -> None:
    client = client_for(docker_registry, limits=Limits(manifest=100))
    reference = at(docker_registry, "acme/app:1.0")
    push_image(client, reference)
    with pytest.raises(RegistryError, match="100 are the most") as caught:
        client.get_manifest(reference)
    assert caught.value.code == "too-large"


def test_a_digest_that_does_not_fit_is_never_accepted(docker_registry: Distribution, client: Client) -> None:
    reference = at(docker_registry, "acme/app:1.0")
    manifest = push_image(client, reference)
    digest = manifest.descriptor.digest
    stored = docker_registry.storage / f"docker/registry/v2/blobs/sha256/{digest.hex[:2]}/{digest.hex}/data"
    other = manifest_of({"config": {}, "layers": [], "annotations": {"changed": "yes"}}, manifest.descriptor.media_type)
    stored.write_bytes(other.raw)
    with pytest.raises((DigestMismatchError, RegistryError)):
        client.get_manifest(reference.at(digest))


def test_without_insecure_plain_http_is_refused_with_advice(docker_registry: Distribution) -> None:
    with pytest.raises(UnreachableError) as caught:
        Client(Sources()).head_manifest(at(docker_registry, "acme/app:1.0"))
    assert caught.value.code == "no-tls"
    assert "insecure: true" in caught.value.hint


@pytest.mark.parametrize("count", [1, 3])
def test_bodies_are_streamed_in_pieces(count: int, docker_registry: Distribution, client: Client) -> None:
    pieces: Callable[[], list[bytes]] = lambda: [bytes([n]) * 70_000 for n in range(count)]  # noqa: E731
    data = b"".join(pieces())
    reference = at(docker_registry, "acme/app")
    blobs = client.blobs(reference)
    blobs.put(blobs.start(), Digest.of(data), len(data), iter(map(memoryview, pieces())))
    assert blobs.size(Digest.of(data)) == len(data)
