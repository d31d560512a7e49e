from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from seeder.discover import Discovery, discover
from seeder.model.occurrence import Occurrence
from seeder.model.reference import ImageReference


def tree(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def look(root: Path, *, include_all: bool = False, **variables: str) -> Discovery:
    return discover(root, root_name="lab", variables=variables, include_all=include_all)


def by_raw(found: Discovery) -> dict[str, Occurrence]:
    return {one.raw: one for one in found.occurrences}


POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {}\n"


def test_occurrences_are_sorted_and_name_their_place(tmp_path: Path) -> None:
    tree(tmp_path, {"b.yaml": POD.format("nginx:1.27"), "a/x.yaml": POD.format("ghcr.io/a/b@sha256:" + "0" * 64)})
    first, second = look(tmp_path).occurrences
    assert (first.root, first.place, first.hub, first.mutable) == ("lab", "a/x.yaml:5", False, False)
    assert (second.place, second.canonical, second.hub, second.mutable, second.rewritable) == (
        "b.yaml:5",
        "docker.io/library/nginx:1.27",
        True,
        True,
        True,
    )


def test_variables_are_put_in_where_they_are_known(tmp_path: Path) -> None:
    tree(tmp_path, {"p.yaml": POD.format("$(image_repository)/x:${TAG}")})
    (unknown,) = look(tmp_path).occurrences
    assert unknown.canonical == "$(image_repository)/x:${TAG}"
    assert (unknown.reference, unknown.rewritable, unknown.unresolved) == (None, False, ("image_repository", "TAG"))
    assert "image_repository" in unknown.reason
    (known,) = look(tmp_path, image_repository="ghcr.io/acme", TAG="1.2.3").occurrences
    assert known.reference == ImageReference.parse("ghcr.io/acme/x:1.2.3")
    assert (known.rewritable, known.raw) == (True, "$(image_repository)/x:${TAG}")
    (partly,) = look(tmp_path, image_repository="ghcr.io/acme").occurrences
    assert (partly.canonical, partly.mutable, partly.rewritable) == ("ghcr.io/acme/x:${TAG}", None, True)


COMPOSE = """
services:
  app: {image: "acme/app:1.0", build: .}
  other: {image: "acme/app:1.0"}
  web: {image: "${WEB:-nginx:1.27}"}
  db: {image: "postgres:${PG:-16.1}"}
"""


def test_what_the_workshop_builds_is_no_pull(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "k8s/pod.yaml": POD.format("docker.io/acme/app:1.0")})
    assert set(by_raw(look(tmp_path))) == {"nginx:1.27", "postgres:${PG:-16.1}"}
    everything = look(tmp_path, include_all=True).occurrences
    built = [one for one in everything if not one.pulled]
    assert [one.place for one in built] == ["compose.yaml:3", "compose.yaml:4", "k8s/pod.yaml:5"]
    assert not any(one.rewritable for one in built)
    assert all(one.reason for one in built)


def test_a_default_counts_unless_the_value_is_given(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE})
    assert {one.canonical for one in look(tmp_path).occurrences} == {
        "docker.io/library/nginx:1.27",
        "docker.io/library/postgres:16.1",
    }
    tree(tmp_path, {".env": 'PG=15.4\nexport WEB="httpd:2.4.1"  # comment\n'})
    found = {one.line: one for one in look(tmp_path).occurrences if one.file == "compose.yaml"}
    assert found[6].canonical == "docker.io/library/postgres:15.4"
    assert (found[5].canonical, found[5].rewritable) == ("docker.io/library/httpd:2.4.1", False)
    assert "WEB" in found[5].reason


def test_env_files_of_other_folders_do_not_count_where_they_disagree(tmp_path: Path) -> None:
    tree(tmp_path, {"a/compose.yaml": COMPOSE, "a/.env": "PG=1.1\n", "b/.env": "PG=2.2\n", "c/compose.yaml": COMPOSE})
    found = {one.place: one.canonical for one in look(tmp_path).occurrences}
    assert found["a/compose.yaml:6"].endswith(":1.1")
    assert found["c/compose.yaml:6"].endswith(":16.1")


def test_a_name_at_a_target_is_mapped_back(tmp_path: Path) -> None:
    tree(tmp_path, {"p.yaml": POD.format("reg.example/library/nginx:1.27.3")})
    original = ImageReference.parse("nginx:1.27.3")
    found = discover(
        tmp_path,
        root_name="lab",
        variables={},
        inverse=lambda reference: original if reference.registry == "reg.example" else None,
    )
    (one,) = found.occurrences
    assert (one.reference, one.rehosted_from, one.hub) == (original, original, True)
    assert one.canonical == "docker.io/library/nginx:1.27.3"


def test_what_cannot_be_read_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "broken.yaml": "a: [\n---\n" + POD.format("nginx:1"),
            "half.yaml": "spec:\n\tcontainers:\n  - image: redis:7\n ] x\n",
            "binary.yaml": b"image: \0",
            "picture.png": b"image: \0",
            "windows.yaml": POD.format("nginx:1").encode("utf-16"),
            "skaffold.yaml": "apiVersion: skaffold/v2\nkind: Config\nbuild: {artifacts: [{image: x}]}\n",
            "bad.yaml": POD.format("Nginx:1"),
            "deploy/.gitlab-ci.yml": "image: alpine:3\n",
        },
    )
    (tmp_path / "link.yaml").symlink_to("/etc/hostname")
    found = look(tmp_path)
    assert set(by_raw(found)) == {"nginx:1", "redis:7"}
    reasons = {one.file: one.reason for one in found.unread}
    assert set(reasons) == {
        "bad.yaml",
        "half.yaml",
        "binary.yaml",
        "windows.yaml",
        "skaffold.yaml",
        "deploy/.gitlab-ci.yml",
        "link.yaml",
    }
    assert "line 2" in reasons["half.yaml"]
    assert "lower case" in reasons["bad.yaml"]
    assert "zero bytes" in reasons["binary.yaml"]
    assert "UTF-8" in reasons["windows.yaml"]


def test_many_files_are_read_by_several_processes_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, {f"d{n % 7}/{n}.yaml": POD.format(f"acme/x{n}:1.0.0") for n in range(300)})
    alone = look(tmp_path)
    monkeypatch.setattr(import_module("seeder.discover.examine"), "_MANY_FILES", 10)
    assert look(tmp_path) == alone
    assert len(alone.occurrences) == 300


def test_each_workshop_of_a_tree_speaks_for_itself(tmp_path: Path) -> None:
    builds = "services: {app: {image: 'acme/app:1.0', build: .}}\n"
    uses = "services: {app: {image: 'acme/app:1.0'}}\n"
    tree(
        tmp_path,
        {
            "one/workshop/content/index.md": "",
            "one/exercises/compose.yaml": builds,
            "one/other/compose.yaml": uses,
            "two/resources/workshop.yaml": "",
            "two/compose.yaml": uses,
        },
    )
    assert [one.place for one in look(tmp_path).occurrences] == ["two/compose.yaml:1"]
