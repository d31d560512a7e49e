"""The copiers: what is on PATH, and how each is told its work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rig import Rig

_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Peer:
    """`work` makes the command lines for a rig; as many as `processes` run at once."""

    name: str
    work: Callable[[Rig], Sequence[Sequence[str]]]
    processes: int = 1

    def run(self, rig: Rig) -> bool:
        """Does the work; False where a command failed, whose output then stands in the rig's folder."""
        environment = _environment(rig)
        with ThreadPoolExecutor(self.processes) as pool:
            return all(list(pool.map(lambda command: _succeeds(command, environment, rig.folder), self.work(rig))))


def found() -> list[Peer]:
    """seeder, then the others that are here."""
    peers = [Peer("seeder", _seeder)]
    if shutil.which("skopeo"):
        peers += [Peer("skopeo", _skopeo), Peer(f"skopeo ×{_PROCESSES}", _skopeo, _PROCESSES)]
    if shutil.which("crane"):
        peers.append(Peer(f"crane ×{_PROCESSES}", _crane, _PROCESSES))
    if shutil.which("oras"):
        peers.append(Peer(f"oras ×{_PROCESSES}", _oras, _PROCESSES))
    if shutil.which("regctl"):
        peers.append(Peer(f"regctl ×{_PROCESSES}", _regctl, _PROCESSES))
    return peers


def _seeder(rig: Rig) -> Sequence[Sequence[str]]:
    lines = ["apiVersion: seeder/v1alpha1", "kind: Catalog", "images:", *(f"  - {name}" for name in rig.names)]
    lines += ["targets:", f"  bench: {{registry: '{rig.target}', insecure: true, reached_by: [cli]}}"]
    catalog = rig.folder / "catalog.yaml"
    catalog.write_text("\n".join(lines) + "\n")
    return [[sys.executable, "-m", "seeder", "--no-progress", "sync", "--update", str(catalog)]]


def _skopeo(rig: Rig) -> Sequence[Sequence[str]]:
    flags = ("copy", "--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", "--quiet")
    return [["skopeo", "--insecure-policy", *flags, f"docker://{a}", f"docker://{b}"] for a, b in rig.pairs()]


def _crane(rig: Rig) -> Sequence[Sequence[str]]:
    return [["crane", "copy", "--insecure", a, b] for a, b in rig.pairs()]


def _oras(rig: Rig) -> Sequence[Sequence[str]]:
    return [["oras", "cp", "--from-plain-http", "--to-plain-http", a, b] for a, b in rig.pairs()]


def _regctl(rig: Rig) -> Sequence[Sequence[str]]:
    hosts = [f"--host=reg={host},tls=disabled" for host in (rig.hub.address, rig.target)]
    return [["regctl", *hosts, "image", "copy", a, b] for a, b in rig.pairs()]


def _environment(rig: Rig) -> Mapping[str, str]:
    conf = rig.folder / "registries.conf"
    conf.write_text(rig.hub.registries_conf())
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
    home = str(rig.home)
    return {**kept, "HOME": home, "XDG_RUNTIME_DIR": home, "CONTAINERS_REGISTRIES_CONF": str(conf)}


def _succeeds(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> bool:
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout.decode(errors='replace')}\n")
        (folder / "failed.log").write_bytes(done.stdout)
    return done.returncode == 0
