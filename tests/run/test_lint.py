from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from seeder import files
from seeder.cli.app import main
from seeder.errors import FileError, UsageError
from seeder.model.pin import Lock
from seeder.rules import RULES
from seeder.run.lint import fix, lint_trees
from tests.rules.trees import lock, pin, workshop, write

ALL = list(RULES.values())


def fixed(folder: Path, text: str, pins: Lock = Lock(), name: str = "exercises/pod.yaml") -> str:  # noqa: B008
    write(folder, workshop(files={name: text}))
    for _ in range(2):
        fix(lint_trees([folder], {}, pins, ALL))
    return (folder / name).read_bytes().decode()


def pod(image: str) -> str:
    return f"apiVersion: v1\r\nkind: Pod\r\nspec:\r\n  containers: [{{name: a, image: {image}}}]  # keep\r\n"


@pytest.mark.parametrize(
    ("image", "becomes"),
    [
        ("k8s.gcr.io/pause:3.9", "registry.k8s.io/pause:3.9"),
        ("'k8s.gcr.io/pause:3.9'", "'registry.k8s.io/pause:3.9'"),
        ("nginx:1.27", f"nginx:1.27@{pin('nginx:1.27').descriptor.digest}"),
        ("nginx", f"nginx:latest@{pin('nginx').descriptor.digest}"),
        ("redis:7", "redis:7"),  # the lock does not know it
        ("nginx:1.27.3", "nginx:1.27.3"),
    ],
)
def test_what_is_safe_is_put_right_and_every_other_byte_stays(image: str, becomes: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, pod(image), lock(pin("nginx:1.27"), pin("nginx"))) == pod(becomes)


def test_commands_that_learners_type_get_no_digest(tmp_path: Path) -> None:
    text = "```terminal:execute\ncommand: docker pull nginx:1.27\n```\n"
    assert fixed(tmp_path, text, lock(pin("nginx:1.27")), "workshop/content/01.md") == text


@pytest.mark.parametrize(("first", "is_fixed"), [("docker compose up", False), ("docker pull nginx:1.27", True)])
def test_a_tag_that_commands_call_gets_no_digest_unless_one_pulls_it(
    first: str, is_fixed: bool, tmp_path: Path
) -> None:
    page = f"```terminal:execute\ncommand: |\n  {first}\n  docker tag nginx:1.27 localhost:5001/web\n```\n"
    write(tmp_path, {"workshop/content/02.md": page})
    text = "services:\n  web: {image: 'nginx:1.27'}\n"
    assert (fixed(tmp_path, text, lock(pin("nginx:1.27")), "exercises/compose.yaml") != text) == is_fixed


def test_short_names_get_their_ending(tmp_path: Path) -> None:
    write(tmp_path, workshop("workshop:\n  image: jdk17-environment:3.7\n"))
    assert fix(lint_trees([tmp_path], {}, Lock(), ALL)).places == 1
    assert "  image: jdk17-environment:*\n" in (tmp_path / "resources/workshop.yaml").read_text()


def test_what_a_comment_allows_stays(tmp_path: Path) -> None:
    text = pod("k8s.gcr.io/pause:3.9").replace("# keep", "# seeder: allow deprecated-registry taught here")
    assert fixed(tmp_path, text) == text


@pytest.mark.parametrize("searched", ["image: k8s.gcr.io/pause:3.9", "image: k8s.gcr.io/pause"])
def test_what_a_page_searches_for_stays(tmp_path: Path, searched: str) -> None:
    page = f"```editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '{searched}'\n```\n"
    write(tmp_path, {"workshop/content/02.md": page})
    text = pod("k8s.gcr.io/pause:3.9")
    assert fixed(tmp_path, text) == text


def test_a_file_that_cannot_be_written_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {f"{name}.yaml": pod("k8s.gcr.io/pause:3.9") for name in "abc"})
    real = files.write_atomic

    def protected(path: Path, data: bytes, **more: Path) -> None:
        if path.name == "b.yaml":
            raise FileError("cannot write: the file is write-protected", where=str(path))
        real(path, data, **more)

    monkeypatch.setattr(files, "write_atomic", protected)
    assert main(["lint", "--fix", "--fail-on", "never", str(tmp_path)]) == 1
    done = [path.name for path in sorted(tmp_path.iterdir()) if b"registry.k8s.io" in path.read_bytes()]
    assert done == ["a.yaml", "c.yaml"]


def test_one_file_by_itself(tmp_path: Path) -> None:
    path = write(tmp_path, {"pod.yaml": pod("k8s.gcr.io/pause:3.9")}) / "pod.yaml"
    assert fix(lint_trees([path], {}, Lock(), ALL)).places == 1
    assert path.read_bytes().decode() == pod("registry.k8s.io/pause:3.9")


def test_a_tree_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing does not exist"):
        lint_trees([tmp_path / "nothing"], {}, Lock(), ALL)


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, workshop(files={"exercises/pod.yaml": pod("nginx:1.27")}))
    read: list[str] = []
    real = files.read

    def counted(path: Path | str, **more: int) -> bytes:
        read.append(str(path))
        return real(path, **more)

    monkeypatch.setattr(files, "read", counted)
    (linted,) = lint_trees([tmp_path], {}, Lock(), ALL)
    assert any(found.problem.place.file == "exercises/pod.yaml" for found in linted.found)
    assert sorted(read) == sorted(str(path) for path in tmp_path.rglob("*") if path.is_file())


def test_with_many_files_other_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, workshop(files={f"exercises/pod-{n}.yaml": pod("nginx:1.27") for n in range(20)}))
    alone = lint_trees([tmp_path], {}, Lock(), ALL)
    examine = import_module("seeder.discover.examine")
    monkeypatch.setattr(examine, "_MANY_FILES", 5)
    monkeypatch.setattr(examine, "_CHUNK", 4)
    assert lint_trees([tmp_path], {}, Lock(), ALL) == alone
