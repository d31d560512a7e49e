"""`rewrite` and `restore` as they are typed: what stands on stdout, and how they end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from seeder.cli.app import main
from tests.run.rewriting import CATALOG, HOST, Ground, digest, sample


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.chdir(tmp_path)
    return sample(tmp_path)


def seeder(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_story(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    first = made.files()
    assert seeder("rewrite", "catalog.yaml", "--check", capsys=capsys)[0] == 1
    code, diff, err = seeder("rewrite", "catalog.yaml", "--diff", capsys=capsys)
    assert code == 0
    assert made.files() == first
    assert "5 places in 3 files would be rewritten\nhint: `seeder rewrite --in-place` does it\n" in err
    code, out, _ = seeder("rewrite", "catalog.yaml", "--in-place", capsys=capsys)
    assert code == 0
    assert "labs/pods/exercises/pod.yaml:8" in out
    assert (places := [row.split()[0] for row in out.splitlines()[1:]]) == sorted(places)
    assert seeder("rewrite", "catalog.yaml", "--check", capsys=capsys)[0] == 0
    rewritten = made.files()
    code, undiff, err = seeder("restore", "catalog.yaml", "--diff", capsys=capsys)
    assert code == 0
    assert "5 places in 3 files would be put back" in err
    assert made.files() == rewritten
    code, out, err = seeder("restore", "catalog.yaml", capsys=capsys)
    assert code == 0
    assert "5 places in 3 files put back" in err
    assert made.files() == first
    assert (
        "there is no record of rewrites at catalog.rewrites.yaml" in seeder("restore", "catalog.yaml", capsys=capsys)[2]
    )
    _apply(diff, made.folder)
    assert made.files() == rewritten
    _apply(undiff, made.folder)
    assert made.files() == first


def _apply(diff: str, folder: Path) -> None:
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=folder, check=True, capture_output=True)


def test_json_of_rewrite(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    made.pin("nginx:1.27.3")
    code, out, _ = seeder("rewrite", "catalog.yaml", "--in-place", "--format", "json", capsys=capsys)
    found = json.loads(out)
    assert code == found["exit"] == 1
    assert found["schema"] == "seeder.rewrite/1"
    assert found["target"] == "event"
    assert found["edits"][0] == {
        "root": "labs/pages",
        "file": "exercises/compose.yaml",
        "line": 3,
        "column": 12,
        "end_column": 24,
        "role": "reference",
        "old": "nginx:1.27.3",
        "new": f"{HOST}/library/nginx:1.27.3@{digest('nginx:1.27.3')}",
        "reference": "docker.io/library/nginx:1.27.3",
        "context": "compose",
        "pulled_by": "dockerd",
    }
    unexpected = [each for each in found["left"] if not each["expected"]]
    assert [(each["raw"], each["reason"]) for each in unexpected] == [
        ("redis:7.4", "not pinned"),
        ("postgres:16.1", "not pinned"),
    ]
    assert all(each["hint"] for each in unexpected)
    assert len(found["written"]) == 3


def test_json_of_restore(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    seeder("rewrite", "catalog.yaml", "--in-place", capsys=capsys)
    (made.folder / "labs/pods/exercises/pod.yaml").unlink()
    code, out, _ = seeder("restore", "catalog.yaml", "--format", "json", capsys=capsys)
    found = json.loads(out)
    assert code == found["exit"] == 1
    assert found["schema"] == "seeder.restore/1"
    assert len(found["restored"]) == 4
    assert found["restored"][0] == {
        "file": "labs/pages/exercises/compose.yaml",
        "line": 3,
        "column": 12,
        "old": f"{HOST}/library/nginx:1.27.3@{digest('nginx:1.27.3')}",
        "new": "nginx:1.27.3",
    }
    assert found["kept"][0]["place"] == "labs/pods/exercises/pod.yaml:8"


def test_what_stays_is_told_with_place_reason_and_remedy(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    made.pin("nginx:1.27.3", "redis:7.4")
    code, _, err = seeder("rewrite", "catalog.yaml", "--in-place", capsys=capsys)
    assert code == 1
    assert "labs/pages/resources/workshop.yaml:33: postgres:16.1 stays: not pinned" in err
    assert "hint: run `seeder pin`" in err
    assert "4 places in 3 files rewritten; 1 stays" in err


def test_output_dir(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    first = made.files()
    assert seeder("rewrite", "catalog.yaml", "--output-dir", "out", capsys=capsys)[0] == 0
    assert HOST in (made.folder / "out/pods/exercises/pod.yaml").read_text()
    assert made.files() == first
    code, _, err = seeder("rewrite", "catalog.yaml", "--output-dir", "out", capsys=capsys)
    assert code == 2
    assert "not empty" in err


@pytest.mark.parametrize(
    ("mode", "changes"), [("{mode: in-place}", True), ("{mode: output-dir, output_dir: out}", False)]
)
def test_the_catalog_may_say_where(made: Ground, capsys: pytest.CaptureFixture[str], mode: str, changes: bool) -> None:
    first = made.files()
    made.write("catalog.yaml", f"{CATALOG}rewrite: {mode}\n")
    assert seeder("rewrite", "catalog.yaml", capsys=capsys)[0] == 0
    assert (made.files() != first) is changes
    assert (made.folder / "out").exists() is not changes


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "not said where to write"),
        (["--in-place", "--output-dir", "out"], "exclude each other"),
        (["--in-place", "--check"], "--check writes nothing"),
        (["--in-place", "--target", "other"], "no target other"),
        (["--in-place", "--set", "x"], "NAME=VALUE"),
        (["--in-place", "--lock", "missing/x.lock.yaml"], ""),
    ],
)
def test_wrong_use(made: Ground, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str) -> None:
    first = made.files()
    code, _, err = seeder("rewrite", "catalog.yaml", *arguments, capsys=capsys)
    assert code == (2 if complaint else 1)
    assert complaint in err
    assert made.files() == first


def test_without_a_target_it_says_which_key_to_add(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    made.write("catalog.yaml", CATALOG.partition("targets:")[0])
    code, _, err = seeder("rewrite", "catalog.yaml", "--in-place", capsys=capsys)
    assert code == 2
    assert "targets:" in err


def test_the_record_stands_beside_the_lock_that_is_named(made: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    first = made.files()
    (made.folder / "state").mkdir()
    (made.folder / "catalog.lock.yaml").rename(made.folder / "state/catalog.lock.yaml")
    lock = ["--lock", "state/catalog.lock.yaml"]
    assert seeder("rewrite", "catalog.yaml", "--in-place", *lock, capsys=capsys)[0] == 0
    assert (made.folder / "state/catalog.rewrites.yaml").exists()
    assert not made.record.exists()
    assert seeder("restore", "catalog.yaml", *lock, capsys=capsys)[0] == 0
    assert made.files() == first
