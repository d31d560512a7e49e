"""A shell that allows few open files: seeder does less at once, and all of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seeder.registry.transport import Limits
from seeder.sandbox import Action, Layer, Sandbox
from tests.fixtures.commands import environment
from tests.run.desk import Desk

IMAGES = 16


@pytest.mark.parametrize(
    ("files", "at_once"), [(16, 2), (40, 2), (64, 5), (128, 13), (256, 29), (1024, 32), (1_000_000, 32)]
)
def test_few_files_are_few_requests_at_once(files: int, at_once: int) -> None:
    limits = Limits.within(files)
    assert limits.at_once == at_once
    assert limits.manifest == Limits().manifest


@pytest.mark.parametrize("files", [64, 36])
def test_all_is_copied_and_verified_with_few_open_files(desk: Desk, target: Sandbox, files: int) -> None:
    names = [f"a/image-{number}:1" for number in range(IMAGES)]
    for name in names:
        desk.hub.put_index(name, layers=[Layer(name=f"{name} {n}", size=20_000) for n in range(3)])
    desk.catalog(*names)
    for command in ("sync", "verify"):
        ended = subprocess.run(
            ["/bin/sh", "-c", f"ulimit -n {files}; exec {sys.executable} -W error -m seeder {command} {desk.path}"],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert "warning" not in ended.stderr
    assert set(desk.hub.counters.by_selector(Action.BLOB_GET).values()) == {1}
    assert desk.hub.pulls == 2 * IMAGES
