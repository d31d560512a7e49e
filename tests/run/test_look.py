"""What a run finds in the catalog's trees before it asks anyone."""

from __future__ import annotations

from pathlib import Path

from seeder.run.look import look
from seeder.run.project import open_project

WORKSHOP = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
metadata: {name: w}
spec:
  workshop:
    image: jdk17-environment:*
    files:
    - image: {url: "$(image_repository)/w-files:1"}
"""


def test_only_a_name_with_variables_waits_for_a_value(tmp_path: Path) -> None:
    """A short name of Educates is no reference and lacks no variable."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "workshop.yaml").write_text(WORKSHOP)
    catalog = tmp_path / "c.yaml"
    catalog.write_text("apiVersion: seeder/v1alpha1\nkind: Catalog\nmetadata: {name: c}\nworkshops: [{path: w}]\n")
    found = look(open_project(catalog))
    assert [occurrence.canonical for occurrence in found.unresolved] == ["$(image_repository)/w-files:1"]
