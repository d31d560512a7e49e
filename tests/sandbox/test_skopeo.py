"""The sandbox and the real skopeo understand each other."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.model.reference import ImageReference
from seeder.sandbox import Layer, Sandbox

pytestmark = pytest.mark.usefixtures("skopeo")


@pytest.fixture
def hub() -> Iterator[Sandbox]:
    with Sandbox(quota=100) as sandbox:
        yield sandbox


@pytest.fixture
def target() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def skopeo(*arguments: str | Path, home: Path) -> str:
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    ran = subprocess.run(
        ["skopeo", "--insecure-policy", *map(str, arguments)],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("docker", [False, True])
@pytest.mark.parametrize("attestations", [False, True])
def test_an_index_goes_through_unchanged(
    hub: Sandbox, target: Sandbox, tmp_path: Path, docker: bool, attestations: bool
) -> None:
    shared = [Layer(name="shared", size=100_000)]
    pinned = hub.put_index("nginx:1.27", layers=shared, docker=docker, attestations=attestations)
    conf = tmp_path / "registries.conf"
    conf.write_text(hub.registries_conf())
    to = f"docker://{target.reference('nginx:1.27')}"
    flags = ("--all", "--preserve-digests", "--dest-tls-verify=false")
    skopeo("--registries-conf", conf, "copy", *flags, "docker://nginx:1.27", to, home=tmp_path)
    copied = target.manifest("nginx:1.27")
    assert copied is not None
    assert copied == hub.manifest("nginx:1.27")
    assert copied.descriptor.digest == pinned.digest
    assert hub.counters.manifest_gets["library/nginx"] == hub.pulls == (5 if attestations else 3)


def test_to_and_from_a_layout(hub: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    pinned = hub.put_index("nginx:1.27")
    layout = f"oci:{tmp_path / 'layout'}:1.27"
    source, to = (f"docker://{sandbox.reference('nginx:1.27')}" for sandbox in (hub, target))
    skopeo("copy", "--all", "--src-tls-verify=false", source, layout, home=tmp_path)
    skopeo("copy", "--all", "--preserve-digests", "--dest-tls-verify=false", layout, to, home=tmp_path)
    copied = target.manifest("nginx:1.27")
    assert copied is not None
    assert copied.descriptor.digest == pinned.digest


def test_credentials_from_an_authfile(target: Sandbox, hub: Sandbox, tmp_path: Path) -> None:
    with Sandbox(basic=("me", "secret")) as guarded:
        hub.put_image("nginx:1.27")
        auth = tmp_path / "auth.json"
        auth.write_text(f'{{"auths": {{"{guarded.address}": {{"auth": "bWU6c2VjcmV0"}}}}}}')
        flags = ("--src-tls-verify=false", "--dest-tls-verify=false", "--authfile", auth)
        source, to = (f"docker://{sandbox.reference('nginx:1.27')}" for sandbox in (hub, guarded))
        skopeo("copy", *flags, source, to, home=tmp_path)
        assert guarded.manifest("nginx:1.27") == hub.manifest("nginx:1.27")


def test_layers_are_mounted_across_repositories(hub: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    shared = Layer(name="shared", size=10_000)
    for name in ("a/one:1", "b/two:1"):
        hub.put_image(name, layers=[shared, Layer(name=name)])
        source, to = (f"docker://{sandbox.reference(name)}" for sandbox in (hub, target))
        flags = ("--src-tls-verify=false", "--dest-tls-verify=false")
        skopeo("copy", *flags, source, to, home=tmp_path)
        assert target.manifest(name) == hub.manifest(name)
    one = hub.manifest("a/one:1")
    assert one is not None
    assert [asked.status for asked in target.counters.requests if asked.action == "mount"] == [201]


def test_inspect_and_list_tags(hub: Sandbox, tmp_path: Path) -> None:
    pinned = hub.put_image("nginx:1.27")
    reference = ImageReference(hub.address, "library/nginx")
    assert '"1.27"' in skopeo("list-tags", "--tls-verify=false", f"docker://{reference}", home=tmp_path)
    named = f"docker://{reference.at(pinned.digest)}"
    found = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", named, home=tmp_path)
    assert found.strip() == str(pinned.digest)
