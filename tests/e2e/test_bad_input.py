"""Catalogs and trees that are not as they should be: place and remedy are told, the rest is done, nothing is broken."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.lab import CATALOG, FULL, GOOD, READ_ONLY, WRITTEN, Lab, lab, on_a_mount
from tests.fixtures.tools import missing


@pytest.fixture
def labs(tmp_path: Path) -> Lab:
    return lab(tmp_path / "lab")


_BOMB = "x-0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"x-{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
# What the reading of a file decides; each complaint of the parser is tried in tests/documents.
CATALOGS = {
    "unknown key": (CATALOG + "imges: [nginx]\n", "catalog.yaml:10: imges: unknown key; did you mean images?"),
    "YAML bomb": (CATALOG + _BOMB, "grows to over"),
    "binary": (b"\0\1\2" * 100, "catalog.yaml: is a binary file, not YAML"),
    "too large": (b"#" * (5 << 20), "catalog.yaml: cannot read: larger than 4 MiB"),
}
COMMANDS = (["catalog", "check"], ["pin"], ["plan"], ["sync"], ["verify"], ["rewrite", "--in-place"], ["restore"])


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_with_a_fault(labs: Lab, name: str) -> None:
    content, complaint = CATALOGS[name]
    labs.write("catalog.yaml", content)
    before = labs.bytes_of_all()
    ended = labs.seeder("catalog", "check", "catalog.yaml")
    assert ended.code == 2
    assert ended.err.startswith("error: catalog.yaml")
    assert complaint in ended.err
    assert not ended.out
    assert labs.bytes_of_all() == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses_such_a_catalog_alike(labs: Lab, command: list[str]) -> None:
    labs.write("catalog.yaml", CATALOG + "imges: [nginx]\n")
    before = labs.bytes_of_all()
    ended = labs.seeder(*command, "catalog.yaml", "--format", "json")
    assert ended.code == 2
    assert "catalog.yaml:10: imges: unknown key" in ended.err
    assert "did you mean images?" in ended.document["error"]["message"]
    assert labs.bytes_of_all() == before


@pytest.mark.parametrize("command", COMMANDS[1:], ids=" ".join)
def test_every_command_refuses_a_broken_lock(labs: Lab, command: list[str]) -> None:
    labs.write("catalog.lock.yaml", "apiVersion: seeder/v1alpha1\nkind: Lock\npins:\n  - reference: Nginx\n")
    before = labs.bytes_of_all()
    ended = labs.seeder(*command, "catalog.yaml")
    assert ended.code == 2
    assert "catalog.lock.yaml:4: pins[0]" in ended.err
    assert labs.bytes_of_all() == before


@pytest.mark.parametrize("command", [["sync"], ["rewrite", "--in-place"], ["restore"]], ids=" ".join)
def test_a_broken_record_is_refused_before_anything_is_asked(labs: Lab, command: list[str]) -> None:
    labs.write("catalog.rewrites.yaml", "apiVersion: seeder/v1alpha1\nkind: Rewrites\nfiles: 3\n")
    before = labs.bytes_of_all()
    ended = labs.seeder(*command, "catalog.yaml")
    assert ended.code == 2
    assert "catalog.rewrites.yaml:3: files: must be a list" in ended.err
    assert "hint:" in ended.err
    assert labs.bytes_of_all() == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["catalog", "check", "nowhere.yaml"], "nowhere.yaml: cannot read: No such file or directory"),
        (["rewrite", "--check", "nowhere.yaml"], "nowhere.yaml: cannot read: No such file or directory"),
        (["rewrite", "--check", "labs"], "`seeder catalog init labs` writes one for it"),
        (["scan", "nowhere"], "nowhere does not exist"),
        (["scan", "labs", "nowhere"], "nowhere does not exist"),
        (["why", "nginx", "nowhere"], "nowhere does not exist"),
        (["lint", "labs", "nowhere"], "nowhere does not exist"),
        (["catalog", "init", "-o", "new.yaml", "nowhere"], "nowhere does not exist"),
        (["scan", "docker://ghcr.io/a/b:1"], "docker://ghcr.io/a/b:1 does not exist\nhint: write oci://HOST/"),
        (["scan"], "PATH"),
        (["rewite", "catalog.yaml"], "did you mean rewrite?"),
        (["rewrite", "catalog.yaml", "--target", "evnt", "--check"], "no target evnt"),
        (["sync", "catalog.yaml", "--set", "x"], "NAME=VALUE"),
    ],
)
def test_a_command_line_with_a_fault(labs: Lab, arguments: list[str], complaint: str) -> None:
    before = labs.bytes_of_all()
    ended = labs.seeder(*arguments)
    assert ended.code == 2
    assert complaint in ended.err
    assert not ended.out
    assert labs.bytes_of_all() == before


def test_a_workshop_that_is_not_there(labs: Lab) -> None:
    labs.write("catalog.yaml", CATALOG.replace("labs/*", "lab/*"))
    ended = labs.seeder("rewrite", "--check", "catalog.yaml")
    assert ended.code == 2
    assert "catalog.yaml: workshops[0]: nothing stands at lab/*" in ended.err
    assert "relative to the catalog" in ended.err


def bad(labs: Lab, name: str = "pod.yaml") -> Path:
    path = labs.folder / "labs/bad" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _invalid(labs: Lab) -> None:
    bad(labs).write_text("apiVersion: v1\nkind: Pod\nspec: [\n# image: none\n")


def _nested(labs: Lab) -> None:
    bad(labs).write_text("kind: Pod\nimage: " + "[" * 100_000 + "]" * 100_000)


def _binary(labs: Lab) -> None:
    bad(labs).write_bytes(b"\0\0kind: Pod\nimage: nginx:1.27.3\n")


def _large(labs: Lab) -> None:
    with bad(labs).open("wb") as file:
        file.truncate(100 << 20)


def _link_out(labs: Lab) -> None:
    outside = labs.folder.with_name("outside.yaml")
    outside.write_text(GOOD)
    bad(labs).symlink_to(outside)


def _link_loop(labs: Lab) -> None:
    bad(labs).symlink_to("pod.yaml")


def _pipe(labs: Lab) -> None:
    os.mkfifo(bad(labs))


def _bad_reference(labs: Lab) -> None:
    bad(labs).write_text(GOOD.replace("nginx:1.27.3", "Nginx:1.27.3"))


TREES: dict[str, tuple[Callable[[Lab], None], str]] = {
    "invalid YAML": (_invalid, "line 4"),
    "YAML nested a hundred thousand deep": (_nested, "nesting depth"),
    "a binary file": (_binary, "binary: it holds zero bytes"),
    "a hundred megabytes": (_large, "larger than 32 MiB"),
    "a link out of the tree": (_link_out, "a symbolic link out of the tree"),
    "a link to itself": (_link_loop, "a symbolic link that leads nowhere"),
    "a pipe": (_pipe, "not a regular file"),
    "a reference with bad syntax": (_bad_reference, "line 7: 'Nginx:1.27.3' is no image reference"),
}


@pytest.mark.parametrize("name", TREES)
def test_a_file_with_a_fault_is_listed_and_the_others_are_done(labs: Lab, name: str) -> None:
    make, reason = TREES[name]
    make(labs)
    before = labs.bytes_of_all()
    found = labs.seeder("scan", "labs", "--format", "json")
    assert found.code == 0
    assert [each["file"] for each in found.document["occurrences"]] == ["good/pod.yaml"]
    (unread,) = found.document["unread"]
    assert unread["file"] == "bad/pod.yaml"
    assert reason in unread["reason"]
    assert labs.seeder("scan", "labs", "--strict").code == 1

    ended = labs.seeder("rewrite", "--in-place", "catalog.yaml")
    assert ended.code == 0
    assert "labs/bad/pod.yaml: not read: " in ended.err
    after = labs.bytes_of_all()
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"labs/good/pod.yaml", "catalog.rewrites.yaml"}
    assert WRITTEN.encode() in after["labs/good/pod.yaml"]
    assert not labs.folder.with_name("outside.yaml").exists() or (
        labs.folder.with_name("outside.yaml").read_text() == GOOD
    )
    assert labs.seeder("restore", "catalog.yaml").code == 0
    assert labs.bytes_of_all() == before


ALIASES = {
    "YAML bomb": GOOD + _BOMB.replace("x-", "x"),
    "cyclic alias": GOOD.replace("metadata: {name: web}", "metadata: &a {name: web, self: *a}"),
}


@pytest.mark.parametrize("name", ALIASES)
def test_aliases_that_would_never_end_do(labs: Lab, name: str) -> None:
    labs.write("labs/bad/pod.yaml", ALIASES[name])
    before = labs.bytes_of_all()
    assert labs.seeder("rewrite", "--in-place", "catalog.yaml").code == 0
    expected = ALIASES[name].replace("nginx:1.27.3", f"{WRITTEN}sha256:{'1' * 64}")
    assert (labs.folder / "labs/bad/pod.yaml").read_text() == expected
    assert labs.seeder("restore", "catalog.yaml").code == 0
    assert labs.bytes_of_all() == before


# What only the operating system can say


@pytest.fixture
def open_labs(tmp_path: Path) -> Iterator[Lab]:
    """A lab whose permissions a test may take away; they are given back, so that its folder can be removed."""
    yield lab(tmp_path, HOME=str(tmp_path))
    for path in tmp_path.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o777)


def bound_by_permissions() -> list[str]:
    """Words that run what follows so that permissions count: root is stopped by none.

    It stays the same user, who alone may be let into the folder that the project stands in.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        missing("setpriv is not here (util-linux)")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]


