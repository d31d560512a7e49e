"""The servers of one run: Docker Hub's stand-in, and an empty target."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sets import Put

from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.sandbox import Sandbox

_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")
_DELTA = 0.05


class Rig:
    """`folder` is empty at first and holds the target's files, a home for the peer, and seeder's catalog."""

    def __init__(self, folder: Path, *, latency: float, bandwidth: float) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.hub = Sandbox(latency=latency, bandwidth=bandwidth)
        self.target = ""
        self.names: list[str] = []
        self._put: Put | None = None

    @contextmanager
    def running(self, images: tuple[Put, int]) -> Iterator[None]:
        self._put, count = images
        with self.hub, self._target() as self.target:
            self.names = [self._put(self.hub, number, "") for number in range(count)]
            yield

    def move_some(self) -> int:
        """Rebuilds 5 % of the images, at least one, under their tags."""
        assert self._put is not None  # noqa: S101 - the rig runs
        count = max(1, round(len(self.names) * _DELTA))
        for number in range(count):
            self._put(self.hub, number, "rebuilt")
        return count

    def pairs(self) -> list[tuple[str, str]]:
        """Source and target of each image, as peers are told them."""
        return [(f"{self.hub.address}/{name}", f"{self.target}/{name}") for name in self.names]

    def right(self) -> int:
        """How many tags stand at the target with the digest that they have at the hub."""
        client = Client(Sources(), insecure_hosts=[self.target])
        try:
            return sum(self._stands(client, name) == self._wanted(name) for name in self.names)
        finally:
            client.close()

    def _stands(self, client: Client, name: str) -> Digest | None:
        found = client.find_manifest(ImageReference.parse(f"{self.target}/{name}"))
        return found.digest if found else None

    def _wanted(self, name: str) -> Digest | None:
        manifest = self.hub.manifest(name)
        return manifest.descriptor.digest if manifest else None

    @contextmanager
    def _target(self) -> Iterator[str]:
        program = shutil.which("docker-registry", path="/usr/bin:/usr/sbin:/usr/local/bin")
        if program is None:
            with Sandbox(token_auth=False, cdn=False) as sandbox:
                yield sandbox.address
            return
        configuration = self.folder / "registry.json"  # JSON is YAML
        storage = {"filesystem": {"rootdirectory": str(self.folder / "storage")}}
        http = {"addr": "127.0.0.1:0", "secret": "bench"}
        log = {"level": "info", "accesslog": {"disabled": True}}
        configuration.write_text(json.dumps({"version": 0.1, "log": log, "storage": storage, "http": http}))
        output = self.folder / "registry.log"
        with output.open("wb") as file:
            process = subprocess.Popen([program, "serve", str(configuration)], stdout=file, stderr=file)
            try:
                yield _address(output)
            finally:
                process.terminate()
                process.wait()


def _address(log: Path) -> str:
    for _ in range(200):
        found = _LISTENING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise SystemExit(f"docker-registry did not start:\n{log.read_text()}")
