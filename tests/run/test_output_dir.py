"""Whole trees that are copied and rewritten there, to a folder of their own."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from seeder import files
from seeder.errors import FileError, UsageError
from seeder.run.rewrite import Mode
from tests.run.rewriting import CATALOG, NEW, POD, ground, run, sample


def test_whole_trees_are_copied_and_the_source_stays(tmp_path: Path) -> None:
    made = sample(tmp_path / "in")
    made.write("labs/pods/run.sh", "echo hi\n").chmod(0o755)
    made.write("labs/pods/.git/config", "secret")
    (made.folder / "labs/pods/inside.yaml").symlink_to("exercises/pod.yaml")
    (made.folder / "labs/pods/outside").symlink_to("/etc")
    (made.folder / "labs/pods/empty").mkdir()
    os.mkfifo(made.folder / "labs/pods/pipe")
    first = made.files()
    out = tmp_path / "out"
    done = run(made, mode=Mode.OUTPUT_DIR, output=out)
    assert made.files() == first
    assert not made.record.exists()
    assert sorted(path.name for path in out.iterdir()) == ["pages", "pods"]
    assert sorted(str(path.relative_to(out / "pods")) for path in (out / "pods").rglob("*")) == [
        "empty",
        "exercises",
        "exercises/pod.yaml",
        "inside.yaml",
        "run.sh",
    ]
    assert NEW in (out / "pods/inside.yaml").read_text()
    assert stat.S_IMODE((out / "pods/run.sh").stat().st_mode) == 0o755
    assert sorted(path.name for path in done.written) == ["compose.yaml", "pod.yaml", "workshop.yaml"]


def test_write_protected_trees_are_copied_with_their_modes(tmp_path: Path) -> None:
    """As a mount of a pod that may only be read."""
    made = sample(tmp_path / "in")
    folder, pod = tmp_path / "in/labs/pods/exercises", tmp_path / "in/labs/pods/exercises/pod.yaml"
    pod.chmod(0o444)
    folder.chmod(0o555)
    out = tmp_path / "out"
    try:
        assert run(made, mode=Mode.OUTPUT_DIR, output=out).exit_code == 0
        made_of = out / "pods/exercises"
        assert NEW in (made_of / "pod.yaml").read_text()
        assert [stat.S_IMODE(path.stat().st_mode) for path in (made_of, made_of / "pod.yaml")] == [0o555, 0o444]
    finally:
        for each in (folder, out / "pods/exercises"):
            each.chmod(0o755)


def test_workshops_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    made = ground(tmp_path / "in", CATALOG.replace("labs/*", "labs/*/*"))
    for name in ("a/lab", "b/lab"):
        made.write(f"labs/{name}/pod.yaml", POD)
    made.pin("nginx:1.27.3")
    run(made, mode=Mode.OUTPUT_DIR, output=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a-lab", "b-lab"]


@pytest.mark.parametrize("name", ["labs/pods/out", "full"])
def test_folders_that_will_not_do(tmp_path: Path, name: str) -> None:
    made = sample(tmp_path)
    made.write("full/file", "x")
    with pytest.raises(UsageError, match=r"not empty|inside the workshop") as caught:
        run(made, mode=Mode.OUTPUT_DIR, output=tmp_path / name)
    assert caught.value.hint


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sample(tmp_path / "in")
    rename = files.rename

    def failing(old: Path, new: Path) -> None:
        if new.name == "pods":
            raise FileError("cannot write: No space left on device", where=str(new))
        rename(old, new)

    monkeypatch.setattr(files, "rename", failing)
    done = run(made, mode=Mode.OUTPUT_DIR, output=tmp_path / "out")
    assert done.exit_code == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pages"]
    assert [each.occurrence.root for each in done.faults] == [str(tmp_path / "in/labs/pods")]
    assert all(each.shared for each in done.faults)  # one line for all places of the tree


def test_links_that_go_round_in_a_circle_are_told(tmp_path: Path) -> None:
    made = sample(tmp_path / "in")
    (tmp_path / "loop").symlink_to("loop")
    done = run(made, mode=Mode.OUTPUT_DIR, output=tmp_path / "loop" / "out")
    assert not done.written
    assert any("Too many levels of symbolic links" in each.reason for each in done.left)
