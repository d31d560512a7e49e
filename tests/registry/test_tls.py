"""TLS with a private CA, against a real registry."""

from __future__ import annotations

import shutil
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from seeder.errors import FileError, SeederError, UnreachableError
from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Failed
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.retry import Policy
from seeder.registry.sources import Sources
from seeder.registry.tls import Certificates
from seeder.sandbox import Action, Layer, Sandbox
from tests.engines.bench import Bench
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import Distribution, StartRegistry
from tests.fixtures.faults import Fault, Kind
from tests.registry.images import push_image
from tests.registry.scripted import Reply, Request, client_of, scripted


@pytest.fixture
def registry(start_registry: StartRegistry, authority: Authority) -> Distribution:
    return start_registry(authority=authority)


def works(registry: Distribution, environment: dict[str, str], **options: object) -> None:
    client = Client(Sources.load(environment), policy=Policy(attempts=1), **options)  # type: ignore[arg-type]
    push_image(client, ImageReference.parse(f"{registry.address}/acme/app:1.0"))


def trust(home: Path, host: str, authority: Authority) -> None:
    folder = home / ".config/containers/certs.d" / host
    folder.mkdir(parents=True)
    shutil.copy(authority.file, folder / "ca.crt")


def test_an_unknown_ca_is_refused_with_the_place_to_put_it(registry: Distribution, home: Path) -> None:
    with pytest.raises(UnreachableError, match="not trusted") as caught:
        works(registry, {"HOME": str(home)})
    assert caught.value.code == "certificate"
    assert f"/etc/containers/certs.d/{registry.address}/ca.crt" in caught.value.hint


def test_a_ca_in_certs_d_counts_for_its_host_alone(registry: Distribution, home: Path, authority: Authority) -> None:
    trust(home, "other.test", authority)
    with pytest.raises(UnreachableError):
        works(registry, {"HOME": str(home)})
    trust(home, registry.address, authority)
    works(registry, {"HOME": str(home)})


def test_a_ca_in_certs_d_counts_wherever_its_registry_sends_us(home: Path, authority: Authority) -> None:
    """A token service and a blob host of their own, under the same authority: containers and Docker trust them too."""
    with scripted(lambda _: Reply(body=b'{"token": "t"}'), authority.server_context()) as realm:

        def registry(request: Request) -> Reply:
            if "authorization" not in request.headers:
                return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm.url}/token"'})
            return Reply(status=307, headers={"Location": f"{realm.url}/blob"})

        with scripted(registry, authority.server_context()) as server:
            trust(home, server.address, authority)
            client = Client(Sources.load({"HOME": str(home)}), policy=Policy(attempts=1))
            client.blobs(ImageReference.parse(f"{server.address}/acme/app")).open(Digest.of(b"")).close()
        assert [request.path.partition("?")[0] for request in realm.seen] == ["/token", "/blob"]
        with pytest.raises(UnreachableError, match="not trusted"):
            client.head_manifest(ImageReference.parse(f"{realm.address}/acme/app:1"))


def test_client_certificates_are_for_their_own_host(home: Path, authority: Authority) -> None:
    trust(home, "r.test", authority)
    folder = home / ".config/containers/certs.d/r.test"
    (folder / "client.cert").write_text("not read for another host")
    Certificates((folder.parent,)).context("elsewhere.test", registry="r.test")
    with pytest.raises(FileError):
        Certificates((folder.parent,)).context("r.test")


def test_a_ca_in_ssl_cert_file(registry: Distribution, home: Path, authority: Authority) -> None:
    works(registry, {"HOME": str(home), "SSL_CERT_FILE": str(authority.file)})


def test_insecure_takes_any_certificate(registry: Distribution, home: Path) -> None:
    works(registry, {"HOME": str(home)}, insecure_hosts=[registry.address])


def test_a_certificate_for_another_name_is_refused(home: Path, tmp_path: Path, start_registry: StartRegistry) -> None:
    ca = trustme.CA()
    made = Authority(file=tmp_path / "ca.crt", certificate=tmp_path / "s.crt", key=tmp_path / "s.key")
    leaf = ca.issue_cert("elsewhere.test")
    ca.cert_pem.write_to_path(made.file)
    leaf.private_key_pem.write_to_path(made.key)
    leaf.cert_chain_pems[0].write_to_path(made.certificate)
    with pytest.raises(UnreachableError, match="not trusted"):
        works(start_registry(authority=made), {"HOME": str(home), "SSL_CERT_FILE": str(made.file)})


