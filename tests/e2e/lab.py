"""A catalog, two workshops and the real command line, for what goes wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seeder.sandbox import Sandbox
from tests.fixtures import commands
from tests.fixtures.logins import write_auth_file
from tests.fixtures.tools import missing

CATALOG = """\
apiVersion: seeder/v1alpha1
kind: Catalog
metadata: {name: labs}
workshops:
  - path: labs/*
platforms: [linux/amd64]
targets:
  event:
    registry: registry.example.com
"""
GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1.27.3
"""
WRITTEN = "registry.example.com/library/nginx:1.27.3@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        loaded = json.loads(self.out)
        assert isinstance(loaded, dict)
        assert loaded["exit"] == self.code
        return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """`folder` holds `catalog.yaml` and the workshops `labs/bad` and `labs/good`; the latter has one image, nginx."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def bytes_of_all(self) -> dict[str, bytes]:
        """Every regular file below the folder, so that a test can say that nothing was touched."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20
        }

    def command(self, *arguments: str) -> list[str]:
        return commands.command("--no-progress", *arguments)

    def variables(self) -> dict[str, str]:
        return commands.environment(**self.environment)

    def seeder(self, *arguments: str, through: Sequence[str] = ()) -> Ended:
        """Runs the command line in a process of its own; `through` are words in front, a shell in a namespace, say."""
        done = subprocess.run(
            [*through, *self.command(*arguments)],
            cwd=self.folder,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def lab(folder: Path, **environment: str) -> Lab:
    made = Lab(folder=folder, environment=environment)
    made.write("catalog.yaml", CATALOG)
    made.write("labs/good/pod.yaml", GOOD)
    made.write("labs/bad/README.md", "# Nothing yet\n")
    made.write(
        "catalog.lock.yaml",
        "apiVersion: seeder/v1alpha1\nkind: Lock\npins:\n"
        f"  - reference: docker.io/library/nginx:1.27.3\n    digest: sha256:{'1' * 64}\n"
        "    mediaType: application/vnd.oci.image.manifest.v1+json\n    size: 10\n",
    )
    return made


def seeded(
    folder: Path, hub: Sandbox, address: str, *, target: str = "insecure: true", login: tuple[str, str] | None = None
) -> Lab:
    """A lab whose Docker Hub is the sandbox `hub`, and whose target is pushed to at `address`; nothing is pinned yet.

    `labs/bad/pod.yaml` pulls redis:7.4.1. `target` has more keys of the target; `login` is user and password for it.
    """
    made = lab(
        folder,
        HOME=str(folder),
        XDG_CACHE_HOME=str(folder / "cache"),
        CONTAINERS_REGISTRIES_CONF=str(folder / "registries.conf"),
        REGISTRY_AUTH_FILE=str(folder / "auth.json"),
    )
    (folder / "catalog.lock.yaml").unlink()
    made.write("catalog.yaml", f'{CATALOG}    push: "{address}"\n    reached_by: [kubelet]\n    {target}\n')
    made.write("registries.conf", hub.registries_conf())
    write_auth_file(folder / "auth.json", {address: login} if login else {})
    made.write("labs/bad/pod.yaml", GOOD.replace("nginx:1.27.3", "redis:7.4.1"))
    return made


# Runs a command in a copy of a folder on a small file system of its own, and keeps what its labs are like afterwards.
ON_A_MOUNT = """
from=$1 place=$2 kept=$3 prepare=$4; shift 4
mount -t tmpfs -o size=256k tmpfs "$place"
cp -a "$from/." "$place"
cd "$place"
eval "$prepare"
code=0; "$@" || code=$?
cp -a "$place/labs" "$kept"
exit $code
"""
READ_ONLY = 'cd /; mount -o remount,ro "$place"; cd "$place"'
FULL = "head -c 100m /dev/zero > filler 2>/dev/null || true"


def on_a_mount(labs: Lab, folder: Path, prepare: str) -> list[str]:
    """Words that run what follows on a mount that only they see; `folder` gets `labs` as they left them."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        missing("no user namespaces here: a full disk and a read-only mount cannot be made")
    place = folder / "mount"
    place.mkdir(exist_ok=True)
    return ["unshare", "-rm", "sh", "-ec", ON_A_MOUNT, "sh", str(labs.folder), str(place), str(folder), prepare]
