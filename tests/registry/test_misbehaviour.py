"""Servers that answer what no honest registry does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from seeder.errors import (
    DeniedError,
    DigestMismatchError,
    MissingError,
    QuotaError,
    RegistryError,
    SeederError,
    ThrottledError,
    UnreachableError,
)
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_SCHEMA1_SIGNED, OCI_INDEX, OCI_MANIFEST
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.client import Client
from seeder.registry.open_blob import OpenBlob
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits
from seeder.sandbox import Layer, Sandbox
from seeder.transfer import may_pass
from tests.registry.images import CONFIG, LAYER, entry, image, manifest_of
from tests.registry.scripted import Reply, Request, Scripted, client_of, scripted

MANIFEST = image()
OTHER = image(b"other")
TYPED = {"Content-Type": OCI_MANIFEST}


def app(server: Scripted, tag: str = "1.0") -> ImageReference:
    return ImageReference.parse(f"{server.address}/acme/app:{tag}")


def always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda request: Reply() if request.path == "/v2/" else reply


def failure(reply: Reply, method: str = "get", attempts: int = 1) -> SeederError:
    """The error of a manifest's GET or HEAD that is answered so."""
    with scripted(always(reply)) as server:
        client = client_of(server, attempts=attempts)
        ask = client.get_manifest if method == "get" else client.head_manifest
        with pytest.raises(SeederError) as caught:
            ask(app(server))
    return caught.value


QUOTA = "You have reached your pull rate limit."


def errors(code: str, message: str = "", **more: object) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message, **more}]}).encode()


def named(raw: bytes, digest: str) -> Reply:
    return Reply(body=raw, headers={**TYPED, "Docker-Content-Digest": digest})


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            Reply(status=404, body=errors("NAME_UNKNOWN", "repository name not known")),
            MissingError,
            "NAME_UNKNOWN: repo",
        ),
        (Reply(status=403, body=errors("DENIED", "no")), DeniedError, "DENIED: no"),
        (Reply(status=401, body=b"<html>"), DeniedError, r"Unauthorized \(401\)"),
        (Reply(status=500, body=b"<html>oops"), RegistryError, r"Internal Server Error \(500\)"),
        (Reply(status=418, body=b"\xff\xfe"), RegistryError, r"\(418\)"),
        (Reply(status=400, body=errors("X", detail=[1, {"a": None}])), RegistryError, r"X \(400\)"),
        (Reply(status=400, body=b'{"errors": []}'), RegistryError, r"\(400\)"),
        (Reply(status=400, body=b'{"errors": [5]}'), RegistryError, r"\(400\)"),
        (Reply(status=429, body=b"Too Many Requests"), ThrottledError, "Too Many Requests"),
        (Reply(status=429, body=b"Too Many Requests (HAP429)."), ThrottledError, "HAP429"),
        (Reply(status=429, body=errors("TOOMANYREQUESTS", "slow down")), ThrottledError, "slow down"),
        (
            Reply(status=429, body=errors("toomanyrequests", QUOTA)),
            QuotaError,
            "pull rate",
        ),
        (
            Reply(
                status=429,
                body=errors(
                    "toomanyrequests",
                    "your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
                ),
            ),
            QuotaError,
            "unauthenticated",
        ),
    ],
)
def test_refusals_keep_the_registrys_words(reply: Reply, kind: type[SeederError], words: str) -> None:
    error = failure(reply)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "?"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    error = failure(Reply(status=429, body=b"Too Many Requests", headers=headers))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == seconds


def test_a_spent_quota_is_not_asked_again() -> None:
    spent = Reply(status=429, body=errors("toomanyrequests", QUOTA))
    with scripted(always(spent)) as server:
        client = client_of(server, attempts=5)
        for tag in ("1", "2", "3"):
            with pytest.raises(QuotaError):
                client.get_manifest(app(server, tag))
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (named(MANIFEST.raw, str(OTHER.descriptor.digest)), DigestMismatchError, ""),
        (named(MANIFEST.raw, "sha256:short"), RegistryError, ""),
        (Reply(body=MANIFEST.raw, headers={"Content-Type": OCI_INDEX}), RegistryError, "media-type"),
        (Reply(body=b"{}", headers={"Content-Type": DOCKER_SCHEMA1_SIGNED}), RegistryError, "schema1"),
        (Reply(body=b'{"schemaVersion": 1}', headers={"Content-Type": "application/json"}), RegistryError, "schema1"),
        (Reply(body=b"no JSON", headers=TYPED), RegistryError, ""),
        (Reply(body=b"[1]", headers=TYPED), RegistryError, ""),
        (Reply(body=b"[" * 100_000, headers=TYPED), RegistryError, ""),
        (Reply(body=MANIFEST.raw, cut=20, headers=TYPED), UnreachableError, ""),
        (Reply(body=b"x" * (5 << 20), headers=TYPED), RegistryError, "too-large"),
        (Reply(headers={**TYPED, "Content-Length": str(1 << 40)}), RegistryError, "too-large"),
    ],
)  # fmt: skip
def test_manifests_that_are_not_what_they_should_be(reply: Reply, kind: type[SeederError], code: str) -> None:
    error = failure(reply)
    assert type(error) is kind
    assert not code or error.code == code


