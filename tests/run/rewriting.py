"""A catalog with workshops on disk, pinned without a registry: the ground on which rewriting is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seeder.documents import lockfile
from seeder.model.descriptor import Descriptor
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.pin import Lock, Pin
from seeder.model.reference import ImageReference
from seeder.run.project import open_project
from seeder.run.rewrite import Mode, Order, Rewritten, rewrite
from tests.rewrite.cases import digest

HOST = "registry.example.com"
CATALOG = f"""\
apiVersion: seeder/v1alpha1
kind: Catalog
metadata: {{name: labs}}
workshops:
  - path: labs/*
targets:
  event:
    registry: {HOST}
"""


NEW = f"{HOST}/library/nginx:1.27.3@{digest('nginx:1.27.3')}"


@dataclass(frozen=True, slots=True)
class Ground:
    """`folder` holds `catalog.yaml`, its lock, and the workshops below `labs/`."""

    folder: Path

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog.yaml"

    @property
    def record(self) -> Path:
        return self.folder / "catalog.rewrites.yaml"

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def pin(self, *references: str, version: int = 1) -> None:
        """Writes a lock with made-up digests for these references."""
        pins = {}
        for text in references:
            reference = ImageReference.parse(text).or_latest()
            descriptor = Descriptor(media_type=OCI_MANIFEST, digest=digest(text, version), size=10)
            pins[reference] = Pin(reference=reference, descriptor=descriptor)
        (self.folder / "catalog.lock.yaml").write_bytes(lockfile.render(Lock.of(pins)))

    def files(self) -> Mapping[str, bytes]:
        """Everything below `labs/`."""
        root = self.folder / "labs"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def run(made: Ground, **order: object) -> Rewritten:
    """Rewrites for the first target, in place unless `order` says otherwise."""
    project = open_project(made.catalog)
    return rewrite(project, project.target(), Order(**({"mode": Mode.IN_PLACE} | order)))


def ground(folder: Path, catalog: str = CATALOG) -> Ground:
    made = Ground(folder)
    made.write("catalog.yaml", catalog)
    return made


WORKSHOP = """\
# How to serve a page
apiVersion: training.educates.dev/v1beta1
kind: Workshop
metadata:
  name: pages
spec:
  publish:
    image: $(image_repository)/pages-files:$(workshop_version)
  workshop:
    image: jdk17-environment:*
    files:
    - image:
        url: $(image_repository)/pages-files:$(workshop_version)
  session:
    objects:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        template:
          spec:
            imagePullSecrets: [{name: hub}]
            containers:
            - name: web
              image: nginx:1.27.3   # as in the slides
              imagePullPolicy: Always
            - {name: cache, image: "redis:7.4"}
    applications:
      docker:
        enabled: true
        compose:
          services:
            db: {image: 'postgres:16.1'}
"""
COMPOSE = b"services:\r\n  web:\r\n    image: nginx:1.27.3\r\n  tool: {image: ghcr.io/acme/tool:2}"
PINNED = ("nginx:1.27.3", "redis:7.4", "postgres:16.1")


def sample(folder: Path) -> Ground:
    """Two workshops; all that Docker Hub serves is pinned."""
    made = ground(folder)
    made.write("labs/pages/resources/workshop.yaml", WORKSHOP)
    made.write("labs/pages/exercises/compose.yaml", COMPOSE)
    made.write("labs/pods/exercises/pod.yaml", POD)
    made.pin(*PINNED)
    return made


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: docker.io/library/nginx:1.27.3
"""
