"""An event on one machine: sample workshops, a stand-in for Docker Hub that holds what they pull, and a target."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seeder.model.descriptor import Descriptor
from seeder.sandbox import Sandbox
from tests.fixtures.commands import command, environment

_WORKSHOPS = Path(__file__).parent / "workshops"
_DIGEST_PLACE = b"@BUSYBOX_DIGEST@"
# Every reference that the sample workshops pull from Docker Hub, and whether its image has several platforms.
HUB_IMAGES: Mapping[str, bool] = {
    "busybox:1.36.1": True,
    "kestrel/docker-environment:2.1.0": False,
    "kestrel/guestbook:3.0.1": False,
    "kestrel/kube-tools:0.9.2": False,
    "nginx:1.27.3": True,
    "postgres:16.4": True,
    "python:3.12.7-slim": False,
    "redis:7.4.1-alpine": True,
}
_HUB = "docker.io/"
_ACCEPT = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A registry to seed: how to talk to it, and what its entry in a catalog says besides its address."""

    address: str
    scheme: str = "http"
    authorization: str = ""
    context: ssl.SSLContext | None = None
    keys: Mapping[str, Any] = field(default_factory=lambda: {"insecure": True})

    def digest_of(self, repository: str, selector: str) -> str | None:
        """The digest of what stands there under a tag or digest; None where nothing does."""
        request = urllib.request.Request(
            f"{self.scheme}://{self.address}/v2/{repository}/manifests/{selector}", method="HEAD"
        )
        request.add_header("Accept", _ACCEPT)
        if self.authorization:
            request.add_header("Authorization", self.authorization)
        try:
            with urllib.request.urlopen(request, timeout=20, context=self.context) as answer:
                return answer.headers["Docker-Content-Digest"]
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404:
                raise
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The event's folder: `workshops/`, `catalog.yaml`, and the environment that seeder runs in."""

    folder: Path
    hub: Sandbox
    target: Target
    images: Mapping[str, Descriptor]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog.yaml"

    @property
    def workshops(self) -> Path:
        return self.folder / "workshops"

    def seeder(self, *arguments: str, expect: int = 0) -> str:
        """Runs the real command line in a process of its own; returns its standard output."""
        done = subprocess.run(
            command("--no-progress", *arguments),
            cwd=self.folder,
            env=environment(**self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == expect, f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def document(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """The JSON that a command says."""
        told = json.loads(self.seeder(*arguments, "--format", "json", expect=expect))
        assert told["exit"] == expect
        return told

    def outcomes(self, *arguments: str, expect: int = 0) -> dict[str, str]:
        """What became of each reference of Docker Hub, by its short name."""
        told = self.document(*arguments, expect=expect)["outcomes"]
        return {_short(each["reference"]): each["outcome"] for each in told if each["reference"].startswith(_HUB)}

    def failures(self, *arguments: str) -> set[str]:
        """The codes of what failed, for a command of which something must."""
        told = self.document(*arguments, expect=1)["outcomes"]
        return {each["error"]["code"] for each in told if each["outcome"] == "failed"}

    def hub_places(self) -> list[str]:
        """`reference file` of everything that the workshops would still pull from Docker Hub."""
        occurrences = self.document("scan", "workshops")["occurrences"]
        return [f"{each['reference']} {each['file']}" for each in occurrences if each["hub"]]

    def bytes_of_workshops(self) -> dict[str, bytes]:
        files = sorted(path for path in self.workshops.rglob("*") if path.is_file())
        return {str(path.relative_to(self.workshops)): path.read_bytes() for path in files}

    def at_target(self, reference: str) -> str | None:
        """What the target serves for a reference of Docker Hub, under its tag."""
        name, _, tag = reference.partition(":")
        return self.target.digest_of(name if "/" in name else f"library/{name}", tag)


def _short(reference: str) -> str:
    return reference.removeprefix(_HUB).removeprefix("library/")


def fill(hub: Sandbox) -> dict[str, Descriptor]:
    """Puts the images of the sample workshops into Docker Hub's stand-in."""
    return {
        name: hub.put_index(name, attestations=True) if several else hub.put_image(name)
        for name, several in HUB_IMAGES.items()
    }


def prepare(folder: Path, hub: Sandbox, target: Target, environment: Mapping[str, str] | None = None) -> Event:
    """Lays out an event in `folder`: the workshops, a catalog for the target, and the way to the stand-in."""
    images = fill(hub)
    shutil.copytree(_WORKSHOPS, folder / "workshops")
    pinned = folder / "workshops/kubernetes-intro/resources/workshop.yaml"
    digest = str(images["busybox:1.36.1"].digest).encode()
    pinned.write_bytes(pinned.read_bytes().replace(_DIGEST_PLACE, digest))
    registries = folder / "registries.conf"
    registries.write_text(hub.registries_conf())
    reached_by = ["kubelet", "dockerd", "vendir", "cli"]
    catalog = {
        "apiVersion": "seeder/v1alpha1",
        "kind": "Catalog",
        "metadata": {"name": "event"},
        "workshops": [{"path": "workshops/*"}],
        "platforms": ["linux/amd64"],
        "targets": {"event": {"registry": target.address, "reached_by": reached_by, **target.keys}},
    }
    (folder / "catalog.yaml").write_text(json.dumps(catalog, indent=2))
    surroundings = {"CONTAINERS_REGISTRIES_CONF": str(registries), **(environment or {})}
    return Event(folder=folder, hub=hub, target=target, images=images, environment=surroundings)