def test_bytes_are_checked_against_the_digest_asked_for() -> None:
    with scripted(always(Reply(body=OTHER.raw, headers=TYPED))) as server, pytest.raises(DigestMismatchError):
        client_of(server).get_manifest(app(server).at(MANIFEST.descriptor.digest))


def test_a_manifest_without_an_inner_type_keeps_its_bytes_and_the_answers_type() -> None:
    raw = b'{"schemaVersion": 2,\n "config": {}, "layers": []}'
    with scripted(always(Reply(body=raw, headers={"Content-Type": f"{OCI_MANIFEST}; charset=utf-8"}))) as server:
        found = client_of(server).get_manifest(app(server))
    assert (found.raw, found.descriptor.media_type) == (raw, OCI_MANIFEST)


def test_a_head_without_a_digest_says_what_to_do() -> None:
    error = failure(Reply(headers={**TYPED, "Content-Length": "5"}), method="head")
    assert error.code == "no-digest"
    assert "--read-manifests" in error.hint


def test_endless_redirects_end() -> None:
    def again(request: Request) -> Reply:
        return Reply() if request.path == "/v2/" else Reply(status=307, headers={"Location": request.path + "x"})

    with scripted(again) as server, pytest.raises(RegistryError, match="more than 5 redirects") as caught:
        client_of(server).blobs(app(server)).open(Digest.of(b""))
    assert caught.value.code == "redirects"


@pytest.mark.parametrize("location", ["ftp://x.test/", "http://[bad/", "//", "file:///etc/passwd"])
def test_redirects_to_what_is_no_web_address(location: str) -> None:
    with scripted(always(Reply(status=307, headers={"Location": location}))) as server, pytest.raises(RegistryError):
        client_of(server).blobs(app(server)).open(Digest.of(b""))


def basic_auth(reply: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    def script(request: Request) -> Reply:
        if "authorization" not in request.headers:
            return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})
        return reply(request)

    return script


def test_authorization_is_dropped_at_another_port_and_kept_at_the_same() -> None:
    with scripted(always(Reply(body=b"blob"))) as elsewhere:

        def redirect(request: Request) -> Reply:
            if request.path.endswith("/here"):
                return Reply(status=307, headers={"Location": f"{elsewhere.url}/there?signature=s"})
            return Reply(status=302, headers={"Location": "/here"})

        with scripted(basic_auth(redirect)) as server:
            client = client_of(server, user="me")
            with client.blobs(app(server)).open(Digest.of(b"blob")) as blob:
                assert blob.read(10) == b"blob"
        assert [("authorization" in request.headers) for request in server.seen] == [True, True]
        assert "authorization" not in elsewhere.seen[0].headers
        assert elsewhere.seen[0].path == "/there?signature=s"


def test_an_upload_address_on_another_port_gets_no_authorization() -> None:
    with scripted(always(Reply(status=201))) as elsewhere:

        def post(_request: Request) -> Reply:
            return Reply(status=202, headers={"Location": f"{elsewhere.url}/upload?state=s"})

        with scripted(basic_auth(post)) as server:
            client = client_of(server, user="me")
            client.blobs(app(server)).put(client.blobs(app(server)).start(), Digest.of(b"abc"), 3, iter([b"abc"]))
        sent = elsewhere.seen[0]
        assert (sent.body, sent.path) == (
            b"abc",
            f"/upload?state=s&digest={Digest.of(b'abc')}".replace("256:", "256%3A"),
        )
        assert "authorization" not in sent.headers


def test_a_wrong_password_is_asked_once_and_does_not_show() -> None:
    def refuse(_request: Request) -> Reply:
        return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'}, body=errors("UNAUTHORIZED", "bad"))

    with scripted(refuse) as server, pytest.raises(DeniedError, match="UNAUTHORIZED: bad") as caught:
        client_of(server, user="me", attempts=5).get_manifest(app(server))
    error = caught.value
    assert "as me" in error.hint
    assert "hunter2" not in f"{error}{error.hint}"
    assert len(server.seen) <= 2


