"""Tars that are added to: the old one or the new one stands there, and other tools read both."""

from __future__ import annotations

import subprocess
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from seeder import files
from seeder.errors import DigestMismatchError, FileError, MissingError
from seeder.layout import Archive, Images, Packed, create, readable, writable
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.sandbox import AMD64, images
from seeder.sandbox.images import OCI, Built

ONE = images.image([images.Layer(name="one"), images.Layer(name="shared")], AMD64, OCI)
TWO = images.image([images.Layer(name="two"), images.Layer(name="shared")], AMD64, OCI)


def put(layout: Images, built: Built, name: str) -> None:
    for data in built.blobs:
        if layout.size(Digest.of(data)) is None:
            layout.put_blob(Digest.of(data), [data[:10], data[10:]])
    layout.put_manifest(built.manifest)
    layout.name({name: built.manifest.descriptor})


def filled(path: Path, **named: Built) -> None:
    with closing(writable(path)) as packed:
        for name, built in named.items():
            put(packed, built, f"{name}:1")
        packed.settle()


def names(path: Path) -> dict[str, Digest]:
    with closing(readable(path)) as archive:
        return {name: found.digest for name, found in archive.names().items()}


def digest(built: Built) -> Digest:
    return built.manifest.descriptor.digest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "air.tar"


def test_what_was_put_is_there_and_nothing_else(path: Path) -> None:
    filled(path, a=ONE)
    assert names(path) == {"a:1": digest(ONE)}
    assert [entry.name for entry in path.parent.iterdir()] == ["air.tar"]
    with closing(Archive(path)) as archive:
        for data in ONE.blobs:
            with archive.open(Digest.of(data)) as file:
                assert file.read() == data


def test_more_is_added_and_names_move(path: Path) -> None:
    filled(path, a=ONE, b=ONE)
    filled(path, b=TWO)
    assert names(path) == {"a:1": digest(ONE), "b:1": digest(TWO)}
    with closing(Archive(path)) as archive:
        assert archive.manifest(digest(ONE)).raw == ONE.manifest.raw


def test_the_same_content_is_the_same_bytes_whatever_the_order(path: Path) -> None:
    filled(path, a=ONE)
    filled(path, b=TWO)
    other = path.with_name("other.tar")
    filled(other, b=TWO, a=ONE)
    assert path.read_bytes() == other.read_bytes()


def test_nothing_new_leaves_the_file_alone(path: Path) -> None:
    filled(path, a=ONE)
    before = path.stat()
    filled(path, a=ONE)
    assert path.stat() == before


def test_a_run_that_broke_off_leaves_the_old_tar_and_the_next_goes_on(path: Path) -> None:
    filled(path, a=ONE)
    before = path.read_bytes()
    with closing(Packed(path)) as packed:
        put(packed, TWO, "b:1")
    assert path.read_bytes() == before
    assert names(path) == {"a:1": digest(ONE)}
    with closing(Packed(path)) as packed:
        assert packed.size(Digest.of(TWO.blobs[1])) == len(TWO.blobs[1])
        packed.settle()
    assert names(path) == {"a:1": digest(ONE), "b:1": digest(TWO)}


def test_a_run_that_was_killed_while_it_packed(path: Path) -> None:
    filled(path, a=ONE)
    with closing(Packed(path)) as packed:
        put(packed, TWO, "b:1")
    (path.parent / ".air.tar.part/new.tar").write_bytes(b"half a tar")
    filled(path)
    assert names(path) == {"a:1": digest(ONE), "b:1": digest(TWO)}
    assert [entry.name for entry in path.parent.iterdir()] == ["air.tar"]


@pytest.mark.parametrize("parts", [[], ["blobs"], ["blobs", "index.json"]])
def test_a_run_that_was_killed_as_it_began(path: Path, parts: list[str]) -> None:
    beside = path.parent / ".air.tar.part"
    beside.mkdir()
    for part in parts:
        (beside / part).mkdir() if part == "blobs" else (beside / part).write_text("{")
    filled(path, a=ONE)
    assert names(path) == {"a:1": digest(ONE)}


