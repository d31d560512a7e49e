from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seeder import files, unfinished
from seeder.errors import FileError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_reads_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00\xff\r\n")
    assert files.read(tmp_path / "a") == b"\x00\xff\r\n"


def test_a_file_over_the_limit_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(FileError, match="larger than 32 MiB"):
        files.read(tmp_path / "big")


@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing", "cannot read: No such file"), ("folder", "is a folder"), ("pipe", "is no regular file")],
)
def test_what_is_no_readable_file_says_so(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match=said) as caught:
        files.read(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


def test_a_write_keeps_the_mode_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_bytes(b"old")
    path.chmod(0o751)
    files.write_atomic(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o751)
    assert names(tmp_path) == ["script.sh"]


KILLED = """
import os, pathlib, signal, sys
from seeder import files
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
files.write_atomic(pathlib.Path(sys.argv[1]), b"new")
"""


def test_what_a_killed_run_left_half_written_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "c.lock.yaml"
    path.write_bytes(b"old")
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    (left,) = set(names(tmp_path)) - {path.name}
    unfinished.sweep(tmp_path, path.name)
    assert left in names(tmp_path)  # somebody may just have begun
    os.utime(tmp_path / left, (0, 0))
    unfinished.sweep(tmp_path, "d.lock.yaml")
    assert left in names(tmp_path)
    with unfinished.beside(path) as (_, being_written):
        os.utime(being_written, (0, 0))
        unfinished.sweep(tmp_path, path.name)
        assert names(tmp_path) == sorted([being_written.name, path.name])
        being_written.replace(path)


def test_what_changes_a_file_that_it_read_is_alone_in_its_folder(tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("0")

    def add(_: int) -> None:
        with unfinished.alone(tmp_path):
            before = int(count.read_text())
            time.sleep(0.01)
            count.write_text(str(before + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert count.read_text() == "16"


def test_a_lock_that_never_ends_and_a_folder_that_is_not_there_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "_PATIENCE", 0.05)
    with unfinished.alone(tmp_path), unfinished.alone(tmp_path), unfinished.alone(tmp_path / "none"):
        pass


def test_links_that_go_round_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(FileError, match="Too many levels of symbolic links"):
        files.write_atomic(tmp_path / "loop", b"x")


def test_a_write_keeps_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "theirs"
    path.write_bytes(b"old")
    owner = path.stat()
    asked = []
    monkeypatch.setattr(os, "fchown", lambda _, uid, gid: asked.append((uid, gid)))
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0, 0, 0, 0, owner.st_uid + 1, owner.st_gid, 0, 0, 0, 0)))
    files.write_atomic(path, b"new")
    assert asked == [(owner.st_uid, owner.st_gid)]


def test_an_owner_that_cannot_be_kept_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as the files' user, and not as their group."""
    path = tmp_path / "theirs"
    path.write_bytes(b"old")
    owner = path.stat()

    def refused(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0, 0, 0, 0, owner.st_uid, owner.st_gid + 1, 0, 0, 0, 0)))
    with pytest.raises(FileError, match=f"{owner.st_uid}:{owner.st_gid}, would not stay") as caught:
        files.write_atomic(path, b"new")
    assert (caught.value.where, caught.value.hint) == (str(path), f"run seeder as {owner.st_uid}:{owner.st_gid}")
    assert (names(tmp_path), path.read_bytes()) == (["theirs"], b"old")


def test_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        files.write_atomic(tmp_path / "new", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="No space left on device") as caught:
        files.write_atomic(path, b"new")
    assert "free some" in caught.value.hint
    assert (names(tmp_path), path.read_bytes()) == (["lock"], b"old")


def test_a_signal_during_a_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(tmp_path / "lock", b"new")
    assert names(tmp_path) == []


def test_what_is_not_there_needs_no_removing_on_a_read_only_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", refused)
    files.remove(tmp_path / "nothing")
    (tmp_path / "record").touch()
    with pytest.raises(FileError, match="cannot remove: Read-only file system"):
        files.remove(tmp_path / "record")


def test_a_link_is_written_through_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    files.write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_write_does_not_leave_its_root(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside").write_bytes(b"old")
    (tmp_path / "tree/link").symlink_to("../outside")
    with pytest.raises(FileError, match="leads out of"):
        files.write_atomic(tmp_path / "tree/link", b"new", root=tmp_path / "tree")
    assert (tmp_path / "outside").read_bytes() == b"old"


def test_write_protection_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "protected"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda asked, _: asked != path)  # root may write anything
    with pytest.raises(FileError, match="write-protected"):
        files.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["file", "folder", "missing", "file/below", "nul\0"])
def test_what_stands_somewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    assert files.is_file(tmp_path / name) is (name == "file")
    assert files.is_folder(tmp_path / name) is (name == "folder")


def test_where_one_may_not_look_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", closed)
    assert not files.is_file(tmp_path)
    assert not files.is_folder(tmp_path)


def test_what_stands_there_and_what_cannot_be_known(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    there = {name: files.exists(tmp_path / name) for name in ("file", "none", "file/below", "loop", "a\0b")}
    assert there == {"file": True, "none": False, "file/below": False, "loop": False, "a\0b": False}
    with pytest.raises(FileError, match="cannot read"):
        files.exists(tmp_path / ("x" * 300))


def test_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    assert [files.is_empty(tmp_path / name) for name in ("folder", ".", "file", "none")] == [True, False, False, False]
