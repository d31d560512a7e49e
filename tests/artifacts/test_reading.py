"""A workshop's published files are scanned like a tree, from real registries and from the stand-in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from seeder.artifacts.carrier import Route, carrying
from seeder.artifacts.reading import Artifacts, Patience
from seeder.cli.app import main
from seeder.errors import RegistryError, UnreachableError
from seeder.model import media_type
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.sandbox import Action, Sandbox
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import PASSWORD, USER, StartRegistry
from tests.fixtures.faults import Fault, Kind
from tests.fixtures.logins import write_auth_file
from tests.fixtures.sandboxes import StartSandbox
from tests.registry.images import push_blob
from tests.registry.scripted import Reply, Request, scripted
from tests.test_unpack import archive

POD = b"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx:1.27.3}]}\n"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
TITLE = "org.opencontainers.image.title"
Layer = tuple[bytes, str, Mapping[str, str]]

SHAPES: Mapping[str, tuple[str, Sequence[Layer]]] = {
    "imgpkg": (media_type.DOCKER_MANIFEST, [(archive(("exercises/pod.yaml", POD)).getvalue(), DOCKER_LAYER, {})]),
    "oci tar": (media_type.OCI_MANIFEST, [(archive(("./exercises/pod.yaml", POD)).getvalue(), OCI_LAYER, {})]),
    "plain tar": (
        media_type.OCI_MANIFEST,
        [(archive(("exercises/pod.yaml", POD), mode="w").getvalue(), "application/vnd.oci.image.layer.v1.tar", {})],
    ),
    "oras file": (media_type.OCI_MANIFEST, [(POD, "application/yaml", {TITLE: "exercises/pod.yaml"})]),
    "two layers": (
        media_type.OCI_MANIFEST,
        [
            (archive(("README.md", b"# x")).getvalue(), OCI_LAYER, {}),
            (POD, "text/plain", {TITLE: "exercises/pod.yaml"}),
        ],
    ),
}


def push(client: Client, reference: ImageReference, kind: str, layers: Sequence[Layer]) -> Digest:
    def blob(data: bytes, type_: str, annotations: Mapping[str, str]) -> dict[str, Any]:
        digest = push_blob(client, reference, data)
        return {"mediaType": type_, "digest": str(digest), "size": len(data), "annotations": dict(annotations)}

    document = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": blob(b"{}", DOCKER_CONFIG, {}),
        "layers": [blob(*layer) for layer in layers],
    }
    raw = json.dumps(document).encode()
    descriptor = Descriptor(media_type=kind, digest=Digest.of(raw), size=len(raw))
    client.put_manifest(reference, Manifest(descriptor=descriptor, raw=raw))
    return descriptor.digest


@pytest.fixture
def hub(sandbox: Sandbox, home: Path) -> Sandbox:
    """A registry with tokens, and layers behind a redirect that takes no Authorization; plain HTTP is allowed."""
    (home / "registries.conf").write_text(f'[[registry]]\nlocation = "{sandbox.address}"\ninsecure = true\n')
    return sandbox


def pushed(hub: Sandbox, kind: str, layers: Sequence[Layer]) -> ImageReference:
    """Where the artifact stands."""
    reference = ImageReference(hub.address, "acme/lab-files", "1")
    push(Client(Sources.load({}), insecure_hosts=[hub.address]), reference, kind, layers)
    return reference


def scanned(name: str, capsys: pytest.CaptureFixture[str], *, code: int = 0) -> dict[str, Any]:
    assert main(["scan", "--format", "json", name]) == code
    return json.loads(capsys.readouterr().out)


def is_the_pod(document: Mapping[str, Any], root: str) -> bool:
    found = [(o["root"], o["file"], o["line"], o["reference"]) for o in document["occurrences"]]
    return found == [(root, "exercises/pod.yaml", 3, "docker.io/library/nginx:1.27.3")]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_scanned_like_a_tree(shape: str, hub: Sandbox, capsys: Any) -> None:
    reference = pushed(hub, *SHAPES[shape])
    manifest = hub.manifest(str(reference))
    assert manifest is not None
    hub.reset()
    for name in (f"oci://{reference}", f"oci://{hub.address}/acme/lab-files@{manifest.descriptor.digest}"):
        assert is_the_pod(scanned(name, capsys), name)
    assert hub.pulls == 2


def test_why_and_lint_read_an_artifact_and_nothing_is_put_right_in_one(hub: Sandbox, capsys: Any) -> None:
    reference = pushed(hub, *SHAPES["imgpkg"])
    assert main(["why", "nginx", f"oci://{reference}"]) == 0
    capsys.readouterr()
    for fmt, told in (("json", f'"oci://{reference}"'), ("sarif", f'"oci://{reference}/exercises/pod.yaml"')):
        assert main(["lint", "--only", "hub-deployment", "--format", fmt, f"oci://{reference}"]) == 1
        assert told in capsys.readouterr().out
    assert main(["lint", "--fix", f"oci://{reference}"]) == 2
    assert f"oci://{reference} cannot be put right" in capsys.readouterr().err


def test_a_private_registry_with_a_private_authority(
    start_registry: StartRegistry, authority: Authority, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    registry = start_registry(authority=authority, basic=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    name = f"{registry.address}/acme/lab-files:1"
    assert scanned(f"oci://{name}", capsys, code=1)["error"]["code"] in {"denied", "wrong-credentials"}
    auth = write_auth_file(home / "auth.json", {registry.address: (USER, PASSWORD)})
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(auth))
    environment = {"REGISTRY_AUTH_FILE": str(auth), "SSL_CERT_FILE": str(authority.file)}
    push(Client(Sources.load(environment)), ImageReference.parse(name), *SHAPES["imgpkg"])
    assert is_the_pod(scanned(f"oci://{name}", capsys), f"oci://{name}")


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Kind.CORRUPT, "digest-mismatch"), (Kind.OVERLONG, "digest-mismatch"), (Kind.CUT, "unreachable")],
)
def test_layers_that_are_not_what_they_say_are_refused(
    kind: Kind, code: str, hub: Sandbox, no_pauses: None, capsys: Any
) -> None:
    reference = pushed(hub, *SHAPES["imgpkg"])
    hub.inject(Fault(kind=kind, action=Action.CDN_GET, times=None))
    assert scanned(f"oci://{reference}", capsys, code=1)["error"]["code"] == code


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ((b"\x28\xb5\x2f\xfd zstd", "application/vnd.oci.image.layer.v1.tar+zstd", {}), "is a broken archive"),
        ((b"\x1f\x8b no gzip", OCI_LAYER, {}), "is a broken archive"),
        ((b"what is this", "application/octet-stream", {}), "neither a tar nor named"),
    ],
)
def test_a_layer_that_cannot_be_read_is_never_passed_over(layer: Layer, says: str, hub: Sandbox, capsys: Any) -> None:
    reference = pushed(hub, media_type.OCI_MANIFEST, [layer])
    assert says in scanned(f"oci://{reference}", capsys, code=1)["error"]["message"]


def test_without_room_for_the_files_the_run_says_so(
    hub: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    reference = pushed(hub, *SHAPES["imgpkg"])
    monkeypatch.setattr(tempfile, "tempdir", str(home / "not-there"))
    assert "TMPDIR" in scanned(f"oci://{reference}", capsys, code=1)["error"]["hint"]


def test_what_is_not_there_and_what_is_no_artifact(hub: Sandbox, capsys: Any) -> None:
    hub.put_index("acme/app:1")
    assert scanned(f"oci://{hub.address}/acme/none:1", capsys, code=1)["error"]["code"] in {"missing", "denied"}
    assert scanned(f"oci://{hub.address}/acme/app:1", capsys, code=1)["error"]["code"] == "no-artifact"
    assert main(["scan", "oci://UPPER case"]) == 1


def test_every_request_goes_through_the_proxy(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    layer = {"mediaType": "text/plain", "digest": str(Digest.of(POD)), "size": len(POD)}
    document = {"schemaVersion": 2, "layers": [layer | {"annotations": {TITLE: "exercises/pod.yaml"}}]}
    manifest = json.dumps(document).encode()
    headers = {"Content-Type": media_type.OCI_MANIFEST, "Docker-Content-Digest": str(Digest.of(manifest))}

    def proxy(request: Request) -> Reply:
        return Reply(body=POD) if "/blobs/" in request.path else Reply(headers=headers, body=manifest)

    (home / "registries.conf").write_text('[[registry]]\nlocation = "registry.test:5000"\ninsecure = true\n')
    with scripted(proxy) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        name = "oci://registry.test:5000/acme/lab-files:1"
        assert is_the_pod(scanned(name, capsys), name)
        assert {request.path.partition("/v2/")[0] for request in server.seen} == {"http://registry.test:5000"}


def test_a_server_that_trickles_is_given_up(start_sandbox: StartSandbox) -> None:
    """Each byte comes in time, and all of them never would."""
    hub = start_sandbox(cdn=False)
    reference = ImageReference(hub.address, "acme/lab-files", "1")
    client = Client(Sources.load({}), insecure_hosts=[hub.address])
    push(client, reference, *SHAPES["imgpkg"])
    artifacts = Artifacts(client=client, environment={}, patience=Patience(seconds=0.3, rate=1 << 20))
    for action in (Action.BLOB_GET, Action.MANIFEST_GET):
        hub.heal()
        hub.inject(Fault(kind=Kind.SLOW, action=action, times=None, amount=0.2))
        with pytest.raises(UnreachableError, match="came too slowly") as caught, artifacts.opened(reference):
            pass
        assert (caught.value.code, "oras pull" in caught.value.hint) == ("timeout", True)


def test_a_redirect_loop_ends_at_once(hub: Sandbox) -> None:
    reference = pushed(hub, *SHAPES["imgpkg"])
    client = Client(Sources.load({}), insecure_hosts=[hub.address])
    hub.inject(Fault(kind=Kind.REDIRECT_LOOP, action=Action.BLOB_GET, times=None))
    with (
        pytest.raises(RegistryError) as caught,
        Artifacts(client=client, environment={}).opened(reference),
    ):
        pass
    assert caught.value.code == "redirects"


def test_a_host_of_one_word_is_no_path_at_docker_hub() -> None:
    """oras takes `localhost/acme` for a repository of docker.io."""
    place = ImageReference("localhost", "acme/app", "1")
    with carrying(Route(client=Client(Sources.load({})), environment={}, reference=place, doing="reading")) as carrier:
        assert carrier.url("tags/list") == "https://localhost/v2/acme/app/tags/list"
