"""Each fault, seen by a raw client."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator

import pytest
import trustme

from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.sandbox import Action, Sandbox
from tests.fixtures.faults import Fault, Kind
from tests.sandbox.raw import Answer, Client, ask

DATA = bytes(range(256)) * 40
DIGEST = Digest.of(DATA)
BLOB = f"/v2/a/b/blobs/{DIGEST}"
MANIFEST = "/v2/a/b/manifests/1"
ON_BLOB = {"action": Action.BLOB_GET}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Without tokens and CDN, so that each request is one request."""
    with Sandbox(token_auth=False, cdn=False) as running:
        running.put_image("a/b:1")
        running.put_blob("a/b", DATA)
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox.address)


def session(client: Client) -> str:
    return client.ask("POST", "/v2/a/b/blobs/uploads/").headers["location"]


def close(client: Client, location: str, data: bytes = DATA) -> Answer:
    return client.ask("PUT", f"{location}&digest={Digest.of(data)}", body=data)


@pytest.mark.parametrize("amount", [None, 0, 7])
def test_cut(sandbox: Sandbox, client: Client, amount: int | None) -> None:
    sandbox.inject(Fault(kind=Kind.CUT, amount=amount, **ON_BLOB))
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.ask("GET", BLOB)
    assert cut.value.partial == DATA[: len(DATA) // 2 if amount is None else amount]
    assert client.ask("GET", BLOB).body == DATA


def test_stall_for_ever(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(kind=Kind.STALL, **ON_BLOB))
    connection = http.client.HTTPConnection(sandbox.address, timeout=0.2)
    connection.request("GET", BLOB)
    response = connection.getresponse()
    assert response.read1(len(DATA)) == DATA[: len(DATA) // 2]
    with pytest.raises(TimeoutError):
        response.read1()
    connection.close()


def test_stall_for_a_while(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.STALL, amount=0.01, **ON_BLOB))
    assert client.ask("GET", BLOB).body == DATA


def test_corrupt(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.CORRUPT, **ON_BLOB))
    body = client.ask("GET", BLOB).body
    assert len(body) == len(DATA)
    assert sum(one != other for one, other in zip(body, DATA, strict=True)) == 1


def test_overlong(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.OVERLONG, amount=10, **ON_BLOB))
    assert client.ask("GET", BLOB).body == DATA + bytes(10)


def test_wrong_length(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.WRONG_LENGTH, amount=10, **ON_BLOB))
    assert client.ask("GET", BLOB).body == DATA[:-10]


REQUESTS = {
    Action.PING: ("GET", "/v2/"),
    Action.TOKEN: ("GET", "/token?service=sandbox"),
    Action.MANIFEST_GET: ("GET", MANIFEST),
    Action.MANIFEST_HEAD: ("HEAD", MANIFEST),
    Action.MANIFEST_PUT: ("PUT", MANIFEST),
    Action.BLOB_GET: ("GET", BLOB),
    Action.BLOB_HEAD: ("HEAD", BLOB),
    Action.UPLOAD_POST: ("POST", "/v2/a/b/blobs/uploads/"),
    Action.MOUNT: ("POST", f"/v2/a/c/blobs/uploads/?mount={DIGEST}&from=a/b"),
    Action.UPLOAD_PATCH: ("PATCH", "/v2/a/b/blobs/uploads/x?_state=0"),
    Action.UPLOAD_PUT: ("PUT", f"/v2/a/b/blobs/uploads/x?_state=0&digest={DIGEST}"),
    Action.UPLOAD_GET: ("GET", "/v2/a/b/blobs/uploads/x?_state=0"),
    Action.UPLOAD_DELETE: ("DELETE", "/v2/a/b/blobs/uploads/x?_state=0"),
    Action.TAGS: ("GET", "/v2/a/b/tags/list"),
    Action.REFERRERS: ("GET", f"/v2/a/b/referrers/{DIGEST}"),
}


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("action", REQUESTS)
def test_bursts_on_each_kind_of_request(sandbox: Sandbox, client: Client, action: Action, status: int) -> None:
    method, path = REQUESTS[action]
    sandbox.inject(Fault(kind=Kind.STATUS, action=action, status=status, times=2))
    answers = [client.ask(method, path).status for _ in range(3)]
    assert answers[:2] == [status, status]
    assert answers[2] < 500
    assert [asked.action for asked in sandbox.counters.requests] == [action] * 3


def test_a_status_on_the_cdn() -> None:
    with Sandbox() as hub:
        hub.put_blob("a/b", DATA)
        hub.inject(Fault(kind=Kind.STATUS, action=Action.CDN_GET, status=503, retry_after=7))
        location = Client(hub.address).ask("GET", BLOB).headers["location"]
        refused = ask("GET", location)
        assert (refused.status, refused.headers["retry-after"]) == (503, "7")
        assert refused.headers["content-type"] == "text/html"
        assert ask("GET", location).body == DATA


def test_reset(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.RESET, method="HEAD"))
    with pytest.raises(ConnectionResetError):
        client.ask("HEAD", MANIFEST)
    assert client.ask("HEAD", MANIFEST).status == 200


