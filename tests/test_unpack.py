"""Archives cannot write outside their folder, and cannot fill the disk."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from seeder import unpack
from seeder.errors import FileError
from seeder.layout import Archive


def archive(*members: tuple[str, bytes | str], mode: str = "w:gz", kind: bytes = tarfile.REGTYPE) -> io.BytesIO:
    """A tar of files (bytes), or of links to their text."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if isinstance(content, str):
                member.linkname = content
                tar.addfile(member)
            else:
                member.size = len(content) if kind == tarfile.REGTYPE else 0
                tar.addfile(member, io.BytesIO(content))
    made.seek(0)
    return made


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_files_and_folders_come_out(tmp_path: Path, mode: str) -> None:
    packed = archive(("./a/b.txt", b"one"), ("c.txt", b"two"), mode=mode)
    assert unpack.is_tar(packed)
    unpack.tar(packed, tmp_path, unpack.Budget(), where="x")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"one"
    assert (tmp_path / "c.txt").read_bytes() == b"two"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", ".."])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(FileError, match="leads out of the tree") as caught:
        unpack.tar(archive((name, b"x")), folder, unpack.Budget(), where="here")
    assert caught.value.where == "here"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_out_are_refused_and_links_inside_are_left_out(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(FileError, match=r"a link to '.*passwd'"):
        unpack.tar(archive(("l", "/etc/passwd"), kind=kind), tmp_path, unpack.Budget(), where="x")
    with pytest.raises(FileError, match="leads out"):
        unpack.tar(archive(("a/l", "../../x"), kind=kind), tmp_path, unpack.Budget(), where="x")
    unpack.tar(archive(("l", "there"), kind=kind), tmp_path, unpack.Budget(), where="x")
    assert not (tmp_path / "l").is_symlink()


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(FileError, match="device or pipe"):
        unpack.tar(archive(("d", b""), kind=kind), tmp_path, unpack.Budget(), where="x")


def test_a_bomb_ends_at_the_budget(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no workshop's files are that large"):
        unpack.tar(archive(("big", bytes(5000))), tmp_path, unpack.Budget(bytes=4000), where="x")
    with pytest.raises(FileError, match="no workshop's files are that large"):
        unpack.tar(archive(("a", b""), ("b", b"")), tmp_path, unpack.Budget(files=1), where="x")
    assert not (tmp_path / "big").exists()


def test_a_cut_archive_is_broken(tmp_path: Path) -> None:
    whole = archive(("a", bytes(range(256)) * 4096)).getvalue()
    with pytest.raises(FileError, match=r"broken|cannot be unpacked"):
        unpack.tar(io.BytesIO(whole[: len(whole) // 2]), tmp_path, unpack.Budget(), where="x")


def test_what_is_no_tar_is_none() -> None:
    assert not unpack.is_tar(io.BytesIO(b"kind: Workshop\n"))
    assert not unpack.is_tar(io.BytesIO(b"\x1f\x8b not gzip"))


def test_a_header_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        member = tarfile.TarInfo("x")
        member.type, member.size = tarfile.XHDTYPE, 64 << 20
        tar.addfile(member, io.BytesIO(bytes(member.size)))
    made.seek(0)
    assert unpack.is_tar(made)
    with pytest.raises(FileError, match="broken archive: a header of 67108864 bytes"):
        unpack.tar(made, tmp_path, unpack.Budget(), where="x")


def header(kind: bytes, *, size: int = 0, goes_on: bool = False) -> bytes:
    """A block; `goes_on` says that a sparse file's map does in the next one."""
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    block[482] = goes_on
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    "data",
    [
        (header(tarfile.XHDTYPE, size=9) + b"9 path=a\n".ljust(512, b"\0")) * 2000,
        (header(tarfile.GNUTYPE_LONGNAME, size=2) + b"a".ljust(512, b"\0")) * 2000,
        header(tarfile.GNUTYPE_SPARSE, size=512, goes_on=True),
    ],
    ids=["records behind records", "names behind names", "a sparse map that is cut off"],
)
def test_headers_that_tarfile_stumbles_over(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileError, match="is a broken archive"):
        unpack.tar(io.BytesIO(data), tmp_path, unpack.Budget(), where="x")
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(FileError, match="is no whole tar"):
        Archive(tmp_path / "a.tar")


def test_a_path_too_deep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a path of 2000 folders"):
        unpack.tar(archive(("/".join("a" * 2000), b"x")), tmp_path, unpack.Budget(), where="x")


@pytest.mark.parametrize("title", [".", "a/..", "x" * 300, "../x", "\ud800"])
def test_titles_that_name_no_file_are_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(FileError) as caught:
        unpack.single(io.BytesIO(b"x"), tmp_path, title, unpack.Budget(), where="here")
    assert caught.value.where == "here"
