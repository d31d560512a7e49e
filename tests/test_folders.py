from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from seeder import folders
from seeder.errors import FileError


def reasons(root: Path) -> dict[str, str]:
    return {str(entry.path): entry.reason for entry in folders.walk(root)}


def test_a_walk_is_sorted_and_leaves_out_what_is_not_the_authors(tmp_path: Path) -> None:
    for name in ("b/z.yaml", "b/a.yaml", "a.yaml", "c", ".git/config", "node_modules/x/y.yaml", "venv/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [(entry.path, Path(entry.place)) for entry in folders.walk(tmp_path)] == [
        (PurePosixPath(name), tmp_path / name) for name in ("a.yaml", "b/a.yaml", "b/z.yaml", "c")
    ]


def test_links_are_never_followed_and_those_out_of_the_tree_are_named(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "real.yaml").write_text("x")
    (tmp_path / "secret").write_text("x")
    for link, to in {
        "inside": "real.yaml",
        "sub/up": "..",
        "out": "../secret",
        "dangling": "nothing",
        "loop": "loop",
        "absolute": str(tmp_path),
    }.items():
        (tree / link).symlink_to(to)
    assert reasons(tree) == {
        "absolute": "a symbolic link out of the tree",
        "dangling": "a symbolic link that leads nowhere",
        "loop": "a symbolic link that leads nowhere",
        "out": "a symbolic link out of the tree",
        "real.yaml": "",
    }


def test_a_tree_that_is_itself_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert reasons(tmp_path / "link") == {"a": ""}


def test_what_is_no_file_is_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert reasons(tmp_path) == {"pipe": "not a regular file"}
    assert reasons(tmp_path / "pipe") == {"pipe": "not a regular file"}


def test_a_closed_folder_is_listed_and_the_rest_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").write_text("x")
    scandir = os.scandir

    def guarded(path: Path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert reasons(tmp_path) == {"closed": "the folder cannot be read: Permission denied", "open": ""}


def test_a_walk_of_one_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "workshop.yaml").write_text("x")
    assert reasons(tmp_path / "workshop.yaml") == {"workshop.yaml": ""}


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        list(folders.walk(tmp_path / "nothing"))


def test_a_write_protected_copy_can_be_discarded(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "a/b").mkdir(parents=True)
    (copy / "a/b/file").write_text("x")
    (copy / "a/b").chmod(0o555)
    (copy / "a").chmod(0o555)
    folders.discard(copy)
    folders.discard(copy)
    assert not copy.exists()
