"""The stage, and the sample workshops as a labelled tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seeder.demo.classroom import Needs
from seeder.demo.stage import SAMPLE, built
from seeder.documents import catalog
from seeder.model.occurrence import Puller
from seeder.run.scan import scan

ROOT = Path(__file__).parents[2]
# Every place of the sample that makes a session pull from Docker Hub, and who pulls.
LABELS = {
    ("lab-containers/resources/workshop.yaml", 34, "redis:7.4", Puller.DOCKERD),
    ("lab-containers/exercises/compose.yaml", 3, "nginx:1.27.3", Puller.DOCKERD),
    ("lab-containers/exercises/compose.yaml", 8, "redis:7.4", Puller.DOCKERD),
    ("lab-containers/exercises/Dockerfile", 1, "python:3.12-slim", Puller.BUILD),
    ("lab-containers/workshop/content/01-run.md", 8, "nginx:1.27.3", Puller.DOCKERD),
    ("lab-web-on-kubernetes/resources/workshop.yaml", 36, "busybox:1.36.1", Puller.KUBELET),
    ("lab-web-on-kubernetes/exercises/deployment.yaml", 17, "nginx:1.27.3", Puller.KUBELET),
    ("lab-web-on-kubernetes/workshop/content/01-deploy.md", 14, "busybox:1.36.1", Puller.KUBELET),
}


def test_the_sample_is_read_whole_and_right() -> None:
    found = scan([SAMPLE], {})
    assert found.unread == ()
    pulled = [one for one in found.occurrences if one.pulled and one.hub]
    assert {(one.file, one.line, one.raw, one.pulled_by) for one in pulled} == LABELS


def test_the_class_needs_more_than_the_quota(tmp_path: Path) -> None:
    with built(tmp_path) as stage:
        needs = Needs.of(scan(stage.workshops, {}).occurrences, ["docker.io"])
        assert stage.hub.quota is not None
        assert needs.pulls > stage.hub.quota
        for reference in (*needs.learner, *needs.node):
            assert stage.hub.manifest(str(reference)) is not None


def test_the_catalog_names_the_event_registry_as_it_runs(tmp_path: Path) -> None:
    with built(tmp_path) as stage:
        (target,) = catalog.parse(stage.catalog.read_bytes(), "demo.yaml").targets
        assert target.push == stage.event.address
        assert stage.hub.address in (tmp_path / "registries.conf").read_text()


def test_nothing_of_the_user_s_is_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_AUTH_FILE", "/theirs")
    monkeypatch.setenv("HTTPS_PROXY", "http://theirs")
    with built(tmp_path) as stage:
        assert stage.environment["PATH"] == os.environ["PATH"]
        assert not any("theirs" in value for value in stage.environment.values())
        assert Path(stage.environment["HOME"]).is_relative_to(tmp_path)


def test_the_catalog_stands_among_the_others() -> None:
    assert (ROOT / "catalogs" / "demo.yaml").read_bytes() == (SAMPLE / "demo.yaml").read_bytes()