def test_an_unreadable_file_is_listed_and_the_others_are_done(open_labs: Lab) -> None:
    open_labs.write("labs/bad/pod.yaml", GOOD)
    through = bound_by_permissions()
    (open_labs.folder / "labs/bad/pod.yaml").chmod(0)
    found = open_labs.seeder("scan", "labs", "--format", "json", through=through)
    assert found.code == 0
    assert found.document["unread"] == [
        {"root": "labs", "file": "bad/pod.yaml", "reason": "cannot be read: Permission denied"}
    ]
    ended = open_labs.seeder("rewrite", "--in-place", "catalog.yaml", through=through)
    assert ended.code == 0
    assert "labs/bad/pod.yaml: not read: cannot be read: Permission denied" in ended.err
    assert WRITTEN in (open_labs.folder / "labs/good/pod.yaml").read_text()


def test_an_unreadable_catalog(open_labs: Lab) -> None:
    through = bound_by_permissions()
    (open_labs.folder / "catalog.yaml").chmod(0)
    ended = open_labs.seeder("rewrite", "--check", "catalog.yaml", through=through)
    assert ended.code == 2
    assert "'catalog.yaml' is not readable" in ended.err
    assert "hint:" in ended.err


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_write_protected_file_stays_and_the_others_are_done(open_labs: Lab, mode: int) -> None:
    open_labs.write("labs/bad/pod.yaml", GOOD)
    through = bound_by_permissions()
    path = open_labs.folder / "labs/bad/pod.yaml"
    path.chmod(mode)
    ended = open_labs.seeder("rewrite", "--in-place", "catalog.yaml", through=through)
    assert ended.code == 1
    assert "labs/bad/pod.yaml:7: nginx:1.27.3 stays: cannot write" in ended.err
    assert "write-protected" in ended.err
    assert path.read_text() == GOOD
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert WRITTEN in (open_labs.folder / "labs/good/pod.yaml").read_text()
    assert "bad" not in (open_labs.folder / "catalog.rewrites.yaml").read_text()


