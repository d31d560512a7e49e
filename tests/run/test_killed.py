"""`kill -9` at any moment: the next run needs no tidying up, and pays again for nothing but what was under way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seeder.sandbox import Action, Layer, Sandbox

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
    return [sys.executable, "-m", "seeder", "--no-progress", "sync", str(path)]


def killed_when(moment: Callable[[], bool], wanted: list[str]) -> None:
    """Runs a command and kills it at a moment; it may be quicker than that."""
    with subprocess.Popen(wanted, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not moment():
            time.sleep(0.01)
        process.kill()


def stored(home: Path) -> set[str]:
    """The digests of the manifests that are kept on this machine."""
    found = (home / ".cache" / "seeder" / "manifests" / "sha256").glob("??/*")
    return {f"sha256:{path.name}" for path in found if len(path.name) == 64}


def test_killed_again_and_again(tmp_path: Path, home: Path, hub: Sandbox, event: Sandbox) -> None:
    wanted = command(tmp_path, event)
    moments: list[Callable[[], bool]] = [
        lambda: hub.counters.manifest_heads.total() >= IMAGES // 2,
        lambda: hub.counters.manifest_gets.total() >= 3,
        lambda: hub.counters.manifest_gets.total() >= 15,
        lambda: hub.counters.by_repository(Action.CDN_GET).total() >= 10,
        lambda: event.counters.manifest_puts.total() >= 1,
        lambda: event.counters.manifest_puts.total() >= IMAGES,
    ]
    for moment in moments:
        kept, paid = stored(home), hub.counters.by_selector(Action.MANIFEST_GET)
        killed_when(moment, wanted)
        again = hub.counters.by_selector(Action.MANIFEST_GET) - paid
        assert not kept & again.keys()
    done = subprocess.run(wanted, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    for number in range(IMAGES):
        assert event.manifest(f"a/image-{number}:1") == hub.manifest(f"a/image-{number}:1")
    assert len(stored(home)) == 3 * IMAGES
    hub.reset()
    again = subprocess.run(wanted, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=120)
    assert again.returncode == 0, again.stderr
    assert hub.counters.total == 0
