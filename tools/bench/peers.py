"""The copiers: what is on PATH, and how each is told its work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rig import Rig

_PROCESSES = 8
_LOOK = 0.005  # seconds between looks at a process: the end of one is seen that much too late


@dataclass(frozen=True, slots=True)
class Peer:
    """`work` makes the command lines for a rig; as many as `processes` run at once."""

    name: str
    work: Callable[[Rig], Sequence[Sequence[str]]]
    processes: int = 1

    def run(self, rig: Rig) -> int:
        """Does the work; the most bytes that one process had in memory. What a failed command said goes to stderr."""
        environment = _environment(rig)
        with ThreadPoolExecutor(self.processes) as pool:
            return max(pool.map(lambda command: _run(command, environment, rig.folder), self.work(rig)))


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


def _run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    with tempfile.TemporaryFile(dir=folder) as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(_LOOK)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            sys.stderr.write(f"{' '.join(command)} ended with {process.returncode}:\n{said}\n")
    return peak


def _resident(pid: int) -> int:
    """The most bytes that a process had in memory so far; 0 where that cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has just ended, or this is no Linux
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