def test_a_folder_that_may_not_be_written_to(open_labs: Lab) -> None:
    open_labs.write("labs/bad/pod.yaml", GOOD)
    through = bound_by_permissions()
    (open_labs.folder / "labs/bad").chmod(0o555)
    ended = open_labs.seeder("rewrite", "--in-place", "catalog.yaml", through=through)
    assert ended.code == 1
    assert "labs/bad/pod.yaml:7: nginx:1.27.3 stays: cannot write: Permission denied" in ended.err
    assert sorted(path.name for path in (open_labs.folder / "labs/bad").iterdir()) == ["README.md", "pod.yaml"]
    assert WRITTEN in (open_labs.folder / "labs/good/pod.yaml").read_text()


@pytest.mark.parametrize("command", [["rewrite", "--in-place"], ["restore"]], ids=" ".join)
def test_a_read_only_mount(labs: Lab, tmp_path: Path, command: list[str]) -> None:
    if command == ["restore"]:
        assert labs.seeder("rewrite", "--in-place", "catalog.yaml").code == 0
    ended = labs.seeder(*command, "catalog.yaml", through=on_a_mount(labs, tmp_path, READ_ONLY))
    assert ended.code == 1
    assert "cannot write: Read-only file system" in ended.err
    assert "hint: the file system is read-only: name another place" in ended.err


