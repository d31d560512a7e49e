"""Tars that are only read: by offset, and nothing that is no part of a layout counts."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seeder.errors import DigestMismatchError, FileError, MissingError
from seeder.layout import Archive, content
from seeder.model.digest import Digest
from seeder.sandbox import AMD64, images
from seeder.sandbox.images import OCI

IMAGE = images.image([images.Layer(name="one")], AMD64, OCI)
BLOB = IMAGE.blobs[1]
DIGEST = Digest.of(BLOB)
NAME = "library/nginx:1.27"
INDEX = content.index(content.named([], {NAME: IMAGE.manifest.descriptor}))
WHOLE = {
    "oci-layout": content.mark(),
    "index.json": INDEX,
    **{f"blobs/sha256/{Digest.of(data).hex}": data for data in (*IMAGE.blobs, IMAGE.manifest.raw)},
}
Change = Callable[[tarfile.TarFile], None]


def entry(name: str, data: bytes = b"", **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = len(data)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def tar(path: Path, parts: dict[str, bytes], change: Change = lambda _: None, *, before: str = "") -> Path:
    with tarfile.open(path, "w") as made:
        for name, data in parts.items():
            made.addfile(entry(f"{before}{name}", data), io.BytesIO(data))
        change(made)
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive(tar(tmp_path / "a.tar", WHOLE))) as archive:
        yield archive


def test_what_is_in_it(whole: Archive) -> None:
    assert whole.names() == {NAME: IMAGE.manifest.descriptor}
    assert whole.manifest(IMAGE.manifest.descriptor.digest) == IMAGE.manifest
    assert whole.size(DIGEST) == len(BLOB)
    assert {str(digest) for digest in whole.digests()} == {f"sha256:{name[13:]}" for name in WHOLE if "/" in name}
    with whole.open(DIGEST) as file:
        assert file.read() == BLOB


@pytest.mark.parametrize("start", [0, 1, 100, len(BLOB), len(BLOB) + 5])
def test_two_readers_do_not_meet(whole: Archive, start: int) -> None:
    with whole.open(DIGEST) as one, whole.open(DIGEST) as other:
        one.seek(start)
        assert (one.read(7), other.read(7), one.read()) == (BLOB[start : start + 7], BLOB[:7], BLOB[start + 7 :])


def test_another_file_of_its_name_does_not_matter(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", WHOLE)
    with closing(Archive(path)) as archive:
        tar(tmp_path / "b.tar", {"x": bytes(5000), **WHOLE}).replace(path)
        with archive.open(DIGEST) as file:
            assert file.read() == BLOB


def test_what_is_missing(whole: Archive) -> None:
    gone = Digest.of(b"gone")
    assert whole.size(gone) is None
    with pytest.raises(MissingError):
        whole.open(gone)
    with pytest.raises(MissingError):
        whole.manifest(gone)


def test_names_as_other_tools_write_them(tmp_path: Path) -> None:
    with closing(Archive(tar(tmp_path / "a.tar", WHOLE, before="./"))) as archive:
        assert archive.manifest(IMAGE.manifest.descriptor.digest) == IMAGE.manifest


def links(made: tarfile.TarFile) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        made.addfile(entry("index.json", type=kind, linkname="/etc/passwd"))
    made.addfile(entry(f"blobs/sha256/{DIGEST.hex}", type=tarfile.DIRTYPE))


def strangers(made: tarfile.TarFile) -> None:
    for name in (
        "../index.json",
        "/index.json",
        "blobs/../index.json",
        "blobs/sha256/../../index.json",
        "x/index.json",
    ):
        made.addfile(entry(name, b"{}"), io.BytesIO(b"{}"))


@pytest.mark.parametrize("change", [links, strangers])
def test_what_leads_elsewhere_is_passed_over(tmp_path: Path, change: Change) -> None:
    with closing(Archive(tar(tmp_path / "a.tar", WHOLE, change))) as archive:
        assert archive.names() == {NAME: IMAGE.manifest.descriptor}
        assert archive.size(DIGEST) == len(BLOB)
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar"]


def test_of_two_with_one_name_the_last_counts(tmp_path: Path) -> None:
    def again(made: tarfile.TarFile) -> None:
        made.addfile(entry("index.json", INDEX), io.BytesIO(INDEX))

    with closing(Archive(tar(tmp_path / "a.tar", {**WHOLE, "index.json": content.index([])}, again))) as archive:
        assert list(archive.names()) == [NAME]


def test_wrong_bytes_are_found(tmp_path: Path) -> None:
    digest = IMAGE.manifest.descriptor.digest
    path = tar(tmp_path / "a.tar", {**WHOLE, f"blobs/sha256/{digest.hex}": b"{}"})
    with closing(Archive(path)) as archive, pytest.raises(DigestMismatchError):
        archive.manifest(digest)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"nonsense" * 200, "is no whole tar"),
        (b"", "is no whole tar"),
        (gzip.compress(bytes(2000), mtime=0), "is no whole tar"),
    ],
)
def test_what_is_no_tar_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(data)
    with pytest.raises(FileError, match=says):
        Archive(path)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"index.json": INDEX}, "has no file oci-layout"),
        ({"oci-layout": json.dumps({"imageLayoutVersion": "2"}).encode()}, "of version '2'"),
        ({"oci-layout": b"["}, "is no JSON"),
    ],
)
def test_what_is_no_layout_is_refused(tmp_path: Path, parts: dict[str, bytes], says: str) -> None:
    with pytest.raises(FileError, match=says):
        Archive(tar(tmp_path / "a.tar", parts))


def test_a_tar_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    data = tar(tmp_path / "a.tar", WHOLE).read_bytes()
    end = -(-len(data.rstrip(b"\0")) // 512) * 512
    cut = tmp_path / "cut.tar"
    for kept in range(0, end + 1, 256):
        cut.write_bytes(data[:kept])
        with pytest.raises(FileError):
            Archive(cut)
    cut.write_bytes(data[: end + 512])
    Archive(cut).close()


def test_a_header_that_is_broken_is_not_the_end(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", WHOLE)
    data = bytearray(path.read_bytes())
    last = data.rindex(b"blobs/sha256/")
    data[last + 148 : last + 156] = b"9" * 8  # its checksum
    path.write_bytes(data)
    with pytest.raises(FileError, match="is no whole tar"):
        Archive(path)


def test_sizes_below_zero_end_it(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    record = b"16 size=-1000000\n"
    record = f"{len(record) + 1} size=-1000000\n".encode()
    with tarfile.open(path, "w") as made:
        made.addfile(entry("pax", record, type=tarfile.XHDTYPE), io.BytesIO(record))
        made.addfile(entry("oci-layout", content.mark()), io.BytesIO(content.mark()))
    with pytest.raises(FileError):
        Archive(path)


def test_nothing_is_written_to_it(whole: Archive) -> None:
    for write in (
        lambda: whole.name({}),
        lambda: whole.put_manifest(IMAGE.manifest),
        lambda: whole.put_blob(DIGEST, [BLOB]),
    ):
        with pytest.raises(FileError, match="is only read"):
            write()
