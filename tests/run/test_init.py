from __future__ import annotations

from pathlib import Path

import pytest

from seeder.documents.draft import render
from seeder.errors import UsageError
from seeder.run.init import draft
from seeder.run.project import open_project

WORKSHOP = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
metadata: {name: lab}
spec:
  workshop:
    files:
      - image: {url: $(image_repository)/lab-files:1.0}
      - image: {url: $(image_repository)/more-files:1.0}
  session:
    objects:
      - apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec: {containers: [{name: a, image: nginx:1.27.3}, {name: b, image: ghcr.io/acme/b:1.0.0}]}
"""


def workshop(folder: Path) -> Path:
    (folder / "resources").mkdir(parents=True)
    (folder / "resources/workshop.yaml").write_text(WORKSHOP)
    return folder


def test_a_workshop_is_one_tree_with_what_it_names(tmp_path: Path) -> None:
    found = draft([workshop(tmp_path / "lab")], tmp_path / "catalogs/c.yaml", {})
    assert (found.name, found.workshops) == ("lab", ("../lab",))
    assert (found.references, found.hub, found.registries) == (4, 1, ("ghcr.io",))
    assert found.variables == ("image_repository",)


def test_a_value_closes_a_variable(tmp_path: Path) -> None:
    assert draft([workshop(tmp_path / "lab")], tmp_path / "c.yaml", {"image_repository": "quay.io/x"}).variables == ()


def test_a_folder_of_workshops_is_a_tree_each(tmp_path: Path) -> None:
    for name in ("b", "a", "deep/c"):
        workshop(tmp_path / name)
    (tmp_path / "README.md").write_text("docs")
    assert draft([tmp_path], tmp_path / "c.yaml", {}).workshops == ("a", "b", "deep/c")


def test_a_folder_without_a_workshop_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    assert draft([tmp_path / "manifests"], tmp_path / "c.yaml", {}).workshops == ("manifests",)


def test_a_catalog_from_a_tree_with_odd_names_finds_it_again(tmp_path: Path) -> None:
    workshop(tmp_path / "lab [1] # é")
    (tmp_path / "c.yaml").write_bytes(render(draft([tmp_path], tmp_path / "c.yaml", {})))
    assert open_project(tmp_path / "c.yaml").trees() == (tmp_path / "lab [1] # é",)


def test_a_catalog_of_images_has_each_once_in_short_and_full(tmp_path: Path) -> None:
    for name in ("a", "b"):
        workshop(tmp_path / name)
    found = draft([tmp_path], tmp_path / "c.yaml", {"image_repository": "registry.test/acme"}, lists_images=True)
    assert (found.workshops, found.images) == ((), ("nginx:1.27.3",))
    files = ("registry.test/acme/lab-files:1.0", "registry.test/acme/more-files:1.0")
    assert found.others == ("ghcr.io/acme/b:1.0.0", *files)


def test_a_tree_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        draft([tmp_path / "nothing"], tmp_path / "c.yaml", {})


def test_a_name_that_no_catalog_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot stand in a catalog"):
        draft([workshop(tmp_path / "lab-\udcff")], tmp_path / "c.yaml", {})