def test_a_client_certificate_is_shown(home: Path, tmp_path: Path) -> None:
    ca = trustme.CA()
    server, client = ca.issue_cert("127.0.0.1"), ca.issue_cert("client.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.configure_cert(context)
    ca.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with Sandbox(tls=context, token_auth=False, cdn=False) as sandbox:
        folder = home / ".config/containers/certs.d" / sandbox.address
        folder.mkdir(parents=True)
        ca.cert_pem.write_to_path(folder / "ca.crt")
        sandbox.put_image("nginx:1")
        reference = sandbox.reference("nginx:1")
        with pytest.raises(UnreachableError):
            Client(Sources.load({"HOME": str(home)}), policy=Policy(attempts=1)).head_manifest(reference)
        client.private_key_pem.write_to_path(folder / "client.key")
        client.cert_chain_pems[0].write_to_path(folder / "client.cert")
        Client(Sources.load({"HOME": str(home)}), policy=Policy(attempts=1)).head_manifest(reference)


def test_a_broken_certificate_is_named(home: Path) -> None:
    folder = home / "certs.d"
    (folder / "r.test").mkdir(parents=True)
    (folder / "r.test/ca.crt").write_text("no certificate")
    with pytest.raises(FileError, match="cannot be used") as caught:
        Certificates((folder,)).context("r.test")
    assert caught.value.where.endswith("r.test/ca.crt")


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_that_cannot_be_used_is_named(home: Path, text: str | None) -> None:
    bundle = home / "bundle.pem"
    if text is not None:
        bundle.write_text(text)
    with pytest.raises(FileError, match="cannot be used as certificates") as caught:
        Certificates(ca_file=str(bundle)).context("r.test")
    assert (caught.value.where, caught.value.hint) == (str(bundle), "SSL_CERT_FILE names it; it must be PEM")


def test_contexts_are_made_once_a_folder(home: Path) -> None:
    certificates = Certificates((home,))
    assert certificates.context("a.test") is certificates.context("b.test")
    assert certificates.context("a.test", verify=False) is not certificates.context("a.test")
    assert certificates.context("a.test", verify=False).verify_mode is ssl.CERT_NONE


def test_a_redirect_from_tls_to_plain_http_is_refused(authority: Authority, home: Path) -> None:
    def redirect(_request: Request) -> Reply:
        return Reply(status=307, headers={"Location": "http://127.0.0.1:9/blob"})

    with scripted(redirect, authority.server_context()) as server:
        environment = {"HOME": str(home), "SSL_CERT_FILE": str(authority.file)}
        client = Client(Sources.load(environment), policy=Policy(attempts=1))
        with pytest.raises(SeederError, match="from https to http"):
            client.blobs(ImageReference.parse(f"{server.address}/acme/app")).open(Digest.of(b""))


@pytest.mark.parametrize("leaves", ["https to http", "http to https", "https to https"])
def test_no_login_follows_a_redirect_to_another_scheme_or_port(authority: Authority, leaves: str) -> None:
    """Also where `insecure` lets it be followed."""
    first, second = (
        authority.server_context() if scheme == "https" else None for scheme in leaves.split(" to ", maxsplit=1)
    )
    with scripted(lambda _: Reply(body=b"blob"), second) as elsewhere:

        def redirect(request: Request) -> Reply:
            if "authorization" not in request.headers:
                return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})
            if request.path.endswith("/again"):
                return Reply(status=307, headers={"Location": f"{elsewhere.url}/there"})
            return Reply(status=307, headers={"Location": "/again"})

        with scripted(redirect, first) as server:
            client = client_of(server, user="me")
            with client.blobs(ImageReference.parse(f"{server.address}/acme/app")).open(Digest.of(b"blob")) as blob:
                assert blob.read(10) == b"blob"
        assert ["authorization" in request.headers for request in server.seen][-2:] == [True, True]
        assert [request.path for request in elsewhere.seen] == ["/there"]
        assert "authorization" not in elsewhere.seen[0].headers


def test_a_redirect_that_loses_tls_fails_the_image(
    authority: Authority, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with Sandbox(tls=authority.server_context()) as hub, Sandbox(token_auth=False) as target:
        (home / "registries.conf").write_text(hub.registries_conf())
        bench = Bench("direct", hub, target)
        copy = bench.image("app:1")
        hub.inject(Fault(kind=Kind.REDIRECT_PLAIN, action=Action.BLOB_GET, times=None))
        outcome = bench.one(copy)
        assert isinstance(outcome, Failed)
        assert (outcome.error.code, "from https to http" in outcome.error.message) == ("redirects", True)
        assert target.tags("app") == []
        hub.heal()
        assert isinstance(bench.one(copy), Copied)
        assert bench.whole(copy)


def test_what_is_interrupted_gives_no_byte_that_is_not_the_blob_s(authority: Authority) -> None:
    with Sandbox(tls=authority.server_context(), token_auth=False, cdn=False) as sandbox:
        sandbox.put_image("app:1", layers=[Layer(name="big", size=8 << 20)])
        layer = sandbox.manifest("app:1").layers()[0].digest  # type: ignore[union-attr]
        client = Client(Sources(environment={"SSL_CERT_FILE": str(authority.file)}))
        with client.blobs(sandbox.reference("app:1")).open(layer) as whole:
            data = whole.read(9 << 20)
        with client.blobs(sandbox.reference("app:1")).open(layer) as blob:
            got = [blob.read(1 << 10)]
            blob.interrupt()
            with pytest.raises(UnreachableError, match="cut off"):
                got.extend(iter(lambda: blob.read(64 << 10), b""))
        assert data.startswith(b"".join(got))


@contextmanager
def tunnel(authority: Authority) -> Iterator[str]:
    """The address of a proxy that is spoken to by TLS, and leads everybody where they want to go (CONNECT)."""

    class Tunnel(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            host, _, port = self.rfile.readline().split()[1].decode().partition(":")
            while self.rfile.readline().strip():
                pass
            with socket.create_connection((host, int(port))) as there:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=pour, args=(there, self.request), daemon=True)
                back.start()
                pour(self.request, there)

    def pour(source: socket.socket, drain: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                drain.sendall(data)
            drain.shutdown(socket.SHUT_WR)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.socket = authority.server_context().wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_proxy_may_speak_tls_too(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(tls=authority.server_context(), token_auth=False, cdn=False) as sandbox, tunnel(authority) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        put = sandbox.put_image("app:1")
        around = {"SSL_CERT_FILE": str(authority.file), "HTTPS_PROXY": f"https://{proxy}"}
        client = Client(Sources(environment=around), policy=Policy(attempts=1))
        assert client.head_manifest(sandbox.reference("app:1")).digest == put.digest
        assert client.get_manifest(sandbox.reference("app:1")).descriptor.digest == put.digest
        client.close()
