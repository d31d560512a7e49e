from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.documents import catalog
from seeder.documents.draft import Draft, render
from seeder.model.catalog import Catalog
from seeder.model.platform import Platform

_paths = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(
    _paths, st.lists(_paths, unique=True, max_size=4), st.lists(st.sampled_from(["ghcr.io", "quay.io"]), unique=True)
)
def test_a_draft_is_a_catalog_that_says_what_is_known(name: str, workshops: list, registries: list) -> None:
    data = render(Draft(name=name, workshops=tuple(workshops), registries=tuple(registries), variables=("a",)))
    read = catalog.parse(data, "catalog.yaml")
    assert read == Catalog(name=name, workshops=tuple(workshops), platforms=(Platform("linux", "amd64"),))


def test_what_a_person_decides_stands_there_as_comments() -> None:
    text = render(Draft(name="x", workshops=("a",), registries=("ghcr.io",), variables=("image_repository",))).decode()
    for line in ("# targets:", "#   image_repository: …", "#   - nginx:1.27.3", "Found here: ghcr.io."):
        assert line in text


def test_what_the_workshops_leave_open_is_spoken_of_where_there_is_some() -> None:
    assert "variables" not in render(Draft(name="x", workshops=("a",))).decode()


def test_the_comments_are_valid_once_they_count() -> None:
    text = render(Draft(name="x", workshops=("a",), variables=("image_repository",))).decode()
    lines = (
        line.removeprefix("# ") if line.startswith(("#   ", "# targets", "# variables")) else line
        for line in text.split("\n")
    )
    read = catalog.parse("\n".join(lines).encode().replace(b"#   ", b"  "), "catalog.yaml")
    assert (read.targets[0].registry, read.variables) == ("registry.example.com", {"image_repository": "…"})


@pytest.mark.parametrize("images", [(), ("nginx:1.27.3", "acme/app:1.0")])
def test_images_may_stand_there_in_place_of_workshops(images: tuple[str, ...]) -> None:
    data = render(Draft(name="x", images=images, others=("ghcr.io/acme/b:1.0",), variables=("image_repository",)))
    read = catalog.parse(data, "catalog.yaml")
    assert (read.workshops, [entry.reference.familiar() for entry in read.images]) == ((), list(images))
    assert "#  - ghcr.io/acme/b:1.0\n" in data.decode()
    assert "--set gives: image_repository." in data.decode()