@pytest.mark.parametrize(
    "command", [["scan", "labs"], ["rewrite", "--diff", "catalog.yaml"], ["catalog", "check", "catalog.yaml"]]
)
def test_looking_at_a_read_only_mount(labs: Lab, tmp_path: Path, command: list[str]) -> None:
    assert labs.seeder(*command, through=on_a_mount(labs, tmp_path, READ_ONLY)).code == 0


def test_a_read_only_catalog_with_its_state_elsewhere(labs: Lab, tmp_path: Path) -> None:
    """As in a pod: the catalog from a ConfigMap, lock and record on a volume, the workshops in a checkout."""
    shutil.move(labs.folder / "catalog.lock.yaml", tmp_path / "catalog.lock.yaml")
    labs.write("catalog.yaml", CATALOG.replace("labs/*", f"{labs.folder}/labs/*"))
    before = labs.bytes_of_all()
    lock = ["--lock", str(tmp_path / "catalog.lock.yaml")]
    through = on_a_mount(labs, tmp_path, READ_ONLY)
    assert labs.seeder("rewrite", "--in-place", "catalog.yaml", *lock, through=through).code == 0
    assert WRITTEN in (labs.folder / "labs/good/pod.yaml").read_text()
    assert labs.seeder("restore", "catalog.yaml", *lock, through=through).code == 0
    assert labs.bytes_of_all() == before


def test_a_full_disk_breaks_nothing(labs: Lab, tmp_path: Path) -> None:
    ended = labs.seeder("rewrite", "--in-place", "catalog.yaml", through=on_a_mount(labs, tmp_path, FULL))
    assert ended.code == 1
    assert "cannot write: No space left on device" in ended.err
    assert "hint: there is no space left: free some" in ended.err
    assert (tmp_path / "labs/good/pod.yaml").read_text() == GOOD
    assert [path.name for path in (tmp_path / "labs/good").iterdir()] == ["pod.yaml"]


def test_a_full_disk_where_copies_go(labs: Lab, tmp_path: Path) -> None:
    """The first file that does not fit, which may be a small one, ends it, and nothing half-copied stays."""
    labs.write("labs/bad/large.bin", b"x" * 100_000)
    through = on_a_mount(labs, tmp_path, f"mkdir out; {FULL}")
    looked = ["sh", "-c", '"$@"; code=$?; rm filler; ls -A out > labs/left; exit $code', "sh"]
    ended = labs.seeder("rewrite", "--output-dir", "out", "catalog.yaml", through=[*through, *looked])
    assert ended.code == 1
    assert re.fullmatch(
        r"error: labs/bad/(README\.md|large\.bin): cannot copy: No space left on device\n"
        r"hint: there is no space left: free some and run again\n",
        ended.err,
    )
    assert (tmp_path / "labs/left").read_text() == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_files_that_can_be_restored(labs: Lab, number: signal.Signals, code: int) -> None:
    for n in range(150):
        labs.write(f"labs/bad/pod-{n}.yaml", GOOD * 20)
    before = labs.bytes_of_all()
    process = subprocess.Popen(
        labs.command("rewrite", "--in-place", "catalog.yaml"),
        cwd=labs.folder,
        env=labs.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    record = labs.folder / "catalog.rewrites.yaml"
    while process.poll() is None and not record.exists():
        os.sched_yield()
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode in {code, 0}, told
    assert not list(labs.folder.rglob("*.tmp"))
    assert labs.seeder("restore", "catalog.yaml").code == 0
    assert labs.bytes_of_all() == before
