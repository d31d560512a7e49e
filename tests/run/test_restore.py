"""What `restore` puts back on disk, what it keeps, and what it never touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeder.documents import rewrites as records
from seeder.errors import DocumentError
from seeder.run.project import open_project
from seeder.run.restore import Restored, restore
from tests.run.rewriting import CATALOG, NEW, POD, run, sample


def test_edits_of_others_stay(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    path = tmp_path / "labs/pods/exercises/pod.yaml"
    path.write_bytes(b"# mine\n" + path.read_bytes().replace(b"name: web", b"name: www"))
    assert restore(open_project(made.catalog)).exit_code == 0
    assert path.read_bytes() == b"# mine\n" + POD.encode().replace(b"name: web", b"name: www")


def test_what_was_changed_is_listed_and_kept_in_the_record(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    path = tmp_path / "labs/pods/exercises/pod.yaml"
    path.write_bytes(path.read_bytes().replace(NEW.encode(), b"caddy:2"))
    done = restore(open_project(made.catalog))
    assert done.exit_code == 1
    assert [(each.span.original, each.reason) for each in done.kept] == [
        ("docker.io/library/nginx:1.27.3", "its text was changed since")
    ]
    assert done.kept[0].place.endswith("labs/pods/exercises/pod.yaml:8")
    assert done.kept[0].hint.endswith(f"if it is to stay, take the place out of {made.record}")
    assert b"caddy:2" in path.read_bytes()
    kept = records.parse(made.record.read_bytes(), "record")
    assert [span.file for span in kept] == ["exercises/pod.yaml"]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    (tmp_path / "labs/pods/exercises/pod.yaml").unlink()
    done = restore(open_project(made.catalog))
    assert done.exit_code == 1
    assert done.kept[0].reason == "the file is no longer there"
    assert "check the path" not in done.kept[0].hint
    assert len(done.files) == 2


def test_what_has_moved_is_put_back_as_the_hints_say(tmp_path: Path) -> None:
    made = sample(tmp_path)
    first = made.files()
    run(made)
    (tmp_path / "labs/pods").rename(tmp_path / "labs/moved")
    (tmp_path / "labs/moved/exercises/pod.yaml").rename(tmp_path / "labs/moved/pod.yaml")
    record = made.record.read_text()
    for was, now in (('"labs/pods"', '"labs/moved"'), ('"exercises/pod.yaml"', '"pod.yaml"')):
        kept = restore(open_project(made.catalog)).kept
        assert [f"if it has moved, write its new path into {made.record}" in each.hint for each in kept] == [True]
        record = record.replace(was, now)
        made.record.write_text(record)
    assert restore(open_project(made.catalog)).exit_code == 0
    assert (tmp_path / "labs/moved/pod.yaml").read_bytes() == first["pods/exercises/pod.yaml"]


def test_a_tree_that_was_taken_back_by_other_means_is_settled(tmp_path: Path) -> None:
    made = sample(tmp_path)
    first = made.files()
    run(made)
    for name, data in first.items():
        (tmp_path / "labs" / name).write_bytes(data)
    done = restore(open_project(made.catalog))
    assert (done.exit_code, done.files, len(done.settled)) == (0, (), 5)
    assert not made.record.exists()


def test_looking_writes_nothing(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    before = made.files(), made.record.read_bytes()
    assert len(restore(open_project(made.catalog), write=False).files) == 3
    assert (made.files(), made.record.read_bytes()) == before


def test_a_workshop_that_the_catalog_does_not_name_is_never_written(tmp_path: Path) -> None:
    """A record comes with a repository: it must not reach out of the trees that the catalog names."""
    made = sample(tmp_path)
    run(made)
    before = made.files()
    made.write("catalog.yaml", CATALOG.replace("labs/*", "labs/pages"))
    done = restore(open_project(made.catalog))
    assert done.exit_code == 1
    assert [each.reason for each in done.kept] == ["its workshop is not in the catalog, whose files alone are written"]
    changed = {name for name, data in made.files().items() if data != before[name]}
    assert changed == {"pages/exercises/compose.yaml", "pages/resources/workshop.yaml"}
    made.write("catalog.yaml", CATALOG)
    assert restore(open_project(made.catalog)).exit_code == 0


def test_a_file_that_became_a_link_out_of_the_tree_is_not_written_through(tmp_path: Path) -> None:
    made = sample(tmp_path / "in")
    run(made)
    path = made.folder / "labs/pods/exercises/pod.yaml"
    outside = tmp_path / "outside.yaml"
    path.rename(outside)
    path.symlink_to(outside)
    before = outside.read_bytes()
    done = restore(open_project(made.catalog))
    assert done.exit_code == 1
    assert "leads out of" in done.kept[0].reason
    assert outside.read_bytes() == before


def test_nothing_to_undo(tmp_path: Path) -> None:
    made = sample(tmp_path)
    assert restore(open_project(made.catalog)) == Restored(missing=made.record)


def test_a_broken_record_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    before = made.files()
    made.record.write_text("files: 3\n")
    for act in (lambda: restore(open_project(made.catalog)), lambda: run(made)):
        with pytest.raises(DocumentError) as caught:
            act()
        assert caught.value.where.startswith(str(made.record))
    assert made.files() == before