def test_without_a_login_a_refusal_says_missing_or_private() -> None:
    error = failure(Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'}), method="head")
    assert isinstance(error, DeniedError)
    assert "missing, or private" in error.hint
    assert error.hint.endswith("; auth.json has no login for it")


def test_temporary_failures_are_asked_again_and_lasting_ones_are_not() -> None:
    replies = [Reply(status=503), Reply(status=502, body=b"<html>"), Reply(status=504)]
    good = Reply(headers={**TYPED, "Docker-Content-Digest": str(MANIFEST.descriptor.digest), "Content-Length": "9"})

    def script(request: Request) -> Reply:
        if request.path == "/v2/":
            return Reply()
        return replies.pop(0) if replies else good

    with scripted(script) as server:
        assert client_of(server, attempts=4).head_manifest(app(server)).digest == MANIFEST.descriptor.digest
    for status in (400, 403, 404, 405, 413, 415):
        with scripted(always(Reply(status=status))) as server, pytest.raises(RegistryError):
            client_of(server, attempts=4).head_manifest(app(server))
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("complaint", "seconds"),
    [
        (Reply(status=429, body=b"Too Many Requests", headers={"Retry-After": "1"}), 0.9),
        (Reply(status=429, body=b"Too Many Requests"), 0.4),
        (Reply(status=503), 0.4),
    ],
    ids=["told when", "429", "503"],
)
def test_a_host_that_complains_is_left_alone_for_a_while(complaint: Reply, seconds: float) -> None:
    """By all who ask it, not only by the one who was refused, and whatever their own patience."""
    good = Reply(headers={**TYPED, "Docker-Content-Digest": str(MANIFEST.descriptor.digest), "Content-Length": "9"})
    replies = [complaint]
    with scripted(lambda request: Reply() if request.path == "/v2/" else replies.pop() if replies else good) as server:
        client = client_of(server, pause=0.5)
        with pytest.raises(RegistryError):
            client.head_manifest(app(server, "1"))
        began = time.monotonic()
        assert client.head_manifest(app(server, "2")).digest == MANIFEST.descriptor.digest
        assert time.monotonic() - began > seconds


def test_a_manifests_get_is_tried_twice_at_the_most() -> None:
    with scripted(always(Reply(status=503))) as server, pytest.raises(RegistryError):
        client_of(server, attempts=9).get_manifest(app(server))
    assert len(server.seen) == 2


def test_a_manifest_that_cannot_be_invalid_is_put_again() -> None:
    """Distribution 2.8 answers so while another client puts the same manifest: what it reads is half written."""
    invalid = Reply(status=400, body=errors("DIGEST_INVALID", "provided digest did not match uploaded content"))
    replies = [invalid, invalid, Reply(status=201)]
    with scripted(lambda request: Reply() if request.path == "/v2/" else replies.pop(0)) as server:
        client_of(server, attempts=3).put_manifest(app(server), MANIFEST)
    assert replies == []
    with scripted(always(invalid)) as server, pytest.raises(RegistryError) as caught:
        client_of(server, attempts=3).put_manifest(app(server), MANIFEST)
    assert (caught.value.code, len(server.seen)) == ("digest-invalid", 3)


BASE = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
FOREIGN = manifest_of(
    {"config": entry(CONFIG, b"{}"), "layers": [entry(BASE, b"base"), entry(LAYER, b"layer")]}, OCI_MANIFEST
)
NOTHING_SAID = {"code": "UNKNOWN", "message": "unknown error"}


def lacking(detail: object) -> dict[str, object]:
    return {"code": "MANIFEST_BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": detail}


@pytest.mark.parametrize(
    ("status", "said", "asked"),
    [
        # distribution 2.8: of addresses that it was not told to allow, and of a layer that names none
        (500, [NOTHING_SAID, {**NOTHING_SAID, "detail": {}}, lacking(str(Digest.of(b"base")))], 1),
        (400, [lacking({"digest": str(Digest.of(b"base"))})], 1),
        (500, [NOTHING_SAID, lacking(str(Digest.of(b"base"))), lacking(str(Digest.of(b"layer")))], 3),
        (500, [NOTHING_SAID, lacking(["base"])], 3),
        (500, [NOTHING_SAID], 3),
        (500, [NOTHING_SAID, None, {"code": []}], 3),
    ],
)
def test_layers_that_stand_in_no_registry_are_refused_once(status: int, said: list[object], asked: int) -> None:
    refusal = Reply(status=status, body=json.dumps({"errors": said}).encode())
    with scripted(always(refusal)) as server, pytest.raises(RegistryError) as caught:
        client_of(server, attempts=3).put_manifest(app(server), FOREIGN)
    assert len(server.seen) == asked
    assert (caught.value.code == "foreign-layer") is (asked == 1)
    if asked == 1:
        assert str(Digest.of(b"base")) in caught.value.message
        assert "validation.manifests.urls.allow" in caught.value.hint
        assert not may_pass(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [(413, b"<html>", "proxy-body-size"), (405, b"", "read-only"), (415, b"", "docker2s2"), (500, b"", "disk")],
)
def test_hints(status: int, body: bytes, hint: str) -> None:
    assert hint in failure(Reply(status=status, body=body)).hint


