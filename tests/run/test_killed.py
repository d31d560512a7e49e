"""`kill -9` at any moment: the next run needs no tidying up, and pays again for nothing but what was under way."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.registry.transport import Limits
from seeder.sandbox import Action, Layer, Sandbox
from tests.fixtures import commands
from tests.sandbox.raw import Client

IMAGES = 12


@pytest.fixture
def hub(home: Path) -> Iterator[Sandbox]:
    with Sandbox(quota=1000, latency=0.01) as sandbox:
        (home / "registries.conf").write_text(sandbox.registries_conf())
        for number in range(IMAGES):
            sandbox.put_index(f"a/image-{number}:1", layers=[Layer(name="shared", size=200_000)])
        yield sandbox


@pytest.fixture
def event() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def command(folder: Path, event: Sandbox) -> list[str]:
    images = "".join(f"  - a/image-{number}:1\n" for number in range(IMAGES))
    target = f"targets:\n  event: {{registry: '{event.address}', insecure: true}}\n"
    path = folder / "catalog.yaml"
    path.write_text(f"apiVersion: seeder/v1alpha1\nkind: Catalog\nimages:\n{images}{target}")
    return commands.command("--no-progress", "sync", str(path))


def killed_after(requests: int, wanted: list[str], hub: Sandbox, event: Sandbox) -> None:
    """Runs a command and kills it once it made so many requests; it may end before that."""
    with subprocess.Popen(
        wanted, env=commands.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until = hub.counters.total + event.counters.total + requests
        while process.poll() is None and hub.counters.total + event.counters.total < until:
            time.sleep(0.002)
        process.kill()
    for sandbox in (hub, event):
        settle(sandbox)


def settle(sandbox: Sandbox) -> None:
    """Waits until a sandbox has counted all that was asked by one who is gone."""
    Client(sandbox.address).ask("GET", "/v2/")  # whoever connected before was let in before
    while sandbox.connections:
        time.sleep(0.002)


def stored(home: Path) -> set[str]:
    """The digests of the manifests that are kept on this machine."""
    found = (home / ".cache" / "seeder" / "manifests" / "sha256").glob("??/*")
    return {f"sha256:{path.name}" for path in found if len(path.name) == 64}


def finished(wanted: list[str]) -> None:
    done = subprocess.run(wanted, env=commands.environment(), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def whole(hub: Sandbox, event: Sandbox) -> bool:
    """Whether the target has each index with all that is below it."""
    names = [f"a/image-{number}" for number in range(IMAGES)]
    indexes = [(name, hub.manifest(f"{name}:1")) for name in names]
    children = [
        (name, hub.manifest(f"{name}@{c.digest}")) for name, found in indexes if found for c in found.children()
    ]
    return (
        all(found == event.manifest(f"{name}:1") for name, found in indexes)
        and all(found and found == event.manifest(f"{name}@{found.descriptor.digest}") for name, found in children)
        and all(event.has_blob(name, blob.digest) for name, found in children if found for blob in found.blobs())
    )


def test_killed_at_ten_moments(tmp_path: Path, home: Path, hub: Sandbox, event: Sandbox) -> None:
    """Eleven runs: whatever one had kept, none asks for again; nobody tidies up between them."""
    wanted, in_flight, moments = command(tmp_path, event), 0, random.Random(7)
    for _ in range(10):
        kept, paid = stored(home), hub.counters.by_selector(Action.MANIFEST_GET)
        killed_after(moments.randint(1, 90), wanted, hub, event)
        again = hub.counters.by_selector(Action.MANIFEST_GET) - paid
        assert not kept & again.keys()
        lost = again.keys() - stored(home)
        assert len(lost) <= Limits().at_once
        in_flight += len(lost)
    finished(wanted)
    assert whole(hub, event)
    assert len(stored(home)) == 3 * IMAGES
    assert hub.counters.manifest_gets.total() <= 3 * IMAGES + in_flight
    assert hub.pulls == hub.counters.manifest_gets.total()
    hub.reset()
    finished(wanted)
    assert hub.counters.total == 0


def test_a_target_that_was_wiped_costs_no_pull(tmp_path: Path, hub: Sandbox, event: Sandbox) -> None:
    wanted = command(tmp_path, event)
    finished(wanted)
    event.wipe()
    hub.reset()
    finished(wanted)
    assert whole(hub, event)
    assert (hub.counters.manifest_gets.total(), hub.pulls) == (0, 0)
    assert set(hub.counters.by_selector(Action.BLOB_GET).values()) == {1}
