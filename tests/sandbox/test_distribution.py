"""The second opinion: the same requests to the sandbox and to distribution get the same answers.

Left out are the places where the sandbox differs on purpose: a chunk out of order (416, as distribution 3), pages of
tags, and the conversion to schema 1 or to one platform for clients that do not name Docker's types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from seeder.sandbox import AMD64, Layer, Sandbox, images
from seeder.sandbox.images import DOCKER, OCI, Built, Child, MediaTypes
from tests.fixtures.distribution import Distribution
from tests.sandbox.raw import Answer, Client

DATA = b"0123456789" * 100
DIGEST = Digest.of(DATA)
OTHER = Digest.of(b"other")
KINDS = pytest.mark.parametrize("kinds", [OCI, DOCKER], ids=["oci", "docker"])
Case = Callable[[Client], list[Answer]]


@pytest.fixture
def clients(docker_registry: Distribution) -> Iterator[list[Client]]:
    with Sandbox(token_auth=False, cdn=False) as sandbox:
        yield [Client(sandbox.address), Client(docker_registry.address)]


def built(kinds: MediaTypes) -> Built:
    image = images.image([Layer(name="one")], AMD64, kinds)
    return images.index([Child(image=image, platform=AMD64)], kinds)


def push(client: Client, kinds: MediaTypes) -> Built:
    """An index with one child, under the tag 1."""
    index = built(kinds)
    for data in index.children[0].blobs:
        assert client.upload("a/b", data, str(Digest.of(data))).status == 201
    for manifest, selector in ((index.children[0].manifest, None), (index.manifest, "1")):
        assert put(client, manifest.raw, manifest.descriptor.media_type, selector).status == 201
    return index


def put(client: Client, raw: bytes, media_type: str, selector: str | None = None) -> Answer:
    path = f"/v2/a/b/manifests/{selector or Digest.of(raw)}"
    return client.ask("PUT", path, body=raw, Content_Type=media_type)


def opened(client: Client) -> str:
    return client.ask("POST", "/v2/a/b/blobs/uploads/").headers["location"]


def more(location: str, query: str) -> str:
    return f"{location}{'&' if '?' in location else '?'}{query}"


def compared(answer: Answer, *, headers: tuple[str, ...]) -> tuple[object, ...]:
    """Status, error code, the named headers; a successful answer's body too."""
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    code = answer.code if answer.status >= 400 and is_json and answer.body else ""
    body = answer.body if answer.status < 300 else b""
    return answer.status, code, body.strip(), *(answer.headers.get(name) for name in headers)


ANSWERS: dict[str, Case] = {
    "ping": lambda c: [c.ask("GET", "/v2/")],
    "no such path": lambda c: [c.ask("GET", "/v2/a/b/nothing/c"), c.ask("GET", "/other")],
    "no such tag": lambda c: [c.ask(method, "/v2/a/b/manifests/1") for method in ("GET", "HEAD")],
    "no such manifest": lambda c: [c.ask("GET", f"/v2/a/b/manifests/{OTHER}")],
    "no such blob": lambda c: [c.ask(method, f"/v2/a/b/blobs/{OTHER}") for method in ("GET", "HEAD")],
    "no such tags": lambda c: [c.ask("GET", "/v2/never/heard/tags/list")],
    "no such upload": lambda c: [
        c.ask("PATCH", "/v2/a/b/blobs/uploads/7b0a1a9c-1b1e-4d7e-9f0a-0d8a6a3f1d11", body=b"x"),
    ],
    "upload in one": lambda c: [c.upload("a/b", DATA, str(DIGEST)), c.ask("HEAD", f"/v2/a/b/blobs/{DIGEST}")],
    "upload of other bytes": lambda c: [c.upload("a/b", DATA, str(OTHER))],
    "upload without a digest": lambda c: [c.ask("PUT", opened(c), body=DATA)],
    "upload with a malformed digest": lambda c: [c.upload("a/b", DATA, "sha256:1")],
    "post with a digest": lambda c: [c.ask("POST", f"/v2/a/b/blobs/uploads/?digest={DIGEST}", body=DATA)],
    "mount without from": lambda c: [c.ask("POST", f"/v2/a/b/blobs/uploads/?mount={DIGEST}")],
    "manifest of missing blobs": lambda c: [put(c, built(OCI).children[0].manifest.raw, OCI_MANIFEST, "1")],
    "index of missing children": lambda c: [put(c, built(OCI).manifest.raw, OCI_INDEX, "1")],
    "docker manifest of missing blobs": lambda c: [
        put(c, built(DOCKER).children[0].manifest.raw, DOCKER_MANIFEST, "1")
    ],
    "docker list of missing children": lambda c: [put(c, built(DOCKER).manifest.raw, DOCKER_LIST, "1")],
    "manifest that is no JSON": lambda c: [put(c, b"nonsense", OCI_MANIFEST, "1")],
    "manifest of another type": lambda c: [put(c, built(OCI).manifest.raw, OCI_MANIFEST, "1")],
    "manifest under another digest": lambda c: [
        push(c, OCI) and put(c, built(OCI).manifest.raw, OCI_INDEX, str(OTHER)),
    ],
    "manifest over 4 MiB": lambda c: [put(c, b" " * (5 << 20), OCI_MANIFEST, "1")],
    "a method that manifests lack": lambda c: [c.ask("POST", "/v2/a/b/manifests/1")],
}


