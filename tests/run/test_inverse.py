"""Names at a target, and what they were made from: where `as:` put images into one repository, and beside others."""

from __future__ import annotations

import pytest

from seeder.documents import catalog as catalogs
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.pin import Lock, Pin
from seeder.model.reference import ImageReference
from seeder.run import inverse

CATALOG = b"""
apiVersion: seeder/v1alpha1
kind: Catalog
images:
  - {reference: "ghcr.io/a/tool:1", as: "tools/t:one"}
  - {reference: "ghcr.io/a/tool:2", as: "tools/t:two"}
  - {reference: "ghcr.io/a/tool:3", as: "tools/t"}
  - {reference: "ghcr.io/a/alone:1", as: "tools/alone"}
  - {reference: "ghcr.io/a/web:1", as: "library/nginx:own"}
  - nginx:1
targets: {event: {registry: r.example, push: "10.0.0.1:5000", prefix: class}}
"""


def digest(text: str) -> Digest:
    return Digest.of(text.encode())


def lock() -> Lock:
    references = [
        ImageReference.parse(f"ghcr.io/a/{name}") for name in ("tool:1", "tool:2", "tool:3", "alone:1", "web:1")
    ]
    references.append(ImageReference.parse("nginx:1"))
    pins = {
        each: Pin(reference=each, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=digest(str(each)), size=1))
        for each in references
    }
    return Lock.of(pins)


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("tools/t:one", "ghcr.io/a/tool:1"),
        ("tools/t:two", "ghcr.io/a/tool:2"),
        ("tools/t:3", "ghcr.io/a/tool:3"),
        ("tools/t:two-0123456789ab", "ghcr.io/a/tool:2"),
        (f"tools/t:two@{digest('moved since')}", "ghcr.io/a/tool:2"),
        (f"tools/t@{digest('ghcr.io/a/tool:2')}", "ghcr.io/a/tool:2"),
        (f"tools/t@{digest('ghcr.io/a/tool:3')}", "ghcr.io/a/tool:3"),
        (f"tools/alone@{digest('moved since')}", "ghcr.io/a/alone:1"),
        ("tools/alone:1-0123456789ab", "ghcr.io/a/alone:1"),
        ("library/nginx:1", "docker.io/library/nginx:1"),
        ("library/nginx:own", "ghcr.io/a/web:1"),
        (f"library/nginx@{digest('docker.io/library/nginx:1')}", "docker.io/library/nginx:1"),
        (f"library/nginx@{digest('ghcr.io/a/web:1')}", "ghcr.io/a/web:1"),
    ],
)
@pytest.mark.parametrize("host", ["r.example", "10.0.0.1:5000"])
def test_each_name_is_that_of_one_image(host: str, name: str, original: str) -> None:
    found = inverse.of(catalogs.parse(CATALOG, "c.yaml"), lock())(ImageReference.parse(f"{host}/class/{name}"))
    assert str(found) == original


@pytest.mark.parametrize("name", ["tools/t:four", f"tools/t@{digest('of none')}"])
def test_what_may_be_any_of_several_is_none_of_them(name: str) -> None:
    found = inverse.of(catalogs.parse(CATALOG, "c.yaml"), lock())(ImageReference.parse(f"r.example/class/{name}"))
    assert str(found) == f"docker.io/{name}"
