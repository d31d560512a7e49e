"""The image of the Dockerfile, run as jobs/ runs it: uid 1000, read-only root, the CronJob's own arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.event import HUB_IMAGES, Event, Target, prepare
from tests.fixtures.authority import Authority
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.logins import write_auth_file
from tests.fixtures.sandboxes import StartSandbox
from tests.jobs import manifests


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the container ended: its exit code, what it wrote to the termination log, and its output."""

    code: int
    report: Mapping[str, Any]
    log: str


def run_as_the_job_does(
    image: str, event: Event, mounts: Mapping[Path, str], environment: Mapping[str, str] | None = None
) -> Ended:
    """The CronJob's container on this machine's network; `mounts` are read-only, host's path to container's."""
    from testcontainers.core.container import DockerContainer

    container, pod = manifests.container(), manifests.pod()["securityContext"]
    termination = event.folder / "termination-log"
    termination.write_text("")
    termination.chmod(0o666)  # as the kubelet makes it
    running = DockerContainer(image).with_command(container["args"])
    running = running.with_kwargs(
        network_mode="host",
        read_only=container["securityContext"]["readOnlyRootFilesystem"],
        cap_drop=container["securityContext"]["capabilities"]["drop"],
        security_opt=["no-new-privileges"],
        user=f"{pod['runAsUser']}:{pod['runAsGroup']}",
    )
    given = {variable["name"]: variable["value"] for variable in container["env"]}
    for name, value in {**given, **(environment or {})}.items():
        running = running.with_env(name, value)
    for mount in container["volumeMounts"]:
        if not mount.get("readOnly"):
            running = running.with_tmpfs_mount(mount["mountPath"])
    for path, inside in mounts.items():
        running = running.with_volume_mapping(str(path), inside, "ro")
    running = running.with_volume_mapping(str(termination), "/dev/termination-log", "rw")
    with running:
        wrapped = running.get_wrapped_container()
        code = wrapped.wait(timeout=150)["StatusCode"]
        log = wrapped.logs().decode()
    return Ended(code=code, report=json.loads(termination.read_text() or "{}"), log=log)


@pytest.fixture
def event(tmp_path: Path, start_sandbox: StartSandbox, registry_container: str) -> Event:
    """As in the story, with the target in a container."""
    # The registry's container is shared by all tests: each has a prefix of its own.
    target = Target(address=registry_container, keys={"insecure": True, "prefix": tmp_path.name.lower()})
    return _listed(prepare(tmp_path, start_sandbox(quota=100), target))


def _listed(event: Event) -> Event:
    """The catalog lists the images instead of naming workshops, as in the cluster."""
    catalog = json.loads(event.catalog.read_text())
    del catalog["workshops"]
    event.catalog.write_text(json.dumps(catalog | {"images": list(HUB_IMAGES)}))
    return event


def _mounts(event: Event) -> dict[Path, str]:
    """What the Secret, the ConfigMap and the node give."""
    mounted = event.folder / "mounted"
    mounted.mkdir(exist_ok=True)
    for name in ("catalog.yaml", "catalog.lock.yaml"):
        if (event.folder / name).exists():
            (mounted / name).write_bytes((event.folder / name).read_bytes())
    auth = event.folder / "auth"
    write_auth_file(auth / ".dockerconfigjson", {})
    for path in event.folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    event.folder.chmod(0o755)
    registries = Path(event.environment["CONTAINERS_REGISTRIES_CONF"])
    return {mounted: "/catalog", auth: "/auth", registries: "/etc/containers/registries.conf"}


def test_seeds_what_the_lock_pins(seeder_image: str, event: Event) -> None:
    event.seeder("pin", "catalog.yaml")
    ended = run_as_the_job_does(seeder_image, event, _mounts(event))
    assert ended.code == 0, ended.log
    assert ended.report["schema"] == "seeder.sync/1"
    assert [each["outcome"] for each in ended.report["outcomes"]] == ["copied"] * len(HUB_IMAGES)
    event.seeder("verify", "catalog.yaml")

    again = run_as_the_job_does(seeder_image, event, _mounts(event))
    assert [each["outcome"] for each in again.report["outcomes"]] == ["present"] * len(HUB_IMAGES), again.log


def test_a_missing_pin_ends_with_2_and_says_what_to_run(seeder_image: str, event: Event) -> None:
    ended = run_as_the_job_does(seeder_image, event, _mounts(event))
    assert ended.code == 2
    assert "seeder pin" in ended.log
    assert event.hub.pulls == 0


def test_a_spent_quota_ends_with_4(seeder_image: str, event: Event) -> None:
    event.seeder("pin", "catalog.yaml")
    event.hub.set_quota(0)
    ended = run_as_the_job_does(seeder_image, event, _mounts(event))
    assert ended.code == 4, ended.log
    assert {each["outcome"] for each in ended.report["outcomes"]} == {"deferred"}


def test_trusts_a_private_authority_that_is_mounted(
    seeder_image: str,
    tmp_path: Path,
    authority: Authority,
    start_sandbox: StartSandbox,
    start_registry: StartRegistry,
) -> None:
    target = Target(address=start_registry(authority=authority).address, scheme="https", keys={})
    event = _listed(prepare(tmp_path, start_sandbox(), target))
    event.seeder("pin", "catalog.yaml")
    bundle = tmp_path / "ca.crt"
    bundle.write_bytes(authority.file.read_bytes())
    mounts = {**_mounts(event), bundle: "/authority/ca.crt"}
    ended = run_as_the_job_does(seeder_image, event, mounts, {"SSL_CERT_FILE": "/authority/ca.crt"})
    assert ended.code == 0, ended.log
    assert run_as_the_job_does(seeder_image, event, mounts).code == 1
