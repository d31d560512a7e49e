"""Basic and bearer authentication: the sandbox, a real registry with htpasswd, and servers that lie."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from seeder.errors import DeniedError, RegistryError, ThrottledError, UnreachableError
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.reference import ImageReference
from seeder.registry.auth_files import AuthFile
from seeder.registry.challenge import Challenge
from seeder.registry.client import Client
from seeder.registry.credential import Credential
from seeder.registry.credentials import Credentials
from seeder.registry.retry import Policy
from seeder.registry.scopes import Scope
from seeder.registry.sources import Sources
from seeder.sandbox import Sandbox
from seeder.sandbox.counters import Action
from tests.fixtures.distribution import PASSWORD, USER, StartRegistry
from tests.registry.images import image, push_image
from tests.registry.scripted import Reply, Request, Scripted, client_of, scripted

MANIFEST = image()


def client_at(address: str, credential: Credential | None = None) -> Client:
    entries = {address: credential} if credential else {}
    file = AuthFile(path=Path("auth.json"), entries=entries)
    policy = Policy(attempts=1)
    return Client(Sources(credentials=Credentials([file])), insecure_hosts=[address], policy=policy)


def tokens(sandbox: Sandbox) -> int:
    return sandbox.counters.by_repository(Action.TOKEN).total()


def test_many_threads_ask_for_one_token_a_repository(sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1")
    sandbox.put_image("redis:7")
    client = client_at(sandbox.address)
    references = [sandbox.reference(name) for name in ("nginx:1", "redis:7") for _ in range(12)]
    threads = [threading.Thread(target=client.head_manifest, args=(reference,)) for reference in references]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sandbox.counters.manifest_heads.total() == 24
    assert tokens(sandbox) == 2


def test_the_probe_learns_the_challenge_so_that_no_request_is_refused(sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1")
    client_at(sandbox.address).head_manifest(sandbox.reference("nginx:1"))
    refused = [asked.action for asked in sandbox.counters.requests if asked.status == 401]
    assert refused == [Action.PING]


def test_an_expired_token_is_renewed_in_mid_run(sandbox: Sandbox) -> None:
    sandbox.put_image("nginx:1")
    client = client_at(sandbox.address)
    client.head_manifest(sandbox.reference("nginx:1"))
    sandbox.expire_tokens()
    client.head_manifest(sandbox.reference("nginx:1"))
    assert tokens(sandbox) == 2


def test_a_push_and_a_mount_ask_for_what_they_need(sandbox: Sandbox) -> None:
    client = client_at(sandbox.address)
    manifest = push_image(client, sandbox.reference("acme/app:1"))
    layer = manifest.blobs()[-1].digest
    assert client.blobs(sandbox.reference("acme/other")).mount(layer, "acme/app") is None


def test_a_real_registry_with_a_password(start_registry: StartRegistry) -> None:
    registry = start_registry(basic=True)
    reference = ImageReference.parse(f"{registry.address}/acme/app:1.0")
    client = client_at(registry.address, Credential(username=USER, secret=PASSWORD))
    manifest = push_image(client, reference)
    assert client.get_manifest(reference) == manifest
    for credential in (None, Credential(username=USER, secret="wrong")):
        with pytest.raises(DeniedError) as caught:
            client_at(registry.address, credential).get_manifest(reference)
        assert "UNAUTHORIZED" in caught.value.message


def test_private_repositories_need_the_right_login() -> None:
    with Sandbox(basic=("me", "secret"), private=frozenset({"acme/app"})) as sandbox:
        sandbox.put_image("acme/app:1")
        reference = sandbox.reference("acme/app:1")
        client_at(sandbox.address, Credential(username="me", secret="secret")).head_manifest(reference)
        for credential in (None, Credential(username="me", secret="wrong")):
            with pytest.raises(DeniedError):
                client_at(sandbox.address, credential).head_manifest(reference)


class Hub:
    """A registry and its token service on one scripted server."""

    def __init__(self, token: Callable[[Request], Reply], realm: str = "") -> None:
        self.token = token
        self.realm = realm

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith("/token"):
            return self.token(request)
        if "authorization" not in request.headers:
            realm = self.realm or f"http://{request.headers['host']}/token"
            challenge = f'Bearer realm="{realm}",service="s"'
            return Reply(status=401, headers={"WWW-Authenticate": challenge})
        return Reply(body=MANIFEST.raw, headers={"Content-Type": OCI_MANIFEST})


def app(server: Scripted) -> ImageReference:
    return ImageReference.parse(f"{server.address}/acme/app:1.0")


def given(**document: object) -> Callable[[Request], Reply]:
    return lambda _: Reply(body=json.dumps(document).encode())


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply(body=b"x" * (65 << 10)), RegistryError, "too-large"),
        (Reply(body=json.dumps({"token": "t" * (64 << 10)}).encode()), RegistryError, "too-large"),
        (Reply(body=b"no JSON"), RegistryError, "token"),
        (Reply(body=b"[]"), RegistryError, "token"),
        (Reply(body=b"{}"), RegistryError, "token"),
        (Reply(body=b'{"token": 5}'), RegistryError, "token"),
        (Reply(body=b'{"token": "t", "expires_in": "soon"}'), RegistryError, "token"),
        (Reply(status=401, body=b"{}"), DeniedError, "wrong-credentials"),
        (Reply(status=403), DeniedError, "denied"),
        (Reply(status=429, body=b"toomanyrequests"), ThrottledError, "throttled"),
        (
            Reply(status=429, body=b'{"errors": [{"code": "toomanyrequests", "message": "pull rate limit"}]}'),
            ThrottledError,
            "throttled",
        ),
        (Reply(status=503), RegistryError, "registry"),
        (Reply(status=500, body=b'{"errors": [{"code": "UNKNOWN"}]}'), RegistryError, "registry"),
        (Reply(status=400, body=b'{"errors": [{"code": "SIZE_INVALID"}]}'), RegistryError, "size-invalid"),
    ],
)
def test_token_services_that_do_not_give_one(reply: Reply, kind: type[RegistryError], code: str) -> None:
    with scripted(Hub(lambda _: reply)) as server, pytest.raises(RegistryError) as caught:
        client_of(server).get_manifest(app(server))
    assert (type(caught.value), caught.value.code) == (kind, code)


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_either_name_of_a_token_is_taken(key: str) -> None:
    with scripted(Hub(given(**{key: "t"}))) as server:
        client_of(server).get_manifest(app(server))
        assert server.seen[-1].headers["authorization"] == "Bearer t"


def test_the_request_for_a_token_has_scope_service_and_login() -> None:
    with scripted(Hub(given(token="t"))) as server:
        client_of(server, user="me").get_manifest(app(server))
        asked = next(request for request in server.seen if request.path.startswith("/token"))
    assert parse_qs(urlsplit(asked.path).query) == {"service": ["s"], "scope": ["repository:acme/app:pull"]}
    assert base64.b64decode(asked.headers["authorization"].split()[1]) == b"me:hunter2"


def test_an_identity_token_goes_by_post() -> None:
    with scripted(Hub(given(access_token="t"))) as server:
        credential = Credential(secret="refresh", is_identity_token=True)
        client_at(server.address, credential).get_manifest(app(server))
        asked = next(request for request in server.seen if request.path.startswith("/token"))
    assert (asked.method, parse_qs(asked.body.decode())) == (
        "POST",
        {
            "grant_type": ["refresh_token"],
            "refresh_token": ["refresh"],
            "service": ["s"],
            "client_id": ["seeder"],
            "scope": ["repository:acme/app:pull"],
        },
    )


def test_a_token_that_is_refused_is_renewed_once_and_no_more() -> None:
    def refuse(request: Request) -> Reply:
        if request.path.startswith("/token"):
            return Reply(body=b'{"token": "t"}')
        challenge = f'Bearer realm="http://{request.headers["host"]}/token",service="s"'
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    with scripted(refuse) as server, pytest.raises(DeniedError):
        client_of(server, attempts=5).get_manifest(app(server))
    assert sum(request.path.startswith("/token") for request in server.seen) <= 2


def test_a_login_never_goes_to_the_realm_of_another_docker_hub() -> None:
    with scripted(Hub(given(token="t"))) as server:
        auth = Credentials([AuthFile(path=Path("a"), entries={"docker.io": Credential(username="me", secret="s")})])
        client = Client(Sources(credentials=auth))
        endpoint = client.endpoint(ImageReference.parse("nginx"))
        challenge = Challenge(scheme="bearer", parameters={"realm": f"{server.url}/token", "service": "s"})
        header = client._calls._authorizer.challenged(Scope(endpoint=endpoint), challenge, "")
        assert header == "Bearer t"
        assert "authorization" not in server.seen[0].headers


def test_a_login_leaves_by_plain_http_only_where_that_was_said() -> None:
    with scripted(Hub(given(token="t"))) as server:
        credential = Credential(username="me", secret="s")
        auth = Credentials([AuthFile(path=Path("a"), entries={"secure.test": credential})])
        client = Client(Sources(credentials=auth))
        endpoint = client.endpoint(ImageReference.parse("secure.test/acme/app"))
        challenge = Challenge(scheme="bearer", parameters={"realm": f"{server.url}/token", "service": "s"})
        with pytest.raises(DeniedError) as caught:
            client._calls._authorizer.challenged(Scope(endpoint=endpoint), challenge, "")
        assert caught.value.code == "plain-http"
        assert server.seen == []


def test_a_token_that_ends_before_an_upload_makes_the_upload_fail_for_a_while_only(sandbox: Sandbox) -> None:
    client = client_at(sandbox.address)
    reference = sandbox.reference("acme/app")
    session = client.blobs(reference).start()
    sandbox.expire_tokens()
    digest = Digest.of(b"abc")
    with pytest.raises(UnreachableError, match="token had ended"):
        client.blobs(reference).put(session, digest, 3, iter([b"abc"]))
    client.blobs(reference).put(client.blobs(reference).start(), digest, 3, iter([b"abc"]))
    assert sandbox.has_blob("acme/app", digest)


def test_a_login_that_cannot_be_had_is_told_by_who_needs_it(sandbox: Sandbox) -> None:
    """Announcing repositories fails none: the images of another registry must not pay for a broken helper."""

    def broken(helper: str, server: str) -> Credential | None:
        raise DeniedError(f"{helper} failed for {server}", code="credential-helper")

    sandbox.put_image("acme/app:1")
    logins = Credentials([AuthFile(path=Path(), helpers={"r.test": "broken"})], ask=broken)
    client = Client(Sources(credentials=logins), insecure_hosts=[sandbox.address], policy=Policy(attempts=1))
    private = ImageReference.parse("r.test/acme/app:1")
    client.expect([private, sandbox.reference("acme/app:1")])
    client.head_manifest(sandbox.reference("acme/app:1"))
    with pytest.raises(DeniedError, match="broken failed"):
        client.authorization(private, asked='Basic realm="r"')


def test_one_token_serves_the_repositories_that_were_announced(sandbox: Sandbox) -> None:
    references = [sandbox.reference(f"a/i{n}:1") for n in range(20)]
    for n in range(20):
        sandbox.put_image(f"a/i{n}:1")
    client = client_at(sandbox.address)
    client.expect(references)
    for reference in references:
        client.get_manifest(reference)
    assert tokens(sandbox) == 2
    sandbox.expire_tokens()
    for reference in references:
        client.head_manifest(reference)
    assert tokens(sandbox) == 2 + 20


def test_the_first_repositories_to_be_asked_for_need_all_the_tokens(sandbox: Sandbox) -> None:
    references = [sandbox.reference(f"a/i{n:02}:1") for n in range(60)]
    for reference in references[:8]:
        sandbox.put_image(f"{reference.repository}:1")
    client = client_at(sandbox.address)
    client.expect(references)
    for reference in references[:4]:
        client.head_manifest(reference)
    assert tokens(sandbox) == 4
    for reference in references[4:8]:
        client.head_manifest(reference)
    assert tokens(sandbox) == 4


def test_what_a_shared_token_does_not_grant_is_asked_for_alone() -> None:
    with Sandbox(private=frozenset({"a/secret"})) as sandbox:
        for name in ("a/open", "a/secret"):
            sandbox.put_image(f"{name}:1")
        client = client_at(sandbox.address)
        client.expect([sandbox.reference("a/open:1"), sandbox.reference("a/secret:1")])
        client.head_manifest(sandbox.reference("a/open:1"))
        with pytest.raises(DeniedError):
            client.head_manifest(sandbox.reference("a/secret:1"))
        client.head_manifest(sandbox.reference("a/open:1"))


def test_a_service_that_takes_one_scope_alone_gets_one() -> None:
    def single(request: Request) -> Reply:
        scopes = parse_qs(urlsplit(request.path).query)["scope"]
        return Reply(body=b'{"token": "t"}') if len(scopes) == 1 else Reply(status=400, body=b"one scope, please")

    with scripted(Hub(single)) as server:
        client = client_of(server)
        others = [app(server), ImageReference.parse(f"{server.address}/acme/other:1")]
        client.expect(others)
        for reference in others:
            client.get_manifest(reference)