def damaged(path: Path, data: bytes) -> bytes:
    """Changes a byte of a blob in a tar; gives all bytes as they are then."""
    whole = path.read_bytes()
    at = whole.index(data) + len(data) // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    return path.read_bytes()


def test_wrong_bytes_never_get_into_a_new_tar_and_are_taken_for_missing_from_then_on(path: Path) -> None:
    filled(path, a=ONE)
    before = damaged(path, ONE.blobs[1])
    lost, other = Digest.of(ONE.blobs[1]), Digest.of(ONE.blobs[2])
    with closing(Packed(path)) as packed:
        assert packed.size(lost) == len(ONE.blobs[1])
        put(packed, TWO, "b:1")
        with pytest.raises(DigestMismatchError) as caught:
            packed.settle()
        assert (caught.value.where, "sync` again" in caught.value.hint) == (str(path), True)
    assert path.read_bytes() == before
    with closing(Packed(path)) as packed:
        assert (packed.size(lost), packed.size(other)) == (None, len(ONE.blobs[2]))
        with pytest.raises(MissingError):
            packed.open(lost)
        put(packed, ONE, "a:1")
        packed.settle()
    assert names(path) == {"a:1": digest(ONE), "b:1": digest(TWO)}
    with closing(Archive(path)) as archive, archive.open(lost) as file:
        assert file.read() == ONE.blobs[1]
    assert [entry.name for entry in path.parent.iterdir()] == ["air.tar"]


def test_a_damaged_manifest_is_missing(path: Path) -> None:
    filled(path, a=ONE, b=TWO)
    damaged(path, ONE.manifest.raw)
    with closing(Packed(path)) as packed:
        with pytest.raises(MissingError, match="other bytes"):
            packed.manifest(digest(ONE))
        assert packed.names().keys() == {"b:1"}
        put(packed, ONE, "a:1")
        packed.settle()
    with closing(Archive(path)) as archive:
        assert archive.manifest(digest(ONE)) == ONE.manifest


def test_manifests_that_are_found_damaged_at_the_same_time_are_all_remembered(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path, a=ONE, b=TWO)
    damaged(path, ONE.manifest.raw)
    damaged(path, TWO.manifest.raw)
    write, first, second = files.write_atomic, threading.Event(), threading.Event()

    def overtaken(where: Path, data: bytes) -> None:
        if where.name == "damaged" and not first.is_set():
            first.set()
            second.wait(0.3)
        write(where, data)
        if first.is_set():
            second.set()

    with closing(Packed(path)) as packed, monkeypatch.context() as patched:
        patched.setattr(files, "write_atomic", overtaken)
        with ThreadPoolExecutor(2) as pool:
            early = pool.submit(packed.manifest, digest(ONE))
            assert first.wait(10)
            late = pool.submit(packed.manifest, digest(TWO))
            for read in (early, late):
                with pytest.raises(MissingError):
                    read.result(10)
    with closing(Packed(path)) as packed:
        assert (packed.size(digest(ONE)), packed.size(digest(TWO))) == (None, None)


def test_what_came_anew_is_not_taken_away_by_one_who_still_read_the_old(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path, a=ONE)
    damaged(path, ONE.manifest.raw)
    read = Archive.manifest
    with closing(Packed(path)) as packed:

        def overtaken(archive: Archive, wanted: Digest) -> Manifest:
            monkeypatch.undo()
            with pytest.raises(MissingError):
                packed.manifest(wanted)
            packed.put_manifest(ONE.manifest)
            return read(archive, wanted)

        monkeypatch.setattr(Archive, "manifest", overtaken)
        with pytest.raises(MissingError):
            packed.manifest(digest(ONE))
        assert packed.manifest(digest(ONE)) == ONE.manifest


