"""OCI layouts: written whole, read with care, and understood by skopeo."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seeder import layout
from seeder.errors import DigestMismatchError, FileError, MissingError
from seeder.layout import Layout
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.sandbox import AMD64, images
from seeder.sandbox.images import OCI, Built, Child

IMAGE = images.image([images.Layer(name="one"), images.Layer(name="two")], AMD64, OCI)
INDEX = images.index([Child(image=IMAGE, platform=AMD64)], OCI)


@pytest.fixture
def made(tmp_path: Path) -> Layout:
    return layout.create(tmp_path / "layout")


def put(made: Layout, built: Built) -> None:
    for child in built.children:
        put(made, child)
    for data in built.blobs:
        made.put_blob(Digest.of(data), [data[:10], data[10:]])
    made.put_manifest(built.manifest)


def test_a_new_layout_is_empty_and_can_be_opened(made: Layout) -> None:
    assert layout.open_layout(made.path).names() == {}
    assert layout.create(made.path) == made


def test_what_is_put_is_found_by_its_names(made: Layout) -> None:
    put(made, INDEX)
    made.name(dict.fromkeys(["library/nginx:1.27", "library/nginx:1.27-abc"], INDEX.manifest.descriptor))
    names = layout.open_layout(made.path).names()
    assert list(names) == ["library/nginx:1.27", "library/nginx:1.27-abc"]
    found = made.manifest(names["library/nginx:1.27"].digest)
    assert found.raw == INDEX.manifest.raw
    (child,) = found.children()
    assert made.manifest(child.digest) == IMAGE.manifest
    for blob in IMAGE.manifest.blobs():
        assert made.size(blob.digest) == blob.size
        with made.open(blob.digest) as file:
            assert blob.digest.matches(file.read())


KILLED = """
import os, pathlib, signal, sys
from seeder.layout import create
from seeder.model.digest import Digest
def pieces():
    yield b"some"
    os.kill(os.getpid(), signal.SIGKILL)
