from __future__ import annotations

import json
from pathlib import Path

import pytest

from seeder.cli.app import main

WORKSHOP = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
metadata: {name: lab}
spec:
  publish: {image: "$(image_repository)/lab-files:$(workshop_version)"}
  workshop:
    files:
    - image: {url: "$(image_repository)/lab-files:$(workshop_version)"}
  session:
    objects:
    - apiVersion: v1
      kind: Pod
      spec: {containers: [{image: nginx}, {image: registry.hub.docker.com/library/nginx@sha256:DIGEST}]}
""".replace("DIGEST", "0" * 64)


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    folder = tmp_path / "lab"
    (folder / "resources").mkdir(parents=True)
    (folder / "resources/workshop.yaml").write_text(WORKSHOP)
    (folder / "values.yaml").write_text("image:\n  registry: docker.io\n  repository: acme/é\n  tag: '1.2.3'\n")
    (folder / "db-values.yaml").write_text("é: 1\nimage: {repository: acme/db, tag: 1.2.3}\n")
    (folder / "skaffold.yaml").write_text("apiVersion: skaffold/v2\nbuild: {artifacts: [{image: x}]}\n")
    return folder


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    loaded = json.loads(capsys.readouterr().out)
    assert isinstance(loaded, dict)
    return loaded


def test_the_json_has_every_key_of_the_design(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--format", "json", str(lab)]) == 0
    found = document(capsys)
    assert list(found) == ["schema", "occurrences", "unread", "exit"]
    assert (found["schema"], found["exit"]) == ("seeder.scan/1", 0)
    assert found["unread"] == [
        {
            "root": str(lab),
            "file": "skaffold.yaml",
            "reason": "a skaffold configuration: only what it builds, and from what, is looked for",
        }
    ]
    occurrences = found["occurrences"]
    assert isinstance(occurrences, list)
    assert occurrences[0] == {
        "root": str(lab),
        "file": "db-values.yaml",
        "line": 2,
        "column": 21,
        "end_column": 28,
        "raw": "docker.io/acme/db:1.2.3",
        "reference": "docker.io/acme/db:1.2.3",
        "context": "helm-values",
        "pulled_by": "kubelet",
        "hub": True,
        "mutable": False,
        "rewritable": True,
        "spans": [
            {"file": "db-values.yaml", "line": 2, "column": 21, "end_column": 28, "role": "repository"},
            {"file": "db-values.yaml", "line": 2, "column": 35, "end_column": 40, "role": "tag"},
        ],
    }
    assert [one["reference"] for one in occurrences[1:]] == [
        "$(image_repository)/lab-files:$(workshop_version)",
        "docker.io/library/nginx:latest",
        "docker.io/library/nginx@sha256:" + "0" * 64,
    ]
    assert occurrences[1]["unresolved"] == ["image_repository", "workshop_version"]
    assert [one["mutable"] for one in occurrences] == [False, None, True, False]


def test_raw_has_the_tag_as_it_is_written_where_a_variable_brings_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.sh").write_text(
        '#!/bin/sh\nV=1.2\nN=acme/n\ndocker pull acme/a:v$V-slim; docker run acme/b:${V:-1} "$V"\ndocker run $N:$V\n'
    )
    (tmp_path / "Dockerfile").write_text("ARG V=3.12\nFROM python:${V} AS build\n")
    assert main(["scan", "--format", "json", str(tmp_path)]) == 0
    occurrences = document(capsys)["occurrences"]
    assert isinstance(occurrences, list)
    assert [(one["raw"], one["end_column"] - one["column"], one["reference"]) for one in occurrences] == [
        ("python:${V}", len("python"), "docker.io/library/python:3.12"),
        ("acme/n", len("acme/n"), "docker.io/acme/n:1.2"),
        ("acme/a:v$V-slim", len("acme/a"), "docker.io/acme/a:v1.2-slim"),
        ("acme/b:${V:-1}", len("acme/b"), "docker.io/acme/b:1.2"),
    ]


def test_all_adds_what_is_not_pulled_with_its_reason(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--all", "--format", "json", str(lab)]) == 0
    occurrences = document(capsys)["occurrences"]
    assert isinstance(occurrences, list)
    (publish,) = [one for one in occurrences if one["context"] == "publish"]
    assert (publish["rewritable"], publish["line"]) == (False, 5)
    assert "publish-workshop" in publish["reason"]


def test_strict_fails_for_what_was_not_read(lab: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert main(["scan", "--strict", "--report", str(report), str(lab)]) == 1
    assert json.loads(report.read_text())["exit"] == 1
    assert main(["scan", "--strict", str(lab / "values.yaml")]) == 0


def test_set_gives_a_variable(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--set", "image_repository=ghcr.io/acme", "--set", "workshop_version=2.0.0"]
    assert main(["scan", *asked, "--format", "json", str(lab)]) == 0
    occurrences = document(capsys)["occurrences"]
    assert isinstance(occurrences, list)
    assert (occurrences[1]["reference"], occurrences[1]["rewritable"]) == ("ghcr.io/acme/lab-files:2.0.0", True)
    assert main(["scan", "--set", "nonsense", str(lab)]) == 2


def test_the_table_is_for_people(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(lab)]) == 0
    text = capsys.readouterr().out
    assert f"{lab}/resources/workshop.yaml:13" in text
    assert text.endswith("4 images in 4 places, 3 of them on Docker Hub; 1 note on what was not read\n")
    assert "a skaffold configuration" in text


def test_the_sum_tells_how_many_places_want_a_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: quay.io/a/b:1}, {image: $HOST/c:1}]}\n"
    )
    assert main(["scan", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith(
        "2 images in 2 places, none of them on Docker Hub; variables without a value in 1 place (--set NAME=VALUE)\n"
    )


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reference", "lines"),
    [
        ("nginx", [13, 13]),
        ("docker.io/library/nginx:latest", [13]),
        ("index.docker.io/library/nginx@sha256:" + "0" * 64, [13]),
        ("$(image_repository)/lab-files:$(workshop_version)", [5, 8]),
        ("{{< param image_repository >}}/lab-files", [5, 8]),
        ("*/library/nginx*", [13, 13]),
        ("$(image_repository)*", [5, 8]),
        ("redis", []),
    ],
)
def test_why_finds_every_spelling(
    lab: Path, reference: str, lines: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", "--format", "json", reference, str(lab)]) == (0 if lines else 1)
    occurrences = document(capsys)["occurrences"]
    assert isinstance(occurrences, list)
    assert [one["line"] for one in occurrences] == lines


def test_why_says_through_what(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "$(image_repository)/lab-files", str(lab)]) == 0
    assert "through image_repository" in capsys.readouterr().out
    assert main(["why", "redis", str(lab)]) == 1
    assert "no file names redis" in capsys.readouterr().out
    assert main(["why", "No Name", str(lab)]) == 2


def test_why_offers_the_nearest_name(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "ngnix", str(lab)]) == 1
    assert capsys.readouterr().out == "no file names ngnix; did you mean nginx?\n"
    assert main(["why", "something/else", str(lab)]) == 1
    assert capsys.readouterr().out == "no file names something/else\n"


def test_one_slash_too_few_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "oci:ghcr.io/acme/lab:1"]) == 2
    assert "write oci://HOST/REPOSITORY:TAG" in capsys.readouterr().err


def test_a_folder_without_images_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "no images found: is this the folder of a workshop?\n"


def test_why_wants_the_image_first(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", str(lab), "nginx"]) == 2
    assert f"error: {lab} is a path, and no image\nhint: the image stands first" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["scan"], ["lint"], ["why", "nginx"], ["catalog", "init"]])
def test_a_catalog_is_no_workshop(command: list[str], tmp_path: Path, capsys) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text("# mine\napiVersion: seeder/v1alpha1\nkind: Catalog\nworkshops: [{path: lab}]\n")
    assert main([*command, str(catalog)]) == 2
    assert "catalog.yaml is a catalog" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["scan", ""], ["sync", "--lock", "", "catalog.yaml"]])
def test_an_empty_argument_is_not_the_folder_that_seeder_runs_in(command: list[str], capsys) -> None:
    assert main(command) == 2
    assert "error: an argument is empty\nhint: " in capsys.readouterr().err