def test_a_lost_answer_to_the_end_of_an_upload(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.LOST_ANSWER, action=Action.UPLOAD_PUT))
    location = session(client)
    with pytest.raises(ConnectionResetError):
        close(client, location, b"new")
    assert sandbox.has_blob("a/b", Digest.of(b"new"))
    assert close(client, location, b"new").code == "BLOB_UPLOAD_UNKNOWN"


def test_slow(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(kind=Kind.SLOW, amount=0.002, action=Action.PING))
    host, _, port = sandbox.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pieces = list(iter(lambda: raw.recv(65536), b""))
    assert b"".join(pieces).endswith(b"\r\n\r\n{}\n")
    assert len(pieces) > 10


def test_delay(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(kind=Kind.DELAY, amount=60, action=Action.PING))
    connection = http.client.HTTPConnection(sandbox.address, timeout=0.1)
    connection.request("GET", "/v2/")
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()


def test_tokens_that_expire_in_mid_run() -> None:
    with Sandbox(cdn=False) as hub:
        hub.put_image("a/b:1")
        hub.inject(Fault(kind=Kind.EXPIRE_TOKENS, action=Action.MANIFEST_GET, nth=2))
        client = Client(hub.address)
        assert [client.ask("GET", MANIFEST).status for _ in range(3)] == [200, 401, 200]


def test_unauthorized_from_the_second_half_on() -> None:
    with Sandbox(cdn=False) as hub:
        hub.put_image("a/b:1")
        hub.inject(Fault(kind=Kind.UNAUTHORIZED, action=Action.MANIFEST_GET, nth=3, times=None))
        client = Client(hub.address)
        assert [client.ask("GET", MANIFEST).status for _ in range(4)] == [200, 200, 401, 401]


@pytest.mark.parametrize(
    ("kind", "said", "is_json"),
    [
        (Kind.QUOTA, b"toomanyrequests", True),
        (Kind.ABUSE, b"Too Many Requests\n", False),
        (Kind.LOGIN, b"too many failed login", True),
    ],
)
def test_the_three_kinds_of_429(sandbox: Sandbox, client: Client, kind: Kind, said: bytes, is_json: bool) -> None:
    sandbox.inject(Fault(kind=kind, path="/token" if kind == Kind.LOGIN else "manifests"))
    answer = client.ask("GET", "/token?service=sandbox" if kind == Kind.LOGIN else MANIFEST)
    assert answer.status == 429
    assert said in answer.body
    assert answer.headers["content-type"].startswith("application/json") is is_json


def test_the_abuse_limit_refuses_what_comes_too_fast() -> None:
    with Sandbox(token_auth=False, abuse_limit=1) as hub:
        client = Client(hub.address)
        answers = [client.ask("GET", "/v2/") for _ in range(8)]
        refused = [answer.body for answer in answers if answer.status == 429]
        assert answers[0].status == 200
        assert set(refused) == {b"Too Many Requests\n"}
        assert len(refused) == hub.refused


def test_a_redirect_loop(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.REDIRECT_LOOP, times=None, **ON_BLOB))
    answer = client.ask("GET", BLOB)
    assert (answer.status, answer.headers["location"]) == (307, BLOB)


def test_a_redirect_that_loses_its_scheme() -> None:
    authority = trustme.CA()
    server, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(trust)
    with Sandbox(tls=server, token_auth=False) as hub:
        hub.put_blob("a/b", DATA)
        hub.inject(Fault(kind=Kind.REDIRECT_PLAIN, **ON_BLOB))
        connection = http.client.HTTPSConnection(hub.address, context=trust, timeout=10)
        locations = []
        for _ in range(2):
            connection.request("GET", BLOB)
            response = connection.getresponse()
            response.read()
            locations.append(response.headers["location"].partition("://")[0])
        connection.close()
        assert locations == ["http", "https"]


def test_range_ignored(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.RANGE_IGNORED, **ON_BLOB))
    answer = client.ask("GET", BLOB, Range="bytes=100-")
    assert (answer.status, answer.body) == (200, DATA)
    assert client.ask("GET", BLOB, Range="bytes=100-").status == 206


def test_range_refused_with_a_false_length(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(kind=Kind.RANGE_FALSE, **ON_BLOB))
    connection = http.client.HTTPConnection(sandbox.address, timeout=0.2)
    connection.request("GET", BLOB)
    response = connection.getresponse()
    assert (response.status, response.headers["content-length"]) == (416, str(len(DATA)))
    with pytest.raises(TimeoutError):
        response.read()
    connection.close()


@pytest.mark.parametrize("action", [Action.UPLOAD_PATCH, Action.UPLOAD_PUT])
def test_upload_lost(sandbox: Sandbox, client: Client, action: Action) -> None:
    sandbox.inject(Fault(kind=Kind.UPLOAD_LOST, action=action))
    location = session(client)
    answer = client.ask("PATCH", location, body=DATA) if action == Action.UPLOAD_PATCH else close(client, location)
    assert (answer.status, answer.code) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert close(client, session(client)).status == 201


