from __future__ import annotations

import json
from pathlib import Path

import pytest

from seeder.cli.app import main
from seeder.documents import lockfile
from tests.rules.trees import lock, pin, workshop, write

POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx:1.27}]}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    write(tmp_path / "lab", workshop(files={"pod.yaml": POD}))
    monkeypatch.chdir(tmp_path)
    return "lab"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ([], 1),
        (["--fail-on", "error"], 0),
        (["--fail-on", "never"], 0),
        (["--only", "hub-workshop-files"], 0),
        (["--ignore", "mutable-tag"], 1),
        (["--ignore", "mutable-tag", "--ignore", "hub-deployment"], 0),
    ],
)
def test_the_exit_code(tree: str, argv: list[str], code: int) -> None:
    assert main(["lint", *argv, tree]) == code


@pytest.mark.parametrize("fmt", ["table", "json", "sarif", "github"])
def test_every_format_names_the_place_and_the_report_is_json(tree: str, fmt: str, capsys) -> None:
    assert main(["lint", "--format", fmt, "--report", "r.json", tree]) == 1
    assert "pod.yaml" in capsys.readouterr().out
    assert json.loads(Path("r.json").read_text())["schema"] == "seeder.lint/1"


def test_a_rule_that_is_not_there(tree: str, capsys) -> None:
    assert main(["lint", "--only", "mutable-tags", tree]) == 2
    assert "there is no rule mutable-tags; did you mean mutable-tag?" in capsys.readouterr().err


def test_fix_with_a_lock_puts_the_digest_and_tells_what_remains(tree: str, capsys) -> None:
    pinned = pin("nginx:1.27")
    Path("c.lock.yaml").write_bytes(lockfile.render(lock(pinned)))
    assert main(["lint", "--fix", "--lock", "c.lock.yaml", "--format", "json", tree]) == 1
    out, err = capsys.readouterr()
    assert err == "fixed 1 place\n"
    assert f"image: nginx:1.27@{pinned.descriptor.digest}}}" in Path("lab/pod.yaml").read_text()
    assert [each["rule"] for each in json.loads(out)["problems"]] == ["hub-deployment"]


def test_a_lock_that_is_not_there(tree: str, capsys) -> None:
    assert main(["lint", "--lock", "nothing.yaml", tree]) == 2
    assert "nothing.yaml: cannot read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        (None, "their sizes stand in a lock (--lock FILE)"),
        (lock(pin("nginx:1.27")), "the lock lacks some"),
        (lock(pin("nginx:1.27", size=5)), None),
    ],
)
def test_sizes_that_are_not_known_are_said_to_be_not_checked(tree: str, capsys, pins, said: str | None) -> None:
    if pins is not None:
        Path("c.lock.yaml").write_bytes(lockfile.render(pins))
    main(["lint", "--format", "json", *(["--lock", "c.lock.yaml"] if pins else []), tree])
    told = [each["what"] for each in json.loads(capsys.readouterr().out)["not_checked"] if "room" in each["what"]]
    assert [what for what in told if said is None or said not in what] == []
    assert bool(told) is (said is not None)


@pytest.mark.parametrize("given", [".", "../lab", "sub/.."])
@pytest.mark.parametrize("fmt", ["github", "sarif"])
def test_github_gets_paths_in_the_checkout(tree: str, fmt: str, given: str, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(Path.cwd()))
    Path(tree, "sub").mkdir()
    monkeypatch.chdir(tree)
    assert main(["lint", "--format", fmt, given]) == 1
    out = capsys.readouterr().out
    assert "file=lab/pod.yaml," in out or '"uri": "lab/pod.yaml"' in out


def test_another_folder_than_the_checkout_is_named_as_given(tree: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert main(["lint", "--format", "github", tree]) == 1
    assert "file=lab/pod.yaml," in capsys.readouterr().out


def test_a_folder_that_names_no_image_is_asked_about(tmp_path: Path, capsys) -> None:
    assert main(["lint", str(tmp_path)]) == 0
    assert capsys.readouterr().err.endswith("no images found: is this the folder of a workshop?\n")