@pytest.mark.parametrize("case", ANSWERS)
def test_same_request_same_answer(clients: list[Client], case: str) -> None:
    headers = ("docker-content-digest", "docker-distribution-api-version", "range")
    ours, theirs = ([compared(a, headers=headers) for a in ANSWERS[case](client)] for client in clients)
    assert ours == theirs


@KINDS
def test_manifests_come_back_alike(clients: list[Client], kinds: MediaTypes) -> None:
    headers = ("content-type", "docker-content-digest", "etag", "content-length")
    found = []
    for client in clients:
        index = push(client, kinds)
        child = index.children[0].manifest.descriptor.digest
        selectors = ("1", str(index.manifest.descriptor.digest), str(child))
        asked = [(method, selector) for selector in selectors for method in ("GET", "HEAD")]
        answers = [client.ask(method, f"/v2/a/b/manifests/{selector}") for method, selector in asked]
        found.append([compared(answer, headers=headers) for answer in answers])
    assert found[0] == found[1]


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", OCI_INDEX, OCI_MANIFEST])
def test_accept_for_oci_types(clients: list[Client], accept: str) -> None:
    found = []
    for client in clients:
        index = push(client, OCI)
        paths = ("1", str(index.children[0].manifest.descriptor.digest))
        answers = [client.ask("GET", f"/v2/a/b/manifests/{path}", accept=accept) for path in paths]
        found.append([compared(answer, headers=("content-type",)) for answer in answers])
    assert found[0] == found[1]


@pytest.mark.parametrize("asked", ["bytes=2-4", "bytes=7-", "bytes=-3", "bytes=998-2000", "bytes=0-0"])
def test_ranges(clients: list[Client], asked: str) -> None:
    found = []
    for client in clients:
        assert client.upload("a/b", DATA, str(DIGEST)).status == 201
        answer = client.ask("GET", f"/v2/a/b/blobs/{DIGEST}", Range=asked)
        found.append(compared(answer, headers=("content-range", "content-length", "accept-ranges")))
    assert found[0] == found[1]


def test_an_upload_in_chunks(clients: list[Client]) -> None:
    found = []
    for client in clients:
        first = client.ask("PATCH", opened(client), body=DATA[:10], Content_Range="0-9")
        second = client.ask("PATCH", first.headers["location"], body=DATA[10:], Content_Range="10-999")
        state = client.ask("GET", second.headers["location"])
        closed = client.ask("PUT", more(second.headers["location"], f"digest={DIGEST}"))
        again = client.ask("PUT", more(second.headers["location"], f"digest={DIGEST}"))
        answers = [first, second, state, closed, again]
        found.append([compared(answer, headers=("range", "docker-content-digest")) for answer in answers])
    assert found[0] == found[1]


def test_a_cancelled_upload(clients: list[Client]) -> None:
    found = []
    for client in clients:
        location = opened(client)
        answers = [client.ask("DELETE", location), client.ask("PUT", more(location, f"digest={DIGEST}"), body=DATA)]
        found.append([compared(answer, headers=()) for answer in answers])
    assert found[0] == found[1]


@pytest.mark.parametrize("source", ["a/b", "never/heard"])
def test_mounts(clients: list[Client], source: str) -> None:
    found = []
    for client in clients:
        assert client.upload("a/b", DATA, str(DIGEST)).status == 201
        answer = client.ask("POST", f"/v2/c/d/blobs/uploads/?mount={DIGEST}&from={source}")
        there = client.ask("HEAD", f"/v2/c/d/blobs/{DIGEST}")
        found.append([compared(answer, headers=("docker-content-digest",)), there.status])
    assert found[0] == found[1]


def test_a_manifest_with_a_subject_and_its_referrers(clients: list[Client]) -> None:
    found = []
    for client in clients:
        subject = push(client, OCI).manifest.descriptor
        artifact = images.artifact("application/x.sig", b"signature", subject)
        for data in artifact.blobs:
            client.upload("a/b", data, str(Digest.of(data)))
        answers = [
            put(client, artifact.manifest.raw, OCI_MANIFEST),
            client.ask("GET", f"/v2/a/b/referrers/{subject.digest}"),
        ]
        found.append([compared(answer, headers=("oci-subject", "docker-content-digest")) for answer in answers])
    assert found[0] == found[1]


def test_tags_after_pushes(clients: list[Client]) -> None:
    found = []
    for client in clients:
        push(client, OCI)
        found.append(json.loads(client.ask("GET", "/v2/a/b/tags/list").body))
    assert found[0] == found[1] == {"name": "a/b", "tags": ["1"]}
