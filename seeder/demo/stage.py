"""The demo's stage: a folder with two workshops and their catalog, a stand-in for Docker Hub, an event's registry."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from seeder.model.platform import Platform
from seeder.sandbox import AMD64, ARM64, Layer, Sandbox

SAMPLE = Path(__file__).parent / "sample"
QUOTA = 100  # Docker Hub's own for an address (docs.docker.com/docker-hub/usage/pulls, 2026-08)
_PUSH = "127.0.0.1:5000"  # as the sample's catalog has it; the demo's registry takes whatever port is free
_ARM7 = Platform("linux", "arm", "v7")
_DEBIAN = Layer(name="debian", size=60_000)
# The real ones have more platforms still; the point is that there are several.
_IMAGES: Mapping[str, tuple[Layer, ...]] = {
    "nginx:1.27.3": (_DEBIAN, Layer(name="nginx", size=40_000)),
    "redis:7.4": (_DEBIAN, Layer(name="redis", size=30_000)),
    "python:3.12-slim": (_DEBIAN, Layer(name="python", size=80_000)),
    "busybox:1.36.1": (Layer(name="busybox", size=4_000),),
}


class Stage(Struct, frozen=True, kw_only=True):
    """`environment` is what seeder runs in: a home of its own, and a registries.conf that knows the stand-in."""

    folder: Path
    hub: Sandbox
    event: Sandbox
    environment: Mapping[str, str]

    @property
    def catalog(self) -> Path:
        return self.folder / "demo.yaml"

    @property
    def workshops(self) -> list[Path]:
        return _workshops(self.folder)

    def contents(self) -> Mapping[str, bytes]:
        """The bytes of the workshops' files, by path."""
        return _contents(self.folder)


def original() -> Mapping[str, bytes]:
    """What the workshops' files hold at first."""
    return _contents(SAMPLE)


def _workshops(folder: Path) -> list[Path]:
    return sorted(folder.glob("lab-*"))


def _contents(folder: Path) -> Mapping[str, bytes]:
    files = (path for lab in _workshops(folder) for path in lab.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@contextmanager
def built(folder: Path) -> Iterator[Stage]:
    """Lays everything out in an empty folder, and ends the two registries on the way out."""
    with Sandbox(quota=QUOTA, read_only=True) as hub, Sandbox(token_auth=False, cdn=False) as event:
        for reference, layers in _IMAGES.items():
            hub.put_index(reference, layers=layers, platforms=(AMD64, ARM64, _ARM7), attestations=True)
        shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
        stage = Stage(folder=folder, hub=hub, event=event, environment=_environment(folder))
        stage.catalog.write_text(stage.catalog.read_text().replace(_PUSH, event.address))
        (folder / "registries.conf").write_text(hub.registries_conf())
        yield stage


def _environment(folder: Path) -> Mapping[str, str]:
    """No login, proxy, cache or registries.conf of the user's: nothing of theirs is asked, or touched."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG", "LC_ALL", "TERM") if name in os.environ}
    home = folder / "home"
    home.mkdir()
    return {
        **kept,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
    }
