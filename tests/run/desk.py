"""A catalog on a desk: a stand-in of Docker Hub, a target, and the real command line between them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from seeder.cli.app import main
from seeder.documents import lockfile
from seeder.model.pin import Lock
from seeder.sandbox import Sandbox


def forget(home: Path) -> None:
    """A new pod: the manifest store is gone."""
    shutil.rmtree(home / ".cache", ignore_errors=True)


@dataclass(kw_only=True)
class Desk:
    """`folder` holds `c.yaml`; what `run` printed is kept in `out` and `err`."""

    folder: Path
    hub: Sandbox
    address: str
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""
    engine: str = ""

    @property
    def path(self) -> Path:
        return self.folder / "c.yaml"

    @property
    def lock_path(self) -> Path:
        return self.folder / "c.lock.yaml"

    @property
    def lock(self) -> Lock:
        return lockfile.parse(self.lock_path.read_bytes(), "c.lock.yaml")

    def catalog(self, *images: Any, **keys: Any) -> None:
        """Writes the catalog: with one platform and the target, unless `keys` say otherwise; None leaves a key out."""
        document = {
            "apiVersion": "seeder/v1alpha1",
            "kind": "Catalog",
            "metadata": {"name": "c"},
            "images": list(images),
            "platforms": ["linux/amd64"],
            "targets": {"event": {"registry": self.address, "insecure": True, "reached_by": ["kubelet", "dockerd"]}},
            **keys,
        }
        self.path.write_text(yaml.safe_dump({key: value for key, value in document.items() if value is not None}))

    def run(self, command: str, *arguments: str, code: int = 0) -> None:
        """Runs a command on the catalog and checks how it ends."""
        engine = ["--engine", self.engine] if self.engine and command == "sync" else []
        found = main([command, str(self.path), *engine, *arguments])
        self.out, self.err = self.capsys.readouterr()
        assert found == code, self.out + self.err

    def document(self, command: str, *arguments: str, code: int = 0) -> dict[str, Any]:
        """As `run`, with the JSON that it writes."""
        self.run(command, *arguments, "--format", "json", code=code)
        document: dict[str, Any] = json.loads(self.out)
        assert document["schema"] == f"seeder.{command}/1"
        assert document["exit"] == code
        return document

    def outcomes(self, command: str, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
        """The outcomes by short reference."""
        found = self.document(command, *arguments, code=code)["outcomes"]
        return {each["reference"].removeprefix("docker.io/").removeprefix("library/"): each for each in found}

    def asked(self) -> int:
        """All requests at the hub since the last call."""
        total = self.hub.counters.total
        self.hub.reset()
        return total
