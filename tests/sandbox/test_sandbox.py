"""The sandbox against a raw client."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPSConnection

import pytest
import trustme

from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.sandbox import ARM64, Action, Layer, Sandbox
from tests.sandbox.raw import Client, ask, token


@pytest.fixture
def hub() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(hub: Sandbox) -> Client:
    return Client(hub.address)


def test_the_same_names_give_the_same_images() -> None:
    with Sandbox() as one, Sandbox() as other:
        assert one.put_index("nginx:1.27", attestations=True) == other.put_index("nginx:1.27", attestations=True)
        assert one.put_image("nginx:1") != one.put_image("nginx:1", note="rebuilt")


def test_a_manifest_is_served_to_the_byte(hub: Sandbox, client: Client) -> None:
    pinned = hub.put_index("nginx:1.27")
    by_tag = client.ask("GET", "/v2/library/nginx/manifests/1.27")
    by_digest = client.ask("GET", f"/v2/library/nginx/manifests/{pinned.digest}")
    assert by_tag.status == by_digest.status == 200
    assert by_tag.body == by_digest.body
    assert pinned.digest.matches(by_tag.body)
    assert by_tag.headers["content-type"] == OCI_INDEX
    assert by_tag.headers["docker-content-digest"] == str(pinned.digest)


def test_head_is_free_and_get_is_charged_until_the_quota_is_spent() -> None:
    with Sandbox(quota=2) as hub:
        client = Client(hub.address)
        hub.put_image("nginx:1.27")
        path = "/v2/library/nginx/manifests/1.27"
        remaining = [
            client.ask(method, path).headers["ratelimit-remaining"] for method in ("HEAD", "GET", "HEAD", "GET")
        ]
        assert remaining == ["2;w=21600", "1;w=21600", "1;w=21600", "0;w=21600"]
        refused = client.ask("GET", path)
        assert (refused.status, refused.code) == (429, "toomanyrequests")
        checked = client.ask("HEAD", path)
        assert checked.status == 200
        assert checked.headers["ratelimit-limit"] == "2;w=21600"
        assert checked.headers["docker-ratelimit-source"] == "127.0.0.1"
        assert hub.pulls == 2
        assert hub.counters.manifest_gets["library/nginx"] == 3
        assert hub.counters.manifest_heads["library/nginx"] == 3


def test_what_is_not_there_is_not_charged() -> None:
    with Sandbox(quota=2) as hub:
        assert Client(hub.address).ask("GET", "/v2/library/nginx/manifests/1.27").code == "MANIFEST_UNKNOWN"
        assert hub.pulls == 0


def test_a_token_is_good_for_its_scope_and_its_time(hub: Sandbox) -> None:
    hub.put_image("nginx:1.27")
    hub.put_image("redis:7")
    nginx, redis = (f"{hub.url}/v2/library/{path}" for path in ("nginx/manifests/1.27", "redis/manifests/7"))
    challenge = ask("GET", nginx).headers["www-authenticate"]
    assert 'scope="repository:library/nginx:pull"' in challenge
    bearer = {"Authorization": f"Bearer {token(challenge)}", "Accept": OCI_MANIFEST}
    assert ask("GET", nginx, headers=bearer).status == 200
    refused = ask("GET", redis, headers=bearer)
    assert refused.status == 401
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    hub.expire_tokens()
    assert ask("GET", nginx, headers=bearer).status == 401


def test_blobs_are_redirected_to_a_port_that_wants_no_authorization(hub: Sandbox, client: Client) -> None:
    digest = hub.put_blob("nginx", b"0123456789")
    answer = client.ask("GET", f"/v2/library/nginx/blobs/{digest}")
    location = answer.headers["location"]
    assert answer.status == 307
    assert location.startswith(f"http://{hub.cdn_address}/")
    assert hub.cdn_address.partition(":")[0] != hub.address.partition(":")[0]
    assert ask("GET", location).body == b"0123456789"
    assert ask("GET", location, headers={"Authorization": "Bearer x"}).status == 400
    assert ask("GET", location.replace("signature=", "signature=0")).status == 403


def test_a_signed_address_expires() -> None:
    with Sandbox(cdn_seconds=-1) as hub:
        digest = hub.put_blob("nginx", b"0123456789")
        location = Client(hub.address).ask("GET", f"/v2/library/nginx/blobs/{digest}").headers["location"]
        assert ask("GET", location).status == 403


@pytest.mark.parametrize(
    ("asked", "status", "body", "said"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_ranges(asked: str, status: int, body: bytes, said: str | None) -> None:
    with Sandbox(cdn=False) as hub:
        digest = hub.put_blob("nginx", b"0123456789")
        answer = Client(hub.address).ask("GET", f"/v2/library/nginx/blobs/{digest}", Range=asked)
        assert (answer.status, answer.body, answer.headers.get("content-range")) == (status, body, said)


@pytest.mark.parametrize("spool_above", [4, 1 << 20])
def test_an_upload_in_pieces_then_its_end(spool_above: int) -> None:
    with Sandbox(spool_above=spool_above, cdn=False) as target:
        client = Client(target.address)
        data, digest = b"0123456789", Digest.of(b"0123456789")
        opened = client.ask("POST", "/v2/a/b/blobs/uploads/")
        first = client.ask("PATCH", opened.headers["location"], body=data[:4], Content_Range="0-3")
        assert (first.status, first.headers["range"]) == (202, "0-3")
        wrong = client.ask("PATCH", first.headers["location"], body=data[4:], Content_Range="7-12")
        assert wrong.status == 416
        assert client.ask("GET", first.headers["location"]).headers["range"] == "0-3"
        closed = client.ask("PUT", f"{first.headers['location']}&digest={digest}", body=data[4:])
        assert closed.status == 201
        assert closed.headers["docker-content-digest"] == str(digest)
        assert client.ask("GET", f"/v2/a/b/blobs/{digest}").body == data
        again = client.ask("PUT", f"{first.headers['location']}&digest={digest}")
        assert (again.status, again.code) == (404, "BLOB_UPLOAD_UNKNOWN")
        assert target.counters.bytes_in == 10


def test_an_upload_of_other_bytes_is_refused_and_ended(client: Client) -> None:
    opened = client.ask("POST", "/v2/a/b/blobs/uploads/").headers["location"]
    assert client.ask("PUT", f"{opened}&digest={Digest.of(b'x')}", body=b"y").code == "DIGEST_INVALID"
    assert client.ask("GET", opened).status == 404


def test_an_upload_can_be_cancelled(client: Client) -> None:
    opened = client.ask("POST", "/v2/a/b/blobs/uploads/").headers["location"]
    assert client.ask("DELETE", opened).status == 204
    assert client.ask("GET", opened).status == 404


def test_sha512_is_a_digest_too(client: Client) -> None:
    digest = f"sha512:{hashlib.sha512(b'data').hexdigest()}"
    assert client.upload("a/b", b"data", digest).status == 201
    assert client.ask("HEAD", f"/v2/a/b/blobs/{digest}").headers["content-length"] == "4"


def test_mounts(hub: Sandbox, client: Client) -> None:
    digest = hub.put_blob("a/a", b"data")
    mounted = client.ask("POST", f"/v2/b/b/blobs/uploads/?mount={digest}&from=a/a")
    assert mounted.status == 201
    assert hub.has_blob("b/b", digest)
    unknown = client.ask("POST", f"/v2/c/c/blobs/uploads/?mount={digest}&from=d/d")
    assert unknown.status == 202
    assert "location" in unknown.headers
    assert hub.counters.mounts == {"b/b": 1, "c/c": 1}


def test_a_manifest_with_missing_parts_is_refused(hub: Sandbox, client: Client) -> None:
    hub.put_index("a/a:1")
    whole = hub.manifest("a/a:1")
    assert whole is not None
    answer = client.ask("PUT", "/v2/b/b/manifests/1", body=whole.raw, Content_Type=OCI_INDEX)
    assert (answer.status, answer.code) == (400, "MANIFEST_BLOB_UNKNOWN")
    again = client.ask("PUT", "/v2/a/a/manifests/2", body=whole.raw, Content_Type=OCI_INDEX)
    assert again.status == 201
    assert hub.tags("a/a") == ["1", "2"]


def test_a_manifest_put_by_another_digest_is_refused(hub: Sandbox, client: Client) -> None:
    hub.put_image("a/a:1")
    raw = hub.manifest("a/a:1")
    assert raw is not None
    path = f"/v2/a/a/manifests/{Digest.of(b'other')}"
    assert client.ask("PUT", path, body=raw.raw, Content_Type=OCI_MANIFEST).code == "DIGEST_INVALID"


def test_tags_come_in_pages(hub: Sandbox, client: Client) -> None:
    for tag in ("a", "b", "c"):
        hub.put_image(f"x/y:{tag}")
    first = client.ask("GET", "/v2/x/y/tags/list?n=2")
    assert json.loads(first.body)["tags"] == ["a", "b"]
    rest = first.headers["link"].partition("<")[2].partition(">")[0]
    last = client.ask("GET", rest)
    assert json.loads(last.body)["tags"] == ["c"]
    assert "link" not in last.headers


def test_referrers_are_listed_where_the_api_is_on() -> None:
    with Sandbox(referrers=True) as hub:
        client = Client(hub.address)
        pinned = hub.put_image("a/a:1")
        signed = hub.put_artifact("a/a:sig", artifact_type="application/x.sig", payload=b"s", subject=pinned)
        hub.put_artifact("a/a:sbom", artifact_type="application/x.sbom", payload=b"b", subject=pinned)
        path = f"/v2/a/a/referrers/{pinned.digest}"
        assert len(json.loads(client.ask("GET", path).body)["manifests"]) == 2
        one = client.ask("GET", f"{path}?artifactType=application/x.sig")
        assert [entry["digest"] for entry in json.loads(one.body)["manifests"]] == [str(signed.digest)]
        raw = hub.manifest("a/a:sig")
        assert raw is not None
        put = client.ask("PUT", "/v2/a/a/manifests/sig2", body=raw.raw, Content_Type=OCI_MANIFEST)
        assert put.headers["oci-subject"] == str(pinned.digest)


def test_without_the_api_referrers_are_a_plain_404(hub: Sandbox, client: Client) -> None:
    pinned = hub.put_image("a/a:1")
    answer = client.ask("GET", f"/v2/a/a/referrers/{pinned.digest}")
    assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_pushes_to_a_read_only_sandbox_are_denied() -> None:
    with Sandbox(read_only=True) as hub:
        assert Client(hub.address).ask("POST", "/v2/a/b/blobs/uploads/").code == "DENIED"


@pytest.mark.parametrize(("tokens", "scheme"), [(True, "Bearer"), (False, "Basic")])
def test_credentials_are_demanded_where_set(tokens: bool, scheme: str) -> None:
    with Sandbox(basic=("me", "secret"), token_auth=tokens) as hub:
        hub.put_image("a/a:1")
        url = f"{hub.url}/v2/a/a/manifests/1"
        challenge = ask("GET", url).headers["www-authenticate"]
        assert challenge.startswith(scheme)
        wrong, right = "Basic bWU6d3Jvbmc=", "Basic bWU6c2VjcmV0"
        asked = f"{hub.url}/token?service=sandbox&scope=repository:a/a:pull" if tokens else url
        accept = {"Accept": OCI_MANIFEST}
        assert ask("GET", asked, headers={"Authorization": wrong} | accept).status == 401
        assert ask("GET", asked, headers={"Authorization": right} | accept).status == 200


def test_a_private_repository_looks_like_one_that_is_not_there() -> None:
    with Sandbox(private=frozenset({"a/secret"})) as hub:
        hub.put_image("a/secret:1")
        assert Client(hub.address).ask("GET", "/v2/a/secret/manifests/1").status == 401


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_an_oci_manifest_must_be_asked_for_by_its_type(hub: Sandbox, client: Client, accept: str) -> None:
    hub.put_image("a/a:1")
    hub.put_image("a/a:2", docker=True)
    assert client.ask("GET", "/v2/a/a/manifests/1", accept=accept).code == "MANIFEST_UNKNOWN"
    assert client.ask("GET", "/v2/a/a/manifests/2", accept=accept).status == 200


def test_tls_on_both_ports() -> None:
    authority = trustme.CA()
    server, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(trust)
    with Sandbox(tls=server, token_auth=False) as hub:
        digest = hub.put_blob("a/a", b"data")
        connection = HTTPSConnection(hub.address, context=trust, timeout=10)
        connection.request("GET", f"/v2/a/a/blobs/{digest}")
        location = connection.getresponse().headers["location"]
        connection.close()
        assert location.startswith(f"https://{hub.cdn_address}/")


def test_many_connections_at_once_are_counted_right() -> None:
    with Sandbox(token_auth=False) as hub:
        hub.put_image("a/a:1")

        def ask_ten(_: int) -> int:
            connection = HTTPConnection(hub.address, timeout=10)
            good = 0
            for _ in range(10):
                connection.request("GET", "/v2/a/a/manifests/1", headers={"Accept": OCI_MANIFEST})
                response = connection.getresponse()
                response.read()
                good += response.status == 200
            connection.close()
            return good

        with ThreadPoolExecutor(32) as pool:
            assert sum(pool.map(ask_ten, range(32))) == 320
        assert hub.counters.manifest_gets["a/a"] == 320
        assert hub.counters.by_selector(Action.MANIFEST_GET) == {"1": 320}


def test_expect_continue_and_chunks(hub: Sandbox, client: Client) -> None:
    with Sandbox(token_auth=False) as target:
        host, _, port = target.address.partition(":")
        location = Client(target.address).ask("POST", "/v2/a/a/blobs/uploads/").headers["location"]
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            head = f"PUT {location}&digest={Digest.of(b'0123456789')} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.sendall(b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n")
            assert raw.recv(12) == b"HTTP/1.1 201"
        assert target.has_blob("a/a", Digest.of(b"0123456789"))


def test_an_answer_before_the_end_of_a_large_body_arrives() -> None:
    with Sandbox(token_auth=False, read_only=True) as target:
        answer = Client(target.address).ask("PUT", "/v2/a/a/blobs/uploads/x?digest=sha256:0", body=bytes(8 << 20))
        assert answer.status == 403


def test_reset_keeps_the_content(hub: Sandbox, client: Client) -> None:
    hub.put_image("a/a:1", layers=[Layer(name="one")], platform=ARM64)
    assert client.ask("GET", "/v2/a/a/manifests/1").status == 200
    hub.reset()
    assert hub.counters.total == 0
    assert client.ask("GET", "/v2/a/a/manifests/1").status == 200
    hub.wipe()
    assert client.ask("GET", "/v2/a/a/manifests/1").status == 404


def test_stopping_frees_the_port_and_ends_connections() -> None:
    with Sandbox(token_auth=False) as hub:
        port = int(hub.address.partition(":")[2])
        connection = HTTPConnection(hub.address, timeout=10)
        connection.request("GET", "/v2/")
        assert connection.getresponse().read() == b"{}\n"
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/v2/")
    with Sandbox(port=port) as again:
        assert again.address == f"127.0.0.1:{port}"
