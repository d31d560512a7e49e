"""The sandbox and a Docker engine understand each other; the engine takes 127.0.0.0/8 over plain HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from seeder.sandbox import Layer, Sandbox
from tests.fixtures.surroundings import HOST_ENVIRONMENT


@pytest.fixture
def hub() -> Iterator[Sandbox]:
    with Sandbox(quota=10) as sandbox:
        yield sandbox


def docker(*arguments: str) -> str:
    ran = subprocess.run(
        ["docker", *arguments], env=dict(HOST_ENVIRONMENT), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("kind", ["oci", "docker"])
def test_docker_pulls_one_platform_of_an_index_and_pushes_it_back(
    docker_engine: object, hub: Sandbox, kind: str
) -> None:
    pinned = hub.put_index("seeder-test/pulled:1", layers=[Layer(name="shared", size=5000)], docker=kind == "docker")
    name = f"{hub.address}/seeder-test/pulled"
    try:
        assert str(pinned.digest) in docker("pull", f"{name}:1")
        assert hub.counters.manifest_gets["seeder-test/pulled"] == 2
        docker("tag", f"{name}:1", f"{name}:pushed")
        docker("push", f"{name}:pushed")
        assert hub.manifest("seeder-test/pulled:pushed") is not None
    finally:
        subprocess.run(
            ["docker", "rmi", f"{name}:1", f"{name}:pushed"],
            env=dict(HOST_ENVIRONMENT),
            capture_output=True,
            check=False,
        )