create(pathlib.Path(sys.argv[1])).put_blob(Digest.of(b"something"), pieces())
"""


def partials(made: Layout) -> list[str]:
    return [path.name for path in made.path.glob("blobs/*/.*")]


def test_what_a_killed_run_left_goes_with_the_next_one_and_what_is_being_written_stays(made: Layout) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(made.path)], check=False, timeout=60)
    (left,) = partials(made)
    os.utime(made.path / "blobs" / "sha256" / left, (0, 0))
    writing, going_on = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"other"
        writing.set()
        going_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(made.put_blob, Digest.of(b"other"), pieces())
        assert writing.wait(10)
        (begun,) = set(partials(made)) - {left}
        os.utime(made.path / "blobs" / "sha256" / begun, (0, 0))
        layout.create(made.path)
        (stays,) = partials(made)
        assert stays == begun
        going_on.set()
        other.result(10)
    assert partials(made) == []
    assert made.size(Digest.of(b"other")) == 5


def test_a_name_moves_to_what_gets_it_last(made: Layout) -> None:
    put(made, INDEX)
    made.name(dict.fromkeys(["a:1", "a:2"], IMAGE.manifest.descriptor))
    before = made.state()
    made.name({"a:1": INDEX.manifest.descriptor})
    assert made.state() != before
    assert {name: found.digest for name, found in made.names().items()} == {
        "a:1": INDEX.manifest.descriptor.digest,
        "a:2": IMAGE.manifest.descriptor.digest,
    }


def test_entries_of_others_without_a_name_stay(made: Layout) -> None:
    descriptor = INDEX.manifest.descriptor
    entry = {"mediaType": descriptor.media_type, "digest": str(descriptor.digest), "size": descriptor.size}
    (made.path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    made.name({"a:1": descriptor})
    assert entry in json.loads((made.path / "index.json").read_text())["manifests"]
    assert list(made.names()) == ["a:1"]


def test_many_writers_lose_no_name(made: Layout) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: made.name({f"a:{number}": IMAGE.manifest.descriptor}), range(100)))
    assert len(made.names()) == 100


def test_a_blob_of_other_bytes_is_not_kept(made: Layout) -> None:
    with pytest.raises(DigestMismatchError):
        made.put_blob(Digest.of(b"data"), [b"other"])
    assert made.size(Digest.of(b"data")) is None
    assert list((made.path / "blobs" / "sha256").iterdir()) == []


def test_a_blob_whose_source_fails_is_not_kept(made: Layout) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"da"
        raise MissingError("gone")

    with pytest.raises(MissingError):
        made.put_blob(Digest.of(b"data"), pieces())
    assert list((made.path / "blobs" / "sha256").iterdir()) == []


def test_sha512_has_a_folder_of_its_own(made: Layout) -> None:
    digest = Digest("sha512", hashlib.sha512(b"data").hexdigest())
    made.put_blob(digest, [b"data"])
    assert (made.path / "blobs" / "sha512" / digest.hex).read_bytes() == b"data"


def test_a_manifest_without_a_type_is_known_by_its_keys(made: Layout) -> None:
    for raw, media_type in ((b'{"manifests": []}', OCI_INDEX), (b'{"layers": []}', OCI_MANIFEST)):
        made.put_blob(Digest.of(raw), [raw])
        assert made.manifest(Digest.of(raw)).descriptor.media_type == media_type


def test_what_is_missing_or_damaged_is_said(made: Layout) -> None:
    descriptor = IMAGE.manifest.descriptor
    with pytest.raises(MissingError):
        made.manifest(descriptor.digest)
    with pytest.raises(MissingError):
        made.open(descriptor.digest)
    made.put_manifest(IMAGE.manifest)
    (made.path / "blobs" / "sha256" / descriptor.digest.hex).write_bytes(b"{}")
    with pytest.raises(DigestMismatchError, match="other bytes"):
        made.manifest(descriptor.digest)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no file oci-layout"),
        ({"oci-layout": '{"imageLayoutVersion": "2.0.0"}'}, "of version '2.0.0'"),
        ({"oci-layout": "nonsense"}, "is no JSON"),
        ({"oci-layout": "[]"}, "is no JSON object"),
    ],
)
def test_what_is_no_layout_is_refused(tmp_path: Path, files: dict[str, str], says: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(FileError, match=says):
        layout.open_layout(tmp_path)


@pytest.mark.parametrize(
    ("index", "says"),
    [
        ('{"manifests": {}}', "must be a list"),
        ("{}", "must be a list"),
        ('{"manifests": [{"annotations": ["a"]}]}', "must be a list"),
        ('{"manifests": [{"annotations": {"org.opencontainers.image.ref.name": "a"}}]}', "without type, digest"),
    ],
)
def test_a_malformed_index_is_said(made: Layout, index: str, says: str) -> None:
    (made.path / "index.json").write_text(index)
    with pytest.raises(FileError, match=says):
        made.names()


def test_an_index_of_nothing_may_hold_null(made: Layout) -> None:
    (made.path / "index.json").write_text('{"schemaVersion": 2, "manifests": null}')
    assert made.names() == {}
    made.put_manifest(IMAGE.manifest)
    made.name({"a:1": IMAGE.manifest.descriptor})
    assert list(made.names()) == ["a:1"]


def test_who_meets_a_damaged_index_is_told_what_to_do(made: Layout) -> None:
    path = made.path / "index.json"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FileError, match="is no JSON") as caught:
        made.names()
    assert "have it filled or brought here again" in caught.value.hint


@pytest.mark.parametrize("left", [".index.json.0123456789ab.tmp", ".oci-layout.0123456789ab.tmp"])
def test_a_run_that_was_killed_as_it_made_a_layout_is_no_obstacle(tmp_path: Path, left: str) -> None:
    (tmp_path / "blobs" / "sha256").mkdir(parents=True)
    (tmp_path / left).write_text("{")
    assert layout.create(tmp_path).names() == {}


def test_many_make_one_layout(tmp_path: Path) -> None:
    for attempt in range(20):
        together = threading.Barrier(4)

        def make(number: int, path: Path = tmp_path / str(attempt), together: threading.Barrier = together) -> None:
            together.wait()
            made = layout.create(path)
            made.put_manifest(IMAGE.manifest)
            made.name({f"{number}:1": IMAGE.manifest.descriptor})

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(make, range(4)))
        assert len(layout.open_layout(tmp_path / str(attempt)).names()) == 4


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")
    with pytest.raises(FileError, match="not empty"):
        layout.create(tmp_path)


def test_skopeo_reads_what_we_write(made: Layout, skopeo: str) -> None:
    put(made, INDEX)
    made.name({"library/nginx:1.27": INDEX.manifest.descriptor})
    command = [skopeo, "inspect", "--raw", f"oci:{made.path}:library/nginx:1.27"]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout == INDEX.manifest.raw
    config = [skopeo, "inspect", "--config", "--override-arch=amd64", f"oci:{made.path}:library/nginx:1.27"]
    assert subprocess.run(config, capture_output=True, check=True, timeout=60).stdout


def test_we_read_what_skopeo_writes(made: Layout, skopeo: str, tmp_path: Path) -> None:
    put(made, INDEX)
    made.name({"library/nginx:1.27": INDEX.manifest.descriptor})
    copied = tmp_path / "copied"
    flags = ("--insecure-policy", "copy", "--all", "--quiet")
    command = [skopeo, *flags, f"oci:{made.path}:library/nginx:1.27", f"oci:{copied}:nginx"]
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    theirs = layout.open_layout(copied)
    assert theirs.manifest(theirs.names()["nginx"].digest).raw == INDEX.manifest.raw
