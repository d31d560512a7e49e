from __future__ import annotations

import threading
from pathlib import Path
from typing import NoReturn

import pytest

from seeder import checked as module
from seeder.checked import DAY, CheckedRoots
from seeder.errors import FileError
from seeder.model.digest import Digest

ROOT, OTHER = Digest.of(b"root"), Digest.of(b"other")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_another_run_knows_it_until_a_day_has_passed(tmp_path: Path) -> None:
    clock = Clock()
    first = CheckedRoots(tmp_path, "127.0.0.1:5000", clock=clock)
    first.add("library/nginx", ROOT)
    first.save()
    second = CheckedRoots(tmp_path, "127.0.0.1:5000", clock=clock)
    assert second.has("library/nginx", ROOT)
    assert not second.has("library/nginx", OTHER)
    assert not second.has("library/redis", ROOT)
    clock.now += DAY
    assert not second.has("library/nginx", ROOT)
    assert not CheckedRoots(tmp_path, "127.0.0.1:5000", clock=clock).has("library/nginx", ROOT)


def test_what_counts_no_more_is_written_no_more(tmp_path: Path) -> None:
    clock = Clock()
    for repository in ("nginx", "redis"):
        roots = CheckedRoots(tmp_path, "r.test", clock=clock)
        roots.add(repository, ROOT)
        roots.save()
        clock.now += DAY
    assert (tmp_path / "checked/r.test").read_text().split()[1] == "redis"


@pytest.mark.parametrize(("folder", "registry"), [(False, ""), (True, ""), (False, "r.test")])
def test_without_a_folder_or_a_host_it_lasts_as_long_as_the_run(tmp_path: Path, folder: bool, registry: str) -> None:
    roots = CheckedRoots(tmp_path if folder else None, registry)
    roots.add("nginx", ROOT)
    roots.save()
    assert roots.has("nginx", ROOT)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    roots = CheckedRoots(tmp_path, "r.test")
    roots.forget("nginx", ROOT)
    roots.save()
    assert list(tmp_path.iterdir()) == []
    roots.add("nginx", ROOT)
    roots.forget("nginx", OTHER)
    roots.save()
    (tmp_path / "checked/r.test").unlink()
    roots.save()
    assert list((tmp_path / "checked").iterdir()) == []


def test_targets_do_not_mix(tmp_path: Path) -> None:
    one = CheckedRoots(tmp_path, "[::1]:5000")
    one.add("nginx", ROOT)
    one.save()
    assert not CheckedRoots(tmp_path, "registry.test/../x").has("nginx", ROOT)
    assert [path.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["checked"]


def test_what_was_forgotten_stays_forgotten(tmp_path: Path) -> None:
    roots = CheckedRoots(tmp_path, "r.test")
    roots.add("nginx", ROOT)
    roots.save()
    roots.forget("nginx", ROOT)
    roots.save()
    assert not CheckedRoots(tmp_path, "r.test").has("nginx", ROOT)


def test_a_clock_that_went_back_does_not_make_it_last_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    roots = CheckedRoots(tmp_path, "r.test", clock=clock)
    roots.add("nginx", ROOT)
    clock.now -= 10 * DAY
    assert not roots.has("nginx", ROOT)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"x y z\n", b"5 nginx\n", b"nan nginx sha256:short\n", b"\n\n"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "checked").mkdir()
    (tmp_path / "checked/r.test").write_bytes(data)
    roots = CheckedRoots(tmp_path, "r.test")
    assert not roots.has("nginx", ROOT)
    roots.add("nginx", ROOT)
    roots.save()
    assert CheckedRoots(tmp_path, "r.test").has("nginx", ROOT)


def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = CheckedRoots(tmp_path, "r.test")
    roots.add("nginx", ROOT)
    roots.save()

    def denied(path: Path) -> NoReturn:
        raise FileError("cannot be read", where=str(path))

    monkeypatch.setattr(module, "read", denied)
    assert not CheckedRoots(tmp_path, "r.test").has("nginx", ROOT)


def test_where_it_cannot_write_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "checked").write_text("a file where the folder should be")
    roots = CheckedRoots(tmp_path, "r.test")
    roots.add("nginx", ROOT)
    roots.save()
    assert roots.has("nginx", ROOT)


def test_what_is_added_while_a_file_is_written_is_written_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots, write = CheckedRoots(tmp_path, "reg.test"), module.write_atomic
    adding = threading.Thread(target=lambda: roots.add("nginx", OTHER))

    def slow(path: Path, data: bytes) -> None:
        write(path, data)
        adding.start()
        adding.join(0.2)

    roots.add("nginx", ROOT)
    monkeypatch.setattr(module, "write_atomic", slow)
    roots.save()
    adding.join()
    monkeypatch.undo()
    roots.save()
    assert CheckedRoots(tmp_path, "reg.test").has("nginx", OTHER)
