"""Registries that say no: each failure has its place and its remedy, the other image is copied and rewritten."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from seeder.documents import lockfile
from seeder.sandbox import Action, Sandbox
from tests.e2e.lab import FULL, GOOD, READ_ONLY, WRITTEN, Lab, on_a_mount, seeded
from tests.fixtures.faults import Fault, Kind
from tests.fixtures.sandboxes import StartSandbox

BAD, PLACE = GOOD.replace("nginx:1.27.3", "redis:7.4.1"), "labs/bad/pod.yaml:7: redis:7.4.1"


@pytest.fixture
def hub(start_sandbox: StartSandbox) -> Sandbox:
    """Docker Hub with the anonymous quota, and both images."""
    hub = start_sandbox(quota=100)
    for name in ("nginx:1.27.3", "redis:7.4.1"):
        hub.put_index(name)
    return hub


@pytest.fixture
def target(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox(token_auth=False, cdn=False)


def sync(labs: Lab, *arguments: str, code: int) -> str:
    """Runs sync with rewriting; gives what it said on stderr."""
    ended = labs.seeder("sync", "--rewrite", "in-place", "catalog.yaml", *arguments)
    assert ended.code == code, ended.err
    return ended.err


def files(labs: Lab) -> tuple[bool, bool]:
    """Whether the good and the bad workshop are rewritten; what is not must be as it was."""
    good, bad = ((labs.folder / f"labs/{name}/pod.yaml").read_text() for name in ("good", "bad"))
    assert good == GOOD or WRITTEN in good
    assert bad == BAD or "registry.example.com/library/redis:7.4.1@" in bad
    assert not list(labs.folder.rglob("*.tmp"))
    return good != GOOD, bad != BAD


def pins(labs: Lab) -> list[str]:
    path = labs.folder / "catalog.lock.yaml"
    found = lockfile.parse(path.read_bytes(), path.name) if path.exists() else ()
    return [pin.reference.familiar() for pin in found]


def test_an_unknown_tag(tmp_path: Path, hub: Sandbox, target: Sandbox) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address)
    labs.write("labs/bad/pod.yaml", GOOD.replace("nginx:1.27.3", "redis:9"))
    told = sync(labs, code=1)
    assert "error: labs/bad/pod.yaml:7: redis:9: " in told
    assert "hint: check the name and the tag" in told
    assert WRITTEN in (labs.folder / "labs/good/pod.yaml").read_text()
    assert "redis:9\n" in (labs.folder / "labs/bad/pod.yaml").read_text()
    assert pins(labs) == ["nginx:1.27.3"]


def test_a_private_repository(tmp_path: Path, start_sandbox: StartSandbox, target: Sandbox) -> None:
    hub = start_sandbox(private=frozenset({"library/redis"}))
    for name in ("nginx:1.27.3", "redis:7.4.1"):
        hub.put_index(name)
    labs = seeded(tmp_path / "lab", hub, target.address)
    told = sync(labs, code=1)
    assert f"error: {PLACE}: " in told
    assert "missing, or private" in told
    assert files(labs) == (True, False)


@pytest.mark.parametrize(
    ("login", "remedy"), [(None, "log in"), (("me", "hunter2"), "check that this login is still right")]
)
def test_a_wrong_password_at_the_target(
    tmp_path: Path, hub: Sandbox, start_sandbox: StartSandbox, login: tuple[str, str] | None, remedy: str
) -> None:
    target = start_sandbox(token_auth=False, basic=("me", "right"))
    labs = seeded(tmp_path / "lab", hub, target.address, login=login)
    told = sync(labs, code=1)
    assert f"error: {PLACE}: " in told
    assert remedy in told
    assert "hunter2" not in told
    assert files(labs) == (False, False)
    assert pins(labs) == ["nginx:1.27.3", "redis:7.4.1"]
    assert hub.pulls == 0, "nothing is pulled that cannot be put anywhere"


@pytest.mark.parametrize("engine", ["direct", pytest.param("skopeo", marks=pytest.mark.skopeo)])
def test_a_target_that_refuses_pushes(tmp_path: Path, hub: Sandbox, start_sandbox: StartSandbox, engine: str) -> None:
    labs = seeded(tmp_path / "lab", hub, start_sandbox(token_auth=False, read_only=True).address)
    told = sync(labs, "--engine", engine, code=1)
    assert f"error: {PLACE}: " in told
    assert "denied" in told.lower()
    assert "push" in told
    assert files(labs) == (False, False)


def test_a_target_without_tls(tmp_path: Path, hub: Sandbox, target: Sandbox) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address, target="insecure: false")
    told = sync(labs, code=1)
    assert f"error: {PLACE}: " in told
    assert "does not speak TLS" in told
    assert "insecure: true" in told
    assert files(labs) == (False, False)
    assert hub.pulls == 0


def test_a_target_that_is_not_there(tmp_path: Path, hub: Sandbox, closed_port: str) -> None:
    labs = seeded(tmp_path / "lab", hub, closed_port)
    told = sync(labs, code=1)
    assert f"error: {PLACE}: {closed_port}: " in told
    assert "hint:" in told
    assert files(labs) == (False, False)
    assert hub.pulls == 0


def test_a_tag_that_stands_there_with_other_content(tmp_path: Path, hub: Sandbox, target: Sandbox) -> None:
    target.put_image("redis:7.4.1", note="somebody else's")
    labs = seeded(tmp_path / "lab", hub, target.address)
    told = sync(labs, code=1)
    assert f"error: {PLACE}: " in told
    assert "stands there with other content" in told
    assert "`sync --update` moves the tag" in told
    assert files(labs) == (True, False)
    sync(labs, "--update", code=0)
    assert files(labs) == (True, True)


@pytest.mark.parametrize(
    ("script", "complaint"), [(None, "is not on PATH"), ("echo skopeo version 1.2.0", "1.9 is the oldest that will do")]
)
def test_skopeo_missing_or_too_old(
    tmp_path: Path, hub: Sandbox, target: Sandbox, script: str | None, complaint: str
) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address)
    program = labs.write("bin/skopeo", f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    path = str(program.parent) if script else str(tmp_path / "nowhere")
    labs = Lab(folder=labs.folder, environment={**labs.environment, "PATH": path})
    told = sync(labs, "--engine", "skopeo", code=1)
    assert complaint in told
    assert "hint: install skopeo 1.9 or newer" in told
    assert files(labs) == (False, False)


def test_a_full_disk_where_the_lock_goes(tmp_path: Path, hub: Sandbox, target: Sandbox) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address)
    before = labs.bytes_of_all()
    ended = labs.seeder("pin", "catalog.yaml", through=on_a_mount(labs, tmp_path, FULL))
    assert ended.code == 1
    assert "catalog.lock.yaml: cannot write: No space left on device" in ended.err
    assert "hint: there is no space left: free some" in ended.err
    ended = labs.seeder("sync", "--rewrite", "in-place", "catalog.yaml", through=on_a_mount(labs, tmp_path, FULL))
    assert ended.code == 1
    assert "No space left on device" in ended.err
    assert (tmp_path / "labs/good/pod.yaml").read_text() == GOOD
    assert hub.pulls == 0
    assert {name for name in labs.bytes_of_all() if not name.startswith("cache/")} == set(before)


@pytest.mark.parametrize("command", ["pin", "sync"])
def test_a_read_only_mount_where_the_lock_goes(tmp_path: Path, hub: Sandbox, target: Sandbox, command: str) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address)
    through = on_a_mount(labs, tmp_path, READ_ONLY)
    ended = labs.seeder(command, "catalog.yaml", through=through)
    assert ended.code == 1
    assert "catalog.lock.yaml: cannot write: Read-only file system" in ended.err
    assert "--lock" in ended.err
    lock = tmp_path / "state" / "catalog.lock.yaml"
    lock.parent.mkdir()
    assert labs.seeder(command, "catalog.yaml", "--lock", str(lock), through=through).code == 0
    assert lock.exists()


def test_a_spent_quota_is_for_later(tmp_path: Path, hub: Sandbox, target: Sandbox) -> None:
    """Exit 4, not 1: what stays is deferred, and the next run does the rest."""
    hub.set_quota(24)  # a reserve of 4 for the nodes; one of the two takes 2
    labs = seeded(tmp_path / "lab", hub, target.address)
    hub.inject(Fault(kind=Kind.QUOTA, action=Action.MANIFEST_GET, path="redis"))
    told = sync(labs, code=4)
    assert "labs/bad/pod.yaml:7" in told
    assert files(labs)[1] is False
    hub.heal()
    sync(labs, code=0)
    assert files(labs) == (True, True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_an_image_is_copied(
    tmp_path: Path, hub: Sandbox, target: Sandbox, number: signal.Signals, code: int
) -> None:
    labs = seeded(tmp_path / "lab", hub, target.address)
    hub.inject(Fault(kind=Kind.STALL, action=Action.CDN_GET, times=None))
    process = subprocess.Popen(
        labs.command("sync", "--rewrite", "in-place", "catalog.yaml"),
        cwd=labs.folder,
        env=labs.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not any(hits for _, hits in hub.hits):
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert process.returncode == code, told
    assert "Traceback" not in told
    assert files(labs) == (False, False)
    assert pins(labs) == ["nginx:1.27.3", "redis:7.4.1"]
    hub.heal()
    sync(labs, code=0)
    assert files(labs) == (True, True)
