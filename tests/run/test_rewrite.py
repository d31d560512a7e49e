"""Whole trees on disk: what is written, what is not, and that nothing is ever half-done."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from seeder import files
from seeder.errors import FileError, StoppedError, UsageError
from seeder.model.occurrence import Puller
from seeder.run.look import look
from seeder.run.project import open_project
from seeder.run.restore import restore
from seeder.run.rewrite import Mode
from tests.run.rewriting import CATALOG, HOST, NEW, POD, Ground, digest, ground, run, sample

WORKSHOP_WITH_CACHE = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
spec:
  environment:
    images:
      registries:
      - urls: ["https://registry-1.docker.io"]
        onDemand: true
        content: [{prefix: library/nginx, destination: /hub}, {prefix: "acme/**"}]
"""
WORKSHOP_WITH_VALUE = """\
apiVersion: training.educates.dev/v1beta1
kind: Workshop
spec: {session: {env: [{name: CACHE_IMAGE, value: "redis:7.4"}]}}
"""


def test_only_the_references_change(tmp_path: Path) -> None:
    made = sample(tmp_path)
    before = made.files()
    done = run(made)
    assert done.exit_code == 0
    expected = {
        name: data.replace(b"docker.io/library/nginx", b"nginx")
        .replace(b"nginx:1.27.3", NEW.encode())
        .replace(b"redis:7.4", f"{HOST}/library/redis:7.4@{digest('redis:7.4')}".encode())
        .replace(b"postgres:16.1", f"{HOST}/library/postgres:16.1@{digest('postgres:16.1')}".encode())
        for name, data in before.items()
    }
    assert made.files() == expected
    assert {str(path.relative_to(tmp_path / "labs")) for path in done.written} == set(before)


@pytest.mark.parametrize("folder", ["labs/pods/", "labs/\udcff/"], ids=["a file", "a workshop"])
def test_a_file_that_the_record_cannot_name_stays(folder: str, tmp_path: Path) -> None:
    made = sample(tmp_path)
    odd = made.write(f"{folder}\udcff/pod.yaml", POD)
    done = run(made)
    assert done.exit_code == 1
    assert [(each.occurrence.file, each.reason, each.hint) for each in done.left if each.fails] == [
        (
            str(odd.relative_to(tmp_path / folder)),
            "the file's name is not UTF-8, and cannot stand in the record of rewrites",
            "rename it",
        )
    ]
    assert odd.read_text() == POD
    assert restore(open_project(made.catalog)).exit_code == 0


def test_looking_writes_nothing(tmp_path: Path) -> None:
    made = sample(tmp_path)
    before = made.files()
    done = run(made, mode=Mode.LOOK)
    assert done.files
    assert made.files() == before
    assert not made.record.exists()


def test_twice_is_once_and_a_pin_that_moves_is_followed_until_restore(tmp_path: Path) -> None:
    made = sample(tmp_path)
    first = made.files()
    run(made)
    once, record = made.files(), made.record.read_bytes()
    assert not run(made).files
    assert (made.files(), made.record.read_bytes()) == (once, record)
    made.pin("nginx:1.27.3", "redis:7.4", "postgres:16.1", version=2)
    run(made)
    assert str(digest("nginx:1.27.3", 2)).encode() in made.files()["pods/exercises/pod.yaml"]
    assert str(digest("nginx:1.27.3")).encode() not in b"".join(made.files().values())
    assert b"earlier" not in made.record.read_bytes()
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == first
    assert not made.record.exists()


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_rules_of_the_image_cache_stay_and_fail_nothing(tmp_path: Path, all_or_nothing: bool) -> None:
    made = sample(tmp_path)
    definition = made.write("labs/pods/resources/workshop.yaml", WORKSHOP_WITH_CACHE)
    assert run(made, all_or_nothing=all_or_nothing).exit_code == 0
    again = run(made, mode=Mode.LOOK, all_or_nothing=all_or_nothing)
    assert (again.exit_code, again.files) == (0, ())
    rules = [each.occurrence.written for each in again.left if each.occurrence.pulled_by is Puller.ZOT]
    assert rules == ["registry-1.docker.io", "library/nginx"]
    assert definition.read_text() == WORKSHOP_WITH_CACHE


