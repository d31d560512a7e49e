from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.store import ManifestStore
from tests.registry.images import image


@pytest.fixture
def manifest() -> Manifest:
    return image()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_another_run_finds_what_was_put(tmp_path: Path, manifest: Manifest) -> None:
    ManifestStore(tmp_path).put(manifest)
    assert ManifestStore(tmp_path).get(manifest.descriptor.digest) == manifest


def test_what_waits_for_the_disk_is_kept_where_the_run_is_killed(
    tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Manifest | None] = []
    monkeypatch.setattr(os, "fsync", lambda _: found.append(ManifestStore(tmp_path).get(manifest.descriptor.digest)))
    ManifestStore(tmp_path).put(manifest)
    assert found == [manifest] * 2  # the file and its folder


def test_what_was_never_put_is_not_there(tmp_path: Path) -> None:
    assert ManifestStore(tmp_path).get(Digest.of(b"never")) is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\xff\xfe\n{}", b"a" * 300])
def test_a_damaged_file_reads_as_absent_and_can_be_put_again(tmp_path: Path, manifest: Manifest, damage: bytes) -> None:
    store = ManifestStore(tmp_path)
    store.put(manifest)
    files(tmp_path)[0].write_bytes(damage)
    assert store.get(manifest.descriptor.digest) is None
    store.put(manifest)
    assert store.get(manifest.descriptor.digest) == manifest


def test_what_begins_with_no_media_type_reads_as_absent(tmp_path: Path, manifest: Manifest) -> None:
    store = ManifestStore(tmp_path)
    store.put(manifest)
    files(tmp_path)[0].write_bytes(b"x" * 256 + b"\n" + manifest.raw)
    assert store.get(manifest.descriptor.digest) is None


def test_without_a_folder_it_lasts_as_long_as_the_run(manifest: Manifest) -> None:
    store = ManifestStore(None)
    store.put(manifest)
    assert store.get(manifest.descriptor.digest) == manifest


def test_where_it_cannot_write_it_remembers(
    tmp_path: Path, manifest: Manifest, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "manifests").write_text("a file stands where the folder should be")
    store = ManifestStore(tmp_path)
    store.put(manifest)
    store.put(image(b"another"))
    assert store.get(manifest.descriptor.digest) == manifest
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages[0].endswith(": cannot write: Not a directory")


def test_what_it_has_is_read_also_where_nothing_new_can_be_written(tmp_path: Path, manifest: Manifest) -> None:
    ManifestStore(tmp_path).put(manifest)
    other = next(made for n in range(256) if _shelf(made := image(bytes([n]))) != _shelf(manifest))
    (tmp_path / "manifests" / _shelf(other)).write_text("a file stands where the folder should be")
    store = ManifestStore(tmp_path)
    store.put(other)
    assert store.get(manifest.descriptor.digest) == manifest
    assert store.get(other.descriptor.digest) == other


def _shelf(manifest: Manifest) -> str:
    return f"sha256/{manifest.descriptor.digest.hex[:2]}"


def test_many_writers_leave_one_whole_file(tmp_path: Path, manifest: Manifest) -> None:
    threads = [threading.Thread(target=ManifestStore(tmp_path).put, args=(manifest,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(tmp_path)) == 1
    assert ManifestStore(tmp_path).get(manifest.descriptor.digest) == manifest


def test_a_run_that_added_something_leaves_no_more_than_the_limit_and_the_newest(tmp_path: Path) -> None:
    made = [image(bytes([n])) for n in range(4)]
    store = ManifestStore(tmp_path)
    for age, manifest in enumerate(made):
        store.put(manifest)
        path = next(p for p in files(tmp_path) if p.name == manifest.descriptor.digest.hex)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    limit = 2 * files(tmp_path)[0].stat().st_size
    ManifestStore(tmp_path, limit).close()
    assert len(files(tmp_path)) == 4
    again = ManifestStore(tmp_path, limit)
    again.put(made[0])
    again.close()
    assert [again.get(m.descriptor.digest) is not None for m in made] == [True, True, False, False]


def test_what_cannot_be_looked_at_or_removed_does_not_keep_the_rest(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "manifests/sha256/00/folder").mkdir(parents=True)
    (tmp_path / "manifests/sha256/00/nowhere").symlink_to(tmp_path / "nothing")
    store = ManifestStore(tmp_path, limit=0)
    store.put(manifest)
    store.close()
    assert store.get(manifest.descriptor.digest) is None