@pytest.mark.parametrize(
    ("status", "headers", "start", "total"),
    [
        (206, {"Content-Range": "bytes 5-9/10"}, 5, 10),
        (206, {"Content-Range": "bytes 5-9/5000"}, 5, 5000),
        (206, {"Content-Range": "bytes 5-9/*"}, 5, None),
        (200, {}, 0, 5),
        (206, {"Content-Range": "bytes 4-9/10"}, None, None),
        (206, {"Content-Range": f"bytes {'5' * 5000}-9/10"}, None, None),
        (206, {}, None, None),
    ],
)
def test_what_a_range_brings(status: int, headers: dict[str, str], start: int | None, total: int | None) -> None:
    with scripted(always(Reply(status=status, headers=headers, body=b"56789"))) as server:
        if start is None:
            with pytest.raises(RegistryError):
                client_of(server).blobs(app(server)).open(Digest.of(b""), start=5)
            return
        with client_of(server).blobs(app(server)).open(Digest.of(b""), start=5) as blob:
            assert (blob.start, blob.total) == (start, total)
        assert server.seen[0].headers["range"] == "bytes=5-"


def read_all(blob: OpenBlob) -> bytes:
    return b"".join(iter(lambda: blob.read(3), b""))


def test_a_cut_blob_is_told_from_its_end() -> None:
    with (
        scripted(always(Reply(body=b"0123456789", cut=4))) as server,
        client_of(server).blobs(app(server)).open(Digest.of(b"")) as blob,
        pytest.raises(UnreachableError, match="cut off"),
    ):
        read_all(blob)


def test_a_blob_may_take_longer_than_any_answer() -> None:
    with Sandbox(token_auth=False, cdn=False, bandwidth=200_000) as slow:
        slow.put_image("app:1", layers=[Layer(name="layer", size=600_000)])
        layer = slow.manifest("app:1").layers()[0]  # type: ignore[union-attr]
        client = Client(Sources(), insecure_hosts=[slow.address], limits=Limits(read=1.0), policy=Policy(attempts=1))
        with client.blobs(slow.reference("app:1")).open(layer.digest) as blob:
            assert layer.digest.matches(blob.read(layer.size))


def test_a_session_that_cannot_be_cancelled_is_left() -> None:
    with scripted(always(Reply(status=503))) as server:
        client = Client(Sources(), insecure_hosts=[server.address], policy=Policy(sleep=lambda _: None))
        client.blobs(app(server)).cancel(Upload(url=f"{server.url}/v2/acme/app/blobs/uploads/1"))
        assert [request.method for request in server.seen] == ["DELETE"]


MALFORMED = ["5", '{"a": 1}', "[1]", "[null]", "[{}]", '[{"digest": 5}]', '[{"digest": "sha256:1"}]']


@pytest.mark.parametrize("listed", MALFORMED)
def test_a_malformed_list_of_referrers(listed: str) -> None:
    body = f'{{"schemaVersion": 2, "manifests": {listed}}}'.encode()
    with (
        scripted(always(Reply(body=body, headers={"Content-Type": OCI_INDEX}))) as server,
        pytest.raises(RegistryError, match="malformed"),
    ):
        client_of(server).referrers(app(server).at(MANIFEST.descriptor.digest))


@pytest.mark.parametrize("following", ["http://127.0.0.2:9/v2/acme/app/referrers/x", "?again=1"])
def test_a_list_of_referrers_that_leads_elsewhere_or_on_and_on_is_refused(following: str) -> None:
    page = Reply(
        body=b'{"schemaVersion": 2, "manifests": []}',
        headers={"Content-Type": OCI_INDEX, "Link": f'<{following}>; rel="next"'},
    )
    with scripted(always(page)) as server:
        with pytest.raises(RegistryError) as caught:
            client_of(server).referrers(app(server).at(MANIFEST.descriptor.digest))
        assert caught.value.code == "referrers"
        assert len(server.seen) == (1 if "9" in following else 100)
