from __future__ import annotations

import socket
from base64 import b64encode

import pytest

from seeder import __version__
from seeder.errors import MissingError, RegistryError, UnreachableError
from seeder.model.descriptor import Manifest
from seeder.model.media_type import OCI_INDEX
from seeder.model.reference import ImageReference
from seeder.registry.addresses import Origin, joined, public
from seeder.registry.client import Client
from seeder.registry.proxies import Proxies
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.transport import Limits
from seeder.sandbox import Action, Sandbox
from tests.registry.scripted import Reply, Request, scripted

PROXY = {"HTTPS_PROXY": "http://proxy.test:3128", "http_proxy": "plain.test:80"}


@pytest.mark.parametrize(
    ("url", "host", "port", "netloc"),
    [
        ("https://r.test/v2/", "r.test", 443, "r.test"),
        ("https://r.test:443/", "r.test", 443, "r.test"),
        ("http://r.test", "r.test", 80, "r.test"),
        ("http://R.test:443/x", "r.test", 443, "r.test:443"),
        ("https://[2001:db8::1]:5000/v2/", "2001:db8::1", 5000, "[2001:db8::1]:5000"),
        ("https://[::1]/", "::1", 443, "[::1]"),
    ],
)
def test_origins(url: str, host: str, port: int, netloc: str) -> None:
    origin = Origin.of(url)
    assert (origin.host, origin.port, origin.netloc) == (host, port, netloc)


@pytest.mark.parametrize(
    "url", ["", "r.test", "ftp://r.test/", "https:///x", "https://r.test:99999/", "https://[x/", "https://ü.test/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(RegistryError):
        Origin.of(url)


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ("", "https://r.test/", True),
        ("r.test", "https://r.test/", False),
        (".test", "https://r.test/", False),
        ("*.test", "https://r.test/", False),
        ("test", "https://r.test/", False),
        ("est", "https://r.test/", True),
        ("r.test:5000", "https://r.test/", True),
        ("r.test:443", "https://r.test/", False),
        ("other.test, r.test", "https://r.test/", False),
        ("*", "https://r.test/", False),
        ("10.0.0.0/8", "https://10.1.2.3/", False),
        ("10.0.0.0/8", "https://11.1.2.3/", True),
        ("10.0.0.0/8", "https://r.test/", True),
        ("::1", "https://[::1]/", False),
        ("[::1]", "https://[::1]/", False),
        ("fd00::/8", "https://[fd00::5]/", False),
        ("nonsense/8", "https://r.test/", True),
    ],
)
def test_no_proxy(no_proxy: str, url: str, proxied: bool) -> None:
    found = Proxies({**PROXY, "NO_PROXY": no_proxy}).for_origin(Origin.of(url))
    assert found == ("http://proxy.test:3128" if proxied else "")


def test_proxies_by_scheme_and_for_all() -> None:
    assert Proxies(PROXY).for_origin(Origin.of("http://r.test/")) == "http://plain.test:80"
    assert Proxies({"all_proxy": "http://a.test"}).for_origin(Origin.of("https://r.test/")) == "http://a.test"
    assert Proxies({}).for_origin(Origin.of("https://r.test/")) == ""


def client(environment: dict[str, str], *insecure: str, **options: object) -> Client:
    return Client(
        Sources(environment=environment),
        insecure_hosts=insecure,
        policy=Policy(attempts=1),
        **options,  # type: ignore[arg-type]
    )


def test_a_plain_registry_is_reached_through_the_proxy() -> None:
    digest = "sha256:" + "0" * 64

    def proxy(_request: Request) -> Reply:
        return Reply(headers={"Docker-Content-Digest": digest, "Content-Type": OCI_INDEX})

    with scripted(proxy) as server:
        asking = client({"HTTP_PROXY": server.url}, "registry.test:5000")
        found = asking.head_manifest(ImageReference.parse("registry.test:5000/acme/app:1"))
        assert str(found.digest) == digest
        assert server.seen[-1].path == "http://registry.test:5000/v2/acme/app/manifests/1"


def test_a_proxy_gets_its_login_and_nobody_else_does() -> None:
    with scripted(lambda _: Reply(status=404)) as server:
        address = server.address
        asking = client({"HTTP_PROXY": f"http://me:a%40b%3Ac@{address}"}, "registry.test:5000")
        with pytest.raises(MissingError):
            asking.head_manifest(ImageReference.parse("registry.test:5000/acme/app:1"))
        assert server.seen[-1].headers["proxy-authorization"] == f"Basic {b64encode(b'me:a@b:c').decode()}"
        direct = client({"HTTP_PROXY": f"http://me:secret@{address}", "NO_PROXY": "127.0.0.1"}, address)
        with pytest.raises(MissingError):
            direct.head_manifest(ImageReference.parse(f"{address}/acme/app:1"))
        assert "proxy-authorization" not in server.seen[-1].headers