def test_mount_refused(sandbox: Sandbox, client: Client) -> None:
    method, path = REQUESTS[Action.MOUNT]
    sandbox.inject(Fault(kind=Kind.MOUNT_REFUSED))
    refused = client.ask(method, path)
    assert refused.status == 202
    assert not sandbox.has_blob("a/c", DIGEST)
    assert close(client, refused.headers["location"]).status == 201


def test_mount_lies(sandbox: Sandbox, client: Client) -> None:
    method, path = REQUESTS[Action.MOUNT]
    sandbox.inject(Fault(kind=Kind.MOUNT_LIES))
    assert client.ask(method, path).status == 201
    assert not sandbox.has_blob("a/c", DIGEST)


@pytest.mark.parametrize(("status", "expected"), [(0, 400), (404, 404)])
@pytest.mark.parametrize("media_type", [OCI_MANIFEST, OCI_INDEX])
def test_a_part_that_vanishes_before_its_manifest(
    sandbox: Sandbox, client: Client, media_type: str, status: int, expected: int
) -> None:
    sandbox.put_index("a/b:2")
    manifest = sandbox.manifest("a/b:1" if media_type == OCI_MANIFEST else "a/b:2")
    assert manifest is not None
    sandbox.inject(Fault(kind=Kind.VANISH, action=Action.MANIFEST_PUT, status=status))
    answer = client.ask("PUT", "/v2/a/b/manifests/3", body=manifest.raw, Content_Type=media_type)
    assert (answer.status, answer.code) == (expected, "MANIFEST_BLOB_UNKNOWN")


def test_garbage_is_what_no_tag_leads_to(sandbox: Sandbox, client: Client) -> None:
    close(client, session(client))
    index = sandbox.put_index("a/b:2")
    manifest = sandbox.manifest("a/b:2")
    assert manifest is not None
    child = manifest.children()[0].digest
    kept = sandbox.manifest(f"a/b@{child}")
    assert kept is not None
    sandbox.remove_manifest("a/b:1")
    sandbox.inject(Fault(kind=Kind.COLLECT, action=Action.BLOB_HEAD))
    assert client.ask("HEAD", BLOB).status == 404
    assert not sandbox.has_blob("a/c", DIGEST)
    assert sandbox.manifest(f"a/b@{index.digest}") == manifest
    assert all(sandbox.has_blob("a/b", blob.digest) for blob in kept.blobs())


def test_too_large(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.TOO_LARGE, action=Action.UPLOAD_PUT))
    answer = close(client, session(client), bytes(4 << 20))
    assert answer.status == 413
    assert b"<h1>413 Request Entity Too Large</h1>" in answer.body


def test_full(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.FULL, action=Action.UPLOAD_PUT, times=None))
    answer = close(client, session(client))
    assert (answer.status, answer.code) == (500, "UNKNOWN")
    assert client.ask("GET", "/v2/").status == 200


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_wrong_and_missing_digests(sandbox: Sandbox, client: Client, method: str) -> None:
    sandbox.inject(Fault(kind=Kind.WRONG_DIGEST), Fault(kind=Kind.NO_DIGEST, nth=2))
    said = [client.ask(method, MANIFEST).headers.get("docker-content-digest") for _ in range(3)]
    right = sandbox.manifest("a/b:1")
    assert right is not None
    assert said == [str(Digest.of(b"another")), None, str(right.descriptor.digest)]


def test_a_tag_that_moves_between_head_and_get(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.MOVED, method="HEAD"))
    head, get = client.ask("HEAD", MANIFEST), client.ask("GET", MANIFEST)
    assert get.status == 200
    assert head.headers["docker-content-digest"] != get.headers["docker-content-digest"]
    by_digest = client.ask("GET", f"/v2/a/b/manifests/{head.headers['docker-content-digest']}")
    assert by_digest.status == 200


def test_faults_are_counted_and_can_be_healed(sandbox: Sandbox, client: Client) -> None:
    fault = Fault(kind=Kind.STATUS, path="manifests", times=None, nth=2)
    sandbox.inject(fault)
    assert [client.ask("GET", MANIFEST).status for _ in range(3)] == [200, 503, 503]
    assert sandbox.hits == [(fault, 2)]
    sandbox.heal()
    assert client.ask("GET", MANIFEST).status == 200


def test_faults_go_one_around_the_other(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject(Fault(kind=Kind.WRONG_DIGEST), Fault(kind=Kind.OVERLONG, amount=3))
    answer = client.ask("GET", BLOB)
    assert answer.headers["docker-content-digest"] != str(DIGEST)
    assert answer.body == DATA + bytes(3)


def test_a_challenge_is_no_request_that_a_fault_counts() -> None:
    with Sandbox(cdn=False) as hub:
        hub.put_image("a/b:1")
        hub.inject(Fault(kind=Kind.STATUS, action=Action.MANIFEST_GET))
        assert Client(hub.address).ask("GET", MANIFEST).status == 503