@pytest.mark.parametrize("part", [3, 5, 8])
def test_of_a_tar_that_was_cut_off_what_is_whole_stays(path: Path, part: int, caplog: pytest.LogCaptureFixture) -> None:
    filled(path, a=ONE, b=TWO)
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        cut = tar.getmembers()[part]
    path.write_bytes(whole[: cut.offset_data + cut.size // 2])
    with closing(Packed(path)) as packed:
        assert "is damaged" in caplog.text
        assert packed.size(Digest.parse(cut.name.removeprefix("blobs/").replace("/", ":"))) is None
        put(packed, ONE, "a:1")
        put(packed, TWO, "b:1")
        packed.settle()
    assert path.read_bytes() == whole


def test_names_of_what_a_cut_took_are_gone(path: Path) -> None:
    filled(path, a=ONE)
    with tarfile.open(path) as tar:
        first = tar.getmembers()[2]
    path.write_bytes(path.read_bytes()[: first.offset + 600])
    filled(path, b=TWO)
    assert names(path) == {"b:1": digest(TWO)}


def test_one_run_at_a_time(path: Path) -> None:
    with closing(Packed(path)) as packed:
        put(packed, ONE, "a:1")
        with pytest.raises(FileError, match="another run is adding to it"):
            Packed(path)
        packed.settle()
    assert names(path) == {"a:1": digest(ONE)}


@pytest.mark.parametrize("is_there", [True, False])
def test_what_another_run_wrote_meanwhile_stays(path: Path, is_there: bool) -> None:
    if is_there:
        filled(path, a=ONE)
    with closing(Packed(path)) as late:
        reader = late.open(digest(ONE)) if is_there else None
        filled(path, b=TWO)
        put(late, ONE, "c:1")
        assert late.names().keys() >= {"b:1", "c:1"}
        late.settle()
        if reader is not None:
            assert Digest.of(reader.read()) == digest(ONE)
            reader.close()
    assert names(path) == {**({"a:1": digest(ONE)} if is_there else {}), "b:1": digest(TWO), "c:1": digest(ONE)}


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_link_leads_to_is_written(path: Path, tmp_path: Path, is_there: bool) -> None:
    real = tmp_path / "elsewhere" / "real.tar"
    real.parent.mkdir()
    if is_there:
        filled(real, a=ONE)
    path.symlink_to(real)
    filled(path, b=TWO)
    assert names(real) == {**({"a:1": digest(ONE)} if is_there else {}), "b:1": digest(TWO)}
    assert path.is_symlink()
    assert [entry.name for entry in real.parent.iterdir()] == ["real.tar"]


def test_a_folder_may_be_called_tar(path: Path) -> None:
    create(path)
    filled(path, a=ONE)
    assert path.is_dir()
    assert names(path) == {"a:1": digest(ONE)}


def test_something_else_there_is_left_alone(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(FileError, match="is no whole tar"):
        writable(path)
    assert path.read_text() == "mine"


def test_no_time_and_no_owner_of_this_machine(path: Path) -> None:
    filled(path, a=ONE)
    with tarfile.open(path) as tar:
        entries = tar.getmembers()
    assert [entry.name for entry in entries[:2]] == ["oci-layout", "index.json"]
    assert [entry.name for entry in entries[2:]] == sorted(entry.name for entry in entries[2:])
    assert {(entry.mtime, entry.uid, entry.gid, entry.mode, entry.uname) for entry in entries} == {(0, 0, 0, 0o644, "")}


def test_skopeo_reads_and_writes_the_same(path: Path, skopeo: str) -> None:
    filled(path, a=ONE, b=TWO)
    theirs = path.with_name("theirs.tar")
    for name in ("a:1", "b:1"):
        copy = [
            skopeo,
            "--insecure-policy",
            "copy",
            "-q",
            f"oci-archive:{path}:{name}",
            f"oci-archive:{theirs}-{name[0]}:{name}",
        ]
        subprocess.run(copy, check=True, capture_output=True)
        with closing(Archive(Path(f"{theirs}-{name[0]}"))) as archive:
            assert archive.names()[name].digest == digest(ONE if name == "a:1" else TWO)