def test_rules_of_the_image_cache_name_nothing_to_pin(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.write("labs/pods/resources/workshop.yaml", WORKSHOP_WITH_CACHE)
    assert not [name for name in look(open_project(made.catalog)).places if name.tag == "latest"]


def test_without_the_record_the_layout_maps_back(tmp_path: Path) -> None:
    made = sample(tmp_path)
    run(made)
    once = made.files()
    made.record.unlink()
    assert not run(made).files
    assert made.files() == once
    made.pin("nginx:1.27.3", "redis:7.4", "postgres:16.1", version=2)
    assert run(made).exit_code == 0
    assert str(digest("redis:7.4", 2)).encode() in made.files()["pages/resources/workshop.yaml"]


def test_the_record_tells_a_tag_from_one_that_the_author_had_pinned(tmp_path: Path) -> None:
    made = ground(tmp_path)
    pinned = f"nginx:1.27.3@{digest('the author')}"
    made.write("labs/a/pod.yaml", POD.replace("docker.io/library/nginx:1.27.3", pinned))
    made.write("labs/b/pod.yaml", POD)
    first = made.files()
    made.pin("nginx:1.27.3", pinned)
    run(made)
    made.pin("nginx:1.27.3", version=2)
    lock = made.folder / "catalog.lock.yaml"
    moved = lock.read_text()
    made.pin(pinned)
    lock.write_text(moved + lock.read_text().partition("pins:\n")[2])
    run(made)
    assert str(digest(pinned)).encode() in made.files()["a/pod.yaml"]
    assert str(digest("nginx:1.27.3", 2)).encode() in made.files()["b/pod.yaml"]
    restore(open_project(made.catalog))
    assert made.files() == first


def values(tag: str, registry: str = "docker.io", digest_of: str = "the author") -> str:
    return (
        f"image: {{registry: {registry}, repository: library/redis, tag: {tag}, digest: '{digest(digest_of)}'}}\n"
        "other:\n  image: {repository: acme/app, tag: 1.0.0}\n"
    )


def test_a_name_whose_repository_stays_is_known_by_its_other_keys(tmp_path: Path) -> None:
    """The text pinned by the author must not become that of the tag, which the lock has as well."""
    made = ground(tmp_path)
    pinned = f"redis:7.4.1@{digest('the author')}"
    made.write("labs/a/values.yaml", values("7.4.1"))
    made.pin("redis:7.4.1", pinned, "acme/app:1.0.0")
    as_pinned = values("7.4.1", HOST, pinned)
    run(made)
    assert made.files()["a/values.yaml"].decode().splitlines()[0] == as_pinned.splitlines()[0]
    assert not run(made).files


def test_what_stays_is_told_though_another_entry_names_the_same_image(tmp_path: Path) -> None:
    made = ground(tmp_path)
    images = "images:\n- {name: app, newName: nginx, newTag: 1.27.3}\n- {name: nginx, newTag: 1.27.3}\n"
    made.write("labs/a/kustomization.yaml", f"kind: Kustomization\n{images}")
    made.pin("nginx:1.27.3")
    told = [[(each.occurrence.line, each.fails) for each in run(made).left] for _ in range(2)]
    assert told == [[(4, True)]] * 2


def test_a_version_that_the_author_chose_since_is_kept(tmp_path: Path) -> None:
    made = ground(tmp_path)
    path = made.write("labs/a/values.yaml", values("7.4.1"))
    made.pin(f"redis:7.4.1@{digest('the author')}", "acme/app:1.0.0", "acme/app:2.0.0")
    run(made)
    tag = f"1.0.0-{digest('acme/app:1.0.0').hex[:12]}"
    assert tag in path.read_text()
    path.write_text(path.read_text().replace(tag, "2.0.0"))
    run(made)
    assert f"tag: 2.0.0-{digest('acme/app:2.0.0').hex[:12]}" in path.read_text()


NASTY: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "latin-1": lambda data: b"# gr\xfc\xdfe\n" + data,
    "utf-8": lambda data: "# grüße 𝄞\n".encode() + data,
    "no final newline": lambda data: data.rstrip(),
    "tabs": lambda data: data.replace(b"image: ", b"image:\t"),
    "trailing blanks": lambda data: data.replace(b"\n", b"  \n"),
    "a megabyte in a line": lambda data: b"# " + b"x" * 1_000_000 + b"\n" + data,
    "many documents": lambda data: b"---\n".join([data] * 50),
    "form feed and next line": lambda data: "# \x0c \u2028\n".encode() + data,
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_files_come_back_to_the_byte(tmp_path: Path, name: str) -> None:
    made = ground(tmp_path)
    first = NASTY[name](POD.encode())
    path = made.write("labs/a/pod.yaml", first)
    made.pin("nginx:1.27.3")
    done = run(made)
    assert done.exit_code == 0
    assert path.read_bytes() == first.replace(b"docker.io/library/nginx:1.27.3", NEW.encode())
    assert path.read_bytes() != first
    assert not run(made).files
    assert restore(open_project(made.catalog)).exit_code == 0
    assert path.read_bytes() == first


def test_mode_stays(tmp_path: Path) -> None:
    made = sample(tmp_path)
    path = tmp_path / "labs/pods/exercises/pod.yaml"
    path.chmod(0o640)
    run(made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    restore(open_project(made.catalog))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_is_not_pinned_stays_and_is_told(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.pin("nginx:1.27.3", "redis:7.4")
    done = run(made)
    assert done.exit_code == 1
    assert [(each.occurrence.raw, each.reason) for each in done.left if each.fails] == [("postgres:16.1", "not pinned")]
    assert b"'postgres:16.1'" in made.files()["pages/resources/workshop.yaml"]


def test_all_or_nothing_holds_back_one_workshop(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.pin("nginx:1.27.3", "redis:7.4")
    before = made.files()
    done = run(made, all_or_nothing=True)
    assert done.exit_code == 1
    assert {name for name, data in made.files().items() if data != before[name]} == {"pods/exercises/pod.yaml"}
    assert sum("all or nothing" in each.reason for each in done.left) == 3


def test_a_file_that_changes_meanwhile_is_left_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sample(tmp_path)
    path = tmp_path / "labs/pods/exercises/pod.yaml"
    write = files.write_atomic

    def meanwhile(where: Path, data: bytes, **more: Path) -> None:
        if where.name == "catalog.rewrites.yaml" and b"# mine" not in path.read_bytes():
            path.write_bytes(b"# mine\n" + path.read_bytes())
        write(where, data, **more)

    monkeypatch.setattr(files, "write_atomic", meanwhile)
    done = run(made)
    assert done.exit_code == 1
    assert [each.occurrence.file for each in done.left if each.fails] == ["exercises/pod.yaml"]
    assert "changed between" in done.faults[0].reason
    assert path.read_bytes().startswith(b"# mine\n")
    assert b"image: docker.io/library/nginx:1.27.3" in path.read_bytes()
    assert NEW.encode() in made.files()["pages/exercises/compose.yaml"]
    assert b"pod.yaml" not in made.record.read_bytes()


def test_a_file_that_cannot_be_written_is_left_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sample(tmp_path)
    before = made.files()
    write = files.write_atomic

    def full(where: Path, data: bytes, **more: Path) -> None:
        if where.name == "compose.yaml":
            raise FileError("cannot write: No space left on device", hint="free some", where=str(where))
        write(where, data, **more)

    monkeypatch.setattr(files, "write_atomic", full)
    done = run(made)
    assert done.exit_code == 1
    assert [each.hint for each in done.left if each.fails] == ["free some"]
    assert made.files()["pages/exercises/compose.yaml"] == before["pages/exercises/compose.yaml"]
    monkeypatch.undo()
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == before


PAGE = (
    "```editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: 'image: docker.io/library/nginx:1.27.3'\n```\n"
)


def coupled(made: Ground, folder: str) -> None:
    made.write(f"{folder}/resources/workshop.yaml", "kind: Workshop\n")
    made.write(f"{folder}/exercises/pod.yaml", POD)
    made.write(f"{folder}/exercises/z.yaml", POD)
    made.write(f"{folder}/workshop/content/01.md", PAGE)
    made.pin("nginx:1.27.3")


@pytest.mark.parametrize(
    ("stuck", "all_or_nothing", "stay"),
    [
        ("pod.yaml", False, {"exercises/pod.yaml", "workshop/content/01.md"}),
        ("01.md", False, {"exercises/pod.yaml", "workshop/content/01.md"}),
        ("z.yaml", False, {"exercises/z.yaml"}),
        ("z.yaml", True, {"exercises/pod.yaml", "exercises/z.yaml", "workshop/content/01.md"}),
    ],
)
def test_what_belongs_together_is_written_or_left_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: str, all_or_nothing: bool, stay: set[str]
) -> None:
    made = ground(tmp_path)
    coupled(made, "labs/a")
    before = made.files()
    write = files.write_atomic

    def protected(where: Path, data: bytes, **more: Path) -> None:
        if where.name == stuck:
            raise FileError("cannot write: the file is write-protected", hint="chmod", where=str(where))
        write(where, data, **more)

    monkeypatch.setattr(files, "write_atomic", protected)
    done = run(made, all_or_nothing=all_or_nothing)
    assert done.exit_code == 1
    after = made.files()
    assert {name.removeprefix("a/") for name in before if after[name] == before[name]} == stay | {
        "resources/workshop.yaml"
    }
    assert {each.occurrence.file for each in done.left} == stay
    assert all(stuck in each.reason for each in done.left if not each.occurrence.file.endswith(stuck))
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == before


@pytest.mark.parametrize(
    "pulls",
    [
        {"exercises/compose.yaml": "services:\n  cache: {image: 'redis:7.4.1'}\n"},
        {"workshop/setup.d/run.sh": "skopeo inspect docker://redis:7.4.1\n"},
        {"workshop/setup.d/run.sh": "docker pull redis:7.4.1\n"},
    ],
)
def test_names_of_what_is_there_already_change_with_what_pulls_it(tmp_path: Path, pulls: dict[str, str]) -> None:
    """However either is spelled: tag and digest, the tag alone, the digest alone."""
    made = ground(tmp_path)
    uses = {
        "resources/workshop.yaml": "apiVersion: training.educates.dev/v1beta1\nkind: Workshop\nmetadata: {name: a}\n"
        "spec: {session: {env: [{name: IMAGE, value: 'redis:7.4.1'}]}}\n",
        "workshop/content/01.md": "```terminal:execute\ncommand: docker history redis:7.4.1\n```\n",
    }
    for name, text in (uses | pulls).items():
        made.write(f"labs/a/{name}", text)
    made.pin("redis:7.4.1")
    before = made.files()
    assert run(made).exit_code == 0
    assert not any(b" redis:" in data or b"'redis:" in data for data in made.files().values())
    assert not run(made).files
    restore(open_project(made.catalog))
    assert made.files() == before


def test_a_tree_of_several_workshops_keeps_pages_and_files_together(tmp_path: Path) -> None:
    made = ground(tmp_path)
    for name in ("a", "b"):
        coupled(made, f"labs/all/{name}")
    run(made)
    pages = [data.decode() for name, data in made.files().items() if name.endswith("01.md")]
    assert pages == [PAGE.replace("docker.io/library/nginx:1.27.3", NEW)] * 2


def test_no_file_changes_when_the_record_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sample(tmp_path)
    before = made.files()

    def read_only(where: Path, data: bytes) -> None:
        raise FileError("cannot write: Read-only file system", where=str(where))

    monkeypatch.setattr(files, "write_atomic", read_only)
    with pytest.raises(FileError, match="Read-only"):
        run(made)
    assert made.files() == before


@pytest.mark.parametrize("ends_at", range(5))
def test_a_run_that_ends_anywhere_can_be_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int) -> None:
    """As after `kill -9`: nothing is tidied up, whatever was being written."""

    class KilledError(BaseException):
        pass

    made = sample(tmp_path)
    first = made.files()
    run(made)
    made.pin("nginx:1.27.3", "redis:7.4", "postgres:16.1", version=2)
    write, calls = files.write_atomic, []

    def killed(where: Path, data: bytes, **more: Path) -> None:
        calls.append(where)
        if len(calls) > ends_at:
            raise KilledError
        write(where, data, **more)

    monkeypatch.setattr(files, "write_atomic", killed)
    with pytest.raises(KilledError):
        run(made)
    monkeypatch.undo()
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == first


@pytest.mark.parametrize("after", range(1, 5))
def test_a_signal_right_after_a_write_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    made = sample(tmp_path)
    first = made.files()
    write, calls = files.write_atomic, []

    def stopped(where: Path, data: bytes, **more: Path) -> None:
        write(where, data, **more)
        calls.append(where)
        if len(calls) == after:
            raise StoppedError(143)

    monkeypatch.setattr(files, "write_atomic", stopped)
    with pytest.raises(StoppedError):
        run(made)
    monkeypatch.undo()
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == first


def test_links_are_not_followed_out_of_the_tree(tmp_path: Path) -> None:
    made = sample(tmp_path / "in")
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(POD.encode())
    (made.folder / "labs/pods/link.yaml").symlink_to(outside)
    (made.folder / "labs/pods/inside.yaml").symlink_to("exercises/pod.yaml")
    done = run(made)
    assert outside.read_bytes() == POD.encode()
    assert (made.folder / "labs/pods/inside.yaml").is_symlink()
    assert NEW in (made.folder / "labs/pods/inside.yaml").read_text()
    assert [unread.file for unread in done.unread] == ["link.yaml"]


def test_trees_that_overlap_are_rewritten_once(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.write("catalog.yaml", CATALOG.replace("- path: labs/*", "- path: labs/pages\n  - path: labs\n  - path: ."))
    first = made.files()
    done = run(made)
    assert done.exit_code == 0
    assert not run(made).files
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == first


def test_a_workshop_may_be_one_file(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.write("catalog.yaml", CATALOG.replace("labs/*", "labs/pods/exercises/pod.yaml"))
    first = made.files()
    assert [path.name for path in run(made).written] == ["pod.yaml"]
    assert NEW in (tmp_path / "labs/pods/exercises/pod.yaml").read_text()
    restore(open_project(made.catalog))
    assert made.files() == first


def test_an_ignored_reference_and_other_registries_do_not_fail(tmp_path: Path) -> None:
    made = sample(tmp_path)
    rule = "ignore: [{reference: 'docker.io/library/postgres:*', reason: a local one is used}]\n"
    made.write("catalog.yaml", CATALOG + rule)
    made.pin("nginx:1.27.3", "redis:7.4")
    done = run(made)
    assert done.exit_code == 0
    reasons = {each.occurrence.raw: each.reason for each in done.left}
    assert reasons["postgres:16.1"] == "ignored by the catalog: a local one is used"
    assert reasons["ghcr.io/acme/tool:2"] == "ghcr.io is not rehosted"
    assert "Educates itself" in reasons["jdk17-environment:*"]


def test_inside_sync_what_was_not_verified_stays(tmp_path: Path) -> None:
    made = sample(tmp_path)
    done = run(made, verified=frozenset())
    assert done.exit_code == 0  # sync itself ends by what became of the copies
    assert not done.written
    assert {each.reason for each in done.left if each.fails} == {"not verified at target event"}


def test_a_target_that_no_file_can_name(tmp_path: Path) -> None:
    made = sample(tmp_path)
    made.write("catalog.yaml", CATALOG.partition("targets:")[0] + "targets:\n  air: {kind: oci-layout, path: out}\n")
    with pytest.raises(UsageError, match=r"targets\.air: files cannot name") as caught:
        run(made)
    assert "registry" in caught.value.hint


def test_yaml_reads_the_same_but_for_the_references(tmp_path: Path) -> None:
    made = sample(tmp_path)
    path = tmp_path / "labs/pages/resources/workshop.yaml"
    before = yaml.safe_load(path.read_bytes())
    run(made)
    after = yaml.safe_load(path.read_bytes())
    containers = after["spec"]["session"]["objects"][0]["spec"]["template"]["spec"]["containers"]
    assert containers[0].pop("image") == NEW
    before["spec"]["session"]["objects"][0]["spec"]["template"]["spec"]["containers"][0].pop("image")
    for which in (before, after):
        del which["spec"]["session"]["objects"][0]["spec"]["template"]["spec"]["containers"][1]["image"]
        del which["spec"]["session"]["applications"]["docker"]["compose"]["services"]["db"]["image"]
    assert before == after


DOCKERFILE = "ARG BASE=golang\nFROM $BASE:1.22 AS build\nFROM $BASE:1.22-alpine\nCOPY --from=build /a /a\n"


def test_an_argument_that_serves_two_names(tmp_path: Path) -> None:
    made = ground(tmp_path)
    path = made.write("labs/a/Dockerfile", DOCKERFILE)
    made.pin("golang:1.22")
    done = run(made)
    assert done.exit_code == 1
    assert path.read_text() == DOCKERFILE
    made.pin("golang:1.22", "golang:1.22-alpine")
    assert run(made).exit_code == 0
    assert path.read_text() == DOCKERFILE.replace("golang", f"{HOST}/library/golang")
    assert not run(made).files
    assert restore(open_project(made.catalog)).exit_code == 0
    assert path.read_text() == DOCKERFILE


def test_a_tag_from_a_shell_variable_stays_where_it_is(tmp_path: Path) -> None:
    made = ground(tmp_path)
    script = "TAG=1.27.3\ndocker pull nginx:$TAG\n"
    path = made.write("labs/a/workshop/setup.d/01-images.sh", script)
    made.pin("nginx:1.27.3")
    assert run(made).exit_code == 0
    assert path.read_text() == script.replace("nginx", f"{HOST}/library/nginx")
    assert not run(made).files
    made.record.unlink()
    assert not run(made).files


def test_a_kustomization_is_rewritten_and_the_name_that_it_looks_for_stays(tmp_path: Path) -> None:
    made = ground(tmp_path)
    made.write("labs/a/base/pod.yaml", POD.replace("docker.io/library/nginx:1.27.3", "nginx"))
    images = "images: [{name: nginx, newName: nginx, newTag: 1.27.3}]\n"
    overlay = made.write("labs/a/overlay/kustomization.yaml", f"resources: [../base]\n{images}")
    made.pin("nginx:1.27.3", "nginx")
    done = run(made)
    assert done.exit_code == 0
    assert done.written == (overlay,)
    assert f"newName: {HOST}/library/nginx" in overlay.read_text()


def test_a_variables_value_is_no_reason_to_leave_its_file_alone(tmp_path: Path) -> None:
    """The page's pull stays, since dockerd does not reach the target, and with it the value that names the same."""
    made = ground(tmp_path, CATALOG + "    reached_by: [kubelet]\n")
    path = made.write("labs/a/resources/workshop.yaml", POD + "---\n" + WORKSHOP_WITH_VALUE)
    made.write("labs/a/workshop/content/page.md", "```terminal:execute\ncommand: docker run redis:7.4\n```\n")
    made.pin("nginx:1.27.3", "redis:7.4")
    run(made)
    assert path.read_text() == POD.replace("docker.io/library/nginx:1.27.3", NEW) + "---\n" + WORKSHOP_WITH_VALUE


def test_a_target_at_an_ipv6_address_is_named_in_quotes_alone(tmp_path: Path) -> None:
    """In YAML a list would begin there, in a ConfigMap's file as well; in a shell a pattern."""
    host = "[fd00::1]:5000"
    made = ground(tmp_path, CATALOG.replace(HOST, f'"{host}"'))
    pod = POD + "  - name: b\n    image: 'docker.io/library/nginx:1.27.3'\n"
    inner = "".join(f"    {line}\n" for line in POD.splitlines())
    made.write("labs/a/pod.yaml", pod)
    made.write("labs/a/map.yaml", f"apiVersion: v1\nkind: ConfigMap\ndata:\n  pod.yaml: |\n{inner}")
    made.write("labs/a/Dockerfile", "FROM nginx:1.27.3\n")
    made.write("labs/a/run.sh", "docker run nginx:1.27.3\n")
    made.write("labs/a/values.yaml", "image: {registry: docker.io, repository: nginx, tag: 1.27.3}\n")
    made.pin("nginx:1.27.3")
    first = made.files()
    done = run(made)
    new = f"{host}/library/nginx:1.27.3@{digest('nginx:1.27.3')}"
    assert made.files() == first | {
        "a/pod.yaml": pod.replace("'docker.io/library/nginx:1.27.3'", f"'{new}'").encode(),
        "a/Dockerfile": f"FROM {new}\n".encode(),
    }
    told = {each.occurrence.file: (each.reason, each.hint) for each in done.left}
    assert set(told) == {"pod.yaml", "map.yaml", "run.sh", "values.yaml"}
    assert all("stand in quotes" in reason and "host name" in hint for reason, hint in told.values())
    assert not run(made).files
    restore(open_project(made.catalog))
    assert made.files() == first
