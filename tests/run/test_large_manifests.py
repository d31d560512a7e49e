"""Manifests larger than seeder reads: whatever told of their size, none is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seeder.model.descriptor import Descriptor
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.sandbox import AMD64, ARM64, Sandbox
from tests.run.desk import Desk

LIMIT, TOO_MUCH = 4 << 20, "x" * (5 << 20)


@pytest.fixture(params=[None, 100], ids=["unlimited", "quota"])
def desk(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    desk.hub.set_quota(request.param)
    return desk


def put_large(desk: Desk) -> Descriptor:
    """An index at the hub that is too large itself."""
    index = {"schemaVersion": 2, "manifests": [], "annotations": {"note": TOO_MUCH}}
    return desk.hub.put_manifest("nginx:1.27", OCI_INDEX, json.dumps(index).encode())


def put_with_large_child(desk: Desk) -> Descriptor:
    """The child, whose platform is linux/amd64; its index names one for linux/arm64 before it."""
    desk.hub.put_index("nginx:1.27", platforms=(ARM64, AMD64))
    manifest = desk.hub.manifest("nginx:1.27")
    assert manifest is not None
    index = json.loads(manifest.raw)
    child = desk.hub.manifest(f"nginx@{manifest.children()[1].digest}")
    assert child is not None
    image = json.loads(child.raw) | {"annotations": {"note": TOO_MUCH}}
    large = desk.hub.put_manifest("nginx:large", OCI_MANIFEST, json.dumps(image).encode())
    index["manifests"][1] |= {"digest": str(large.digest), "size": large.size}
    desk.hub.put_manifest("nginx:1.27", OCI_INDEX, json.dumps(index).encode())
    return large


def refused(error: dict[str, Any], manifest: Descriptor) -> bool:
    """Whether an error says which image, what of it, how large that is, and how large it may be."""
    named = f"docker.io/library/nginx:1.27@{manifest.digest}"
    told = all(word in error["message"] for word in (named, str(manifest.size), str(LIMIT)))
    return told and error["code"] == "too-large"


def test_a_head_tells_the_size(desk: Desk) -> None:
    put_large(desk)
    desk.catalog("nginx:1.27")
    for _ in range(2):
        error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
        assert error["code"] == "too-large"
        assert "are the most" in error["message"]
    assert desk.hub.pulls == 0


@pytest.mark.parametrize("platforms", [["linux/amd64"], None])
def test_an_index_tells_the_size_of_a_child(desk: Desk, target: Sandbox, platforms: list[str] | None) -> None:
    """The index is read once; nothing else of the image is, since it cannot be whole."""
    child = put_with_large_child(desk)
    desk.catalog("nginx:1.27", platforms=platforms)
    for _ in range(2):
        error = desk.outcomes("sync", code=1)["nginx:1.27"]["error"]
        assert refused(error, child)
    assert desk.hub.pulls == 1
    assert target.tags("nginx") in (None, [])


def test_a_child_that_nobody_wants_may_be_as_large_as_it_likes(desk: Desk) -> None:
    put_with_large_child(desk)
    desk.catalog("nginx:1.27", platforms=["linux/arm64"])
    assert desk.outcomes("sync")["nginx:1.27"]["outcome"] == "copied"


@pytest.mark.parametrize("command", [("plan",), ("sync",), ("sync", "--frozen")])
def test_an_older_lock_tells_the_size(desk: Desk, command: tuple[str, ...]) -> None:
    small = desk.hub.put_index("nginx:1.27")
    desk.catalog("nginx:1.27")
    desk.run("pin")
    large = put_large(desk)
    text = desk.lock_path.read_text().replace(str(small.digest), str(large.digest))
    desk.lock_path.write_text(text.replace(f"size: {small.size}", f"size: {large.size}"))
    assert desk.lock.pins[0].descriptor.size == large.size
    error = desk.outcomes(*command, code=1)["nginx:1.27"]["error"]
    assert refused(error, large)
    assert desk.hub.pulls == 0


def test_platforms_are_read_of_none(desk: Desk) -> None:
    child = put_with_large_child(desk)
    desk.catalog("nginx:1.27")
    for _ in range(2):
        desk.run("pin", "--read-manifests", code=1)
        assert str(child.digest) in desk.out + desk.err
    assert desk.hub.pulls == 1


def test_what_skopeo_would_read(desk: Desk, skopeo: str) -> None:
    child = put_with_large_child(desk)
    desk.catalog("nginx:1.27")
    desk.engine = "skopeo"
    for _ in range(2):
        assert refused(desk.outcomes("sync", code=1)["nginx:1.27"]["error"], child)
    assert desk.hub.pulls == 1
