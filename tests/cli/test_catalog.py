from __future__ import annotations

import json
from pathlib import Path

import pytest

from seeder.cli.app import main

HEADER = "apiVersion: seeder/v1alpha1\nkind: Catalog\n"
GOOD = (
    f"{HEADER}workshops: [lab]\nimages: [nginx:1.27.3]\nplatforms: [linux/amd64]\n"
    "targets: {event: {registry: r.io}}\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab").mkdir()
    return tmp_path


def test_check_of_a_valid_catalog(folder: Path, capsys) -> None:
    Path("c.yaml").write_text(GOOD)
    assert main(["catalog", "check", "c.yaml"]) == 0
    assert capsys.readouterr().out == (
        "c.yaml: valid; 1 workshop, 1 image, 1 target, 0 pins\nc.yaml: has no lock yet: `seeder pin` writes it\n"
    )


def test_check_as_json(folder: Path, capsys) -> None:
    Path("c.yaml").write_text(GOOD)
    assert main(["catalog", "check", "--format", "json", "--report", "r.json", "c.yaml"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(Path("r.json").read_text())
    assert told == {
        "schema": "seeder.catalog-check/1",
        "catalog": "c.yaml",
        "name": "c",
        "workshops": ["lab"],
        "images": ["docker.io/library/nginx:1.27.3"],
        "targets": ["event"],
        "pins": 0,
        "notes": ["has no lock yet: `seeder pin` writes it"],
        "exit": 0,
    }


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("", "names nothing to seed"),
        ("referrers: true\nplatforms: [linux/amd64]\nimages: [nginx]\n", "what signs a whole index stays behind"),
        ("images: [nginx]\n", "names no platforms"),
        ("images: [nginx]\n", "names no target"),
        ("targets: {a: {kind: oci-cache}}\n", "targets.a.kind: seeder cannot fill"),
    ],
)
def test_check_notes_what_may_not_be_meant(folder: Path, capsys, body: str, note: str) -> None:
    Path("c.yaml").write_text(HEADER + body)
    assert main(["catalog", "check", "c.yaml"]) == 0
    assert note in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "error: c.yaml: cannot read: No such file"),
        ({"c.yaml": f"{HEADER}image: []\n"}, "error: c.yaml:3: image: unknown key; did you mean images?"),
        ({"c.yaml": f"{HEADER}workshops: [nowhere]\n"}, "error: c.yaml: workshops[0]: nothing stands at nowhere"),
        ({"c.yaml": HEADER, "c.lock.yaml": "kind: Lock\n"}, "error: c.lock.yaml:1: the key apiVersion is missing"),
    ],
)
def test_check_ends_with_2_where_something_is_wrong(folder: Path, capsys, files: dict, said: str) -> None:
    for name, text in files.items():
        Path(name).write_text(text)
    assert main(["catalog", "check", "c.yaml"]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_schema_is_json_on_stdout(capsys) -> None:
    assert main(["catalog", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "seeder catalog"


def test_init_writes_a_catalog_that_checks(folder: Path, capsys) -> None:
    assert main(["catalog", "init", "lab"]) == 0
    assert main(["catalog", "check", "catalog.yaml"]) == 0
    assert "catalog.yaml: valid; 1 workshop" in capsys.readouterr().out


def test_init_lists_images_for_a_place_without_workshops(folder: Path, capsys) -> None:
    Path("lab/Dockerfile").write_text("FROM nginx:1.27.3\n")
    assert main(["catalog", "init", "--images", "lab"]) == 0
    assert capsys.readouterr().out == "wrote catalog.yaml: 1 image\n"
    assert main(["catalog", "check", "catalog.yaml"]) == 0
    assert "catalog.yaml: valid; 0 workshops, 1 image," in capsys.readouterr().out


def test_init_of_a_folder_without_images_says_so(folder: Path, capsys) -> None:
    (folder / "docs").mkdir()
    for where in ([], ["--output", "-"]):
        assert main(["catalog", "init", *where, "docs"]) == 0
        assert "warning: no images found: are these the folders of workshops?" in capsys.readouterr().err


def test_init_overwrites_nothing(folder: Path, capsys) -> None:
    Path("catalog.yaml").write_text("mine")
    assert main(["catalog", "init", "lab"]) == 2
    assert Path("catalog.yaml").read_text() == "mine"
    assert capsys.readouterr().err.startswith("error: catalog.yaml is there already")


def test_init_to_stdout(folder: Path, capsys) -> None:
    assert main(["catalog", "init", "-o", "-", "lab"]) == 0
    assert "  - path: lab\n" in capsys.readouterr().out
