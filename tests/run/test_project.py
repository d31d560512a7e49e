from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from seeder.errors import DocumentError, FileError, TargetMissingError, UsageError
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.run.project import open_project

HEADER = "apiVersion: seeder/v1alpha1\nkind: Catalog\n"
TARGETS = "targets: {event: {registry: r.example.com}, other: {registry: o.example.com}}\n"
PIN = Pin(
    reference=ImageReference.parse("nginx:1.27.3"),
    descriptor=Descriptor(media_type="application/vnd.x", digest=Digest.of(b""), size=1),
)
OTHER = Pin(
    reference=ImageReference.parse("redis:7"),
    descriptor=Descriptor(media_type="application/vnd.x", digest=Digest.of(b"other"), size=1),
)
FILLED = replace(PIN, platforms={Platform("linux", "amd64"): PlatformPin(digest=Digest.of(b""), size=7)})


def catalog(folder: Path, text: str = "") -> Path:
    path = folder / "class.yaml"
    path.write_text(HEADER + text)
    return path


def test_a_catalog_without_a_lock_has_an_empty_one(tmp_path: Path) -> None:
    project = open_project(catalog(tmp_path))
    assert (project.catalog.name, project.lock, project.lock_path) == ("class", Lock(), tmp_path / "class.lock.yaml")


def test_the_lock_is_written_when_its_bytes_change(tmp_path: Path) -> None:
    path = catalog(tmp_path)
    assert open_project(path).save(Lock((PIN,)))
    before = (tmp_path / "class.lock.yaml").stat()
    assert open_project(path).lock == Lock((PIN,))
    assert not open_project(path).save(Lock((PIN,)))
    after = (tmp_path / "class.lock.yaml").stat()  # reading may move its time of access
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_of_two_runs_for_some_images_each_keeps_what_the_other_pinned(tmp_path: Path) -> None:
    first, second = (open_project(catalog(tmp_path)).narrowed([each.reference]) for each in (PIN, OTHER))
    first.save(Lock((PIN,)))
    second.save(Lock((OTHER,)))
    first.save(Lock((FILLED,)), Lock((PIN,)))
    assert open_project(first.path).lock == Lock((FILLED, OTHER))


def test_a_lock_that_went_meanwhile_is_written_and_one_that_broke_is_not(tmp_path: Path) -> None:
    open_project(catalog(tmp_path)).save(Lock((PIN,)))
    project = open_project(tmp_path / "class.yaml")
    project.lock_path.unlink()
    assert project.save(Lock((PIN, OTHER)))
    project.lock_path.write_text("<<<<<<< ours\n")
    with pytest.raises(DocumentError, match="conflict marker"):
        project.save(Lock((PIN,)))
    assert project.lock_path.read_text() == "<<<<<<< ours\n"


def test_the_lock_may_stand_elsewhere(tmp_path: Path) -> None:
    path = catalog(tmp_path)
    (tmp_path / "rw").mkdir()
    open_project(path, lock=tmp_path / "rw/y.lock.yaml").save(Lock((PIN,)))
    again = open_project(path, lock=tmp_path / "rw/y.lock.yaml")
    assert (again.lock, again.rewrites_path) == (Lock((PIN,)), tmp_path / "rw/y.rewrites.yaml")
    assert not (tmp_path / "class.lock.yaml").exists()


@pytest.mark.parametrize(("size", "said"), [(None, "No such file"), (5 * 1024 * 1024, "larger than 4 MiB")])
def test_a_catalog_that_cannot_be_read_is_a_matter_of_usage(tmp_path: Path, size: int | None, said: str) -> None:
    if size:
        (tmp_path / "class.yaml").write_bytes(b"#" * size)
    with pytest.raises(DocumentError, match=said) as caught:
        open_project(tmp_path / "class.yaml")
    assert caught.value.exit_code == 2


def test_a_lock_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    project = open_project(catalog(tmp_path), lock=tmp_path / "missing/y.lock.yaml")
    with pytest.raises(FileError, match="cannot write: No such file") as caught:
        project.save(Lock((PIN,)))
    assert "--lock FILE" in caught.value.hint
    assert "--frozen" in caught.value.hint


def test_trees_are_found_by_globs_relative_to_the_catalog_each_once(tmp_path: Path) -> None:
    (tmp_path / "catalogs").mkdir()
    for name in ("lab-b", "lab-a", "other"):
        (tmp_path / name).mkdir()
    path = catalog(tmp_path / "catalogs", "workshops: [../other, '../lab-*', ../lab-a]\n")
    assert [tree.name for tree in open_project(path).trees()] == ["other", "lab-a", "lab-b"]


def test_an_absolute_tree_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    assert open_project(catalog(tmp_path, f"workshops: [{tmp_path}/la*]\n")).trees() == (tmp_path / "lab",)


def test_a_tree_that_is_not_there_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"workshops\[1\]: nothing stands at .*/lab-\*"):
        open_project(catalog(tmp_path, "workshops: [., '../lab-*']\n")).trees()


def test_the_first_target_is_the_default(tmp_path: Path) -> None:
    project = open_project(catalog(tmp_path, TARGETS))
    assert (project.target().name, project.target("other").name) == ("event", "other")


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", None, "add to it: targets: {event: {registry: registry.example.com}}"),
        (TARGETS, "evnt", "did you mean event?"),
        (TARGETS, "x", "its targets: event, other"),
    ],
)
def test_a_missing_target_says_what_to_add(tmp_path: Path, text: str, name: str | None, said: str) -> None:
    with pytest.raises(TargetMissingError) as caught:
        open_project(catalog(tmp_path, text)).target(name)
    assert caught.value.hint == said


def test_a_folder_stands_where_the_catalog_does(tmp_path: Path) -> None:
    project = open_project(catalog(tmp_path, "targets: {air: {kind: oci-layout, path: ../air}}\n"))
    assert Path(project.target().path) == project.path.parent / "../air"


@pytest.mark.parametrize(
    ("text", "key", "instead"),
    [
        ("targets: {c: {kind: oci-cache}}\n", "targets.c.kind", "use a target of kind registry"),
    ],
)
def test_what_comes_later_is_read_and_its_use_says_what_to_do_instead(tmp_path, text, key, instead) -> None:
    project = open_project(catalog(tmp_path, text))
    with pytest.raises(UsageError) as caught:
        project.target()
    assert caught.value.message.startswith(f"{key}: ")
    assert instead in caught.value.hint