@pytest.mark.parametrize(("status", "words"), [(407, "user and password"), (403, "rules")])
def test_a_proxy_that_lets_nobody_through_is_asked_once(status: int, words: str) -> None:
    with scripted(lambda _: Reply(status=status)) as server:
        asking = Client(Sources(environment={"HTTPS_PROXY": f"http://me:secret@{server.address}"}))
        with pytest.raises(UnreachableError, match=str(status)) as caught:
            asking.head_manifest(ImageReference.parse("registry.test/acme/app:1"))
        assert (caught.value.code, words in caught.value.hint) == ("proxy", True)
        assert "secret" not in str(caught.value)
        assert len(server.seen) == 1
        assert "Basic" in server.seen[0].headers["proxy-authorization"]


def test_a_dead_proxy_is_named(closed_port: str) -> None:
    asking = client({"HTTPS_PROXY": f"http://{closed_port}"})
    with pytest.raises(UnreachableError, match="proxy") as caught:
        asking.head_manifest(ImageReference.parse("registry.test/acme/app:1"))
    assert "HTTPS_PROXY" in caught.value.hint


def test_where_nobody_listens_and_where_no_host_is_called_so(closed_port: str) -> None:
    for host, words in ((closed_port, "no connection: "), ("absent.invalid", "this name has no address")):
        with pytest.raises(UnreachableError, match=f"{host}: {words}") as caught:
            client({}).head_manifest(ImageReference.parse(f"{host}/acme/app:1"))
        assert caught.value.hint


def test_silence_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        asking = client({}, limits=Limits(connect=0.2, read=0.2))
        with pytest.raises(UnreachableError):
            asking.head_manifest(ImageReference.parse(f"{host}/acme/app:1"))


def test_the_log_for_debugging_has_each_request_and_what_came_back(
    sandbox: Sandbox, closed_port: str, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.put_image("nginx:1")
    with caplog.at_level("DEBUG", "seeder.registry.transport"):
        client({}, sandbox.address).head_manifest(ImageReference.parse(f"{sandbox.address}/library/nginx:1"))
        with pytest.raises(UnreachableError):
            client({}).head_manifest(ImageReference.parse(f"{closed_port}/acme/app:1"))
    told = "\n".join(caplog.messages)
    assert f"HEAD http://{sandbox.address}/v2/library/nginx/manifests/1: 200 after " in told
    assert f"GET http://{sandbox.address}/token: 200 after " in told
    assert f"HEAD https://{closed_port}/v2/acme/app/manifests/1: no connection: Connection refused after " in told
    assert "?" not in told


@pytest.mark.parametrize(
    "location", ["https://cdn.test:x/b?sig=secret", "ftp://cdn.test/b?sig=secret", "//[b?sig=secret"]
)
def test_an_address_that_is_none_is_named_without_its_signature(location: str) -> None:
    with pytest.raises(RegistryError) as caught:
        Origin.of(joined("https://r.test/v2/", location))
    assert "secret" not in str(caught.value)


def test_public_addresses_have_no_secrets() -> None:
    assert public("https://me:pw@r.test/a?token=t#x") == "https://r.test/a"


def test_a_media_type_that_fits_into_no_header_is_refused_and_not_sent(sandbox: Sandbox) -> None:
    raw = b'{"mediaType": "a\\r\\nX: y"}'
    manifest = Manifest.of("a\r\nX: y", raw)
    before = sandbox.counters.total
    asking = client({}, sandbox.address)
    with pytest.raises(RegistryError, match="Content-Type"):
        asking.put_manifest(sandbox.reference("acme/app:1"), manifest)
    assert sandbox.counters.by_repository(Action.MANIFEST_PUT).total() == 0
    assert sandbox.counters.total > before


def test_requests_say_who_asks() -> None:
    with scripted(lambda _: Reply(status=404)) as server, pytest.raises(MissingError):
        client({}, server.address).head_manifest(ImageReference.parse(f"{server.address}/acme/app:1"))
    asked = server.seen[-1]
    assert asked.headers["user-agent"] == f"seeder/{__version__}"
    assert asked.headers["host"] == server.address
