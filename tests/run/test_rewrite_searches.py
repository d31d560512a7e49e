"""What a page searches for and the file that it searches: once rewritten the same is selected, or all is as it was."""

from __future__ import annotations

import re
from itertools import combinations, permutations
from pathlib import Path

import pytest

from seeder.run.project import open_project
from seeder.run.restore import restore
from seeder.run.rewrite import Mode
from tests.run.rewriting import HOST, POD, Ground, digest, ground, run

NGINX = f"{HOST}/library/nginx:1.27.3@{digest('nginx:1.27.3')}"
WHOLE = "docker.io/library/nginx:1.27.3"
HELD, KEPT = "held", "kept"  # neither changes; the file changes, and the page need not


def workshop(folder: Path, action: str, image: str = "nginx:1.27.3") -> Ground:
    made = ground(folder)
    made.write("labs/a/exercises/pod.yaml", POD.replace(WHOLE, image))
    made.write("labs/a/workshop/content/01.md", f"```{action}\n```\n")
    made.pin("nginx:1.27.3", "quay.io/acme/web:2.0", "nginx:1.28.0")
    return made


def select(pattern: str, more: str = "") -> str:
    quoted = pattern.replace("'", "''")
    return f"editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '{quoted}'\nisRegex: true{more}"


REGEXES = {
    # the whole name
    r"image: nginx:1\.27\.3": NGINX.replace(".", r"\."),
    r"image: nginx:1.27.3": NGINX,
    r"nginx:1\.27\.3": NGINX.replace(".", r"\."),
    r"^\s*image: nginx:1\.27\.3$": NGINX.replace(".", r"\."),
    r"image:\s+(nginx:1\.27\.3)": NGINX.replace(".", r"\."),
    r"(?<=image: )nginx:1\.27\.3": NGINX.replace(".", r"\."),
    # its beginning, and a rest that takes all
    r"image: nginx:.*": f"{HOST}/library/nginx",
    r"image: (nginx.*)": f"{HOST}/library/nginx",
    r"image: nginx:\S+": f"{HOST}/library/nginx",
    r"image: (?<name>nginx:.+)$": f"{HOST}/library/nginx",
    # nothing of it, or all
    r"image: .*": KEPT,
    r"image: (.*)": KEPT,
    r"- name: (\w+)": KEPT,
    r"name: (web|db)": KEPT,
    r"image:": KEPT,
    r"image: (\S+)": KEPT,
    # a part of it, which would be another part
    r"image: nginx:\d+\.\d+\.\d+": HELD,
    r"image: nginx:1\.27": HELD,
    r"image: nginx": HELD,
    r"nginx:1\.27": HELD,
    r"1\.27\.3": HELD,
    r"\d+\.\d+\.\d+": HELD,
    r":1\.27\.3$": HELD,
    r"image: [a-z]+:": HELD,
    # more than one reading
    r"image: (nginx|httpd):1\.27\.3": HELD,
    r"image: nginx:1\.27\.3|image: httpd": HELD,
    r"image: (\w+)(:\S+)?": HELD,
    r"image: ((ngin)+x:.*)": HELD,
    r"image: (nginx": HELD,
    r"image: nginx:1\.27\.?3": HELD,
}


@pytest.mark.parametrize("pattern", REGEXES)
def test_a_regular_expression_and_its_file_change_together_or_not_at_all(pattern: str, tmp_path: Path) -> None:
    made = workshop(tmp_path, select(pattern))
    before = made.files()
    done = run(made)
    after = {name: data.decode() for name, data in made.files().items()}
    pod, page = after["a/exercises/pod.yaml"], after["a/workshop/content/01.md"]
    expected = REGEXES[pattern]
    if expected == HELD:
        assert (made.files(), done.exit_code) == (before, 1)
        assert all("workshop/content/01.md:3" in left.reason and left.hint for left in done.left)
        return
    assert NGINX in pod
    assert done.exit_code == 0
    if expected == KEPT:
        assert page.encode() == before["a/workshop/content/01.md"]
    else:
        new = re.search(r"text: '(.*)'\n", page)
        assert new is not None
        assert expected in new[1]
        found = re.search(new[1].replace("?<name>", "?P<name>"), pod, re.MULTILINE)
        assert found is not None
        assert NGINX in found[0]
    assert not run(made, mode=Mode.LOOK).files
    assert restore(open_project(made.catalog)).exit_code == 0
    assert made.files() == before


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"image: docker\.io/nginx:1\.27\.3", NGINX.replace(".", r"\.")),
        (r"image: docker\.io/nginx:.*", f"{HOST}/library/nginx:.*".replace(".", r"\.").replace(r"\.*", ".*")),
        (r"image: docker.io/.*", f"{HOST}/library/.*"),
    ],
)
def test_a_registry_in_a_regular_expression(pattern: str, expected: str, tmp_path: Path) -> None:
    made = workshop(tmp_path, select(pattern), "docker.io/nginx:1.27.3")
    assert run(made).exit_code == 0
    assert f"'image: {expected}'" in made.files()["a/workshop/content/01.md"].decode()


REPLACES = {
    "the name": ("match: nginx:1.27.3\nreplacement: nginx:1.28.0", "nginx:1.28.0", NGINX),
    "the line": ("match: 'image: nginx:1.27.3'\nreplacement: 'image: nginx:1.28.0'", "nginx:1.28.0", NGINX),
    "the name by a regular expression": (
        "match: 'nginx:1\\.27\\.3'\nreplacement: nginx:1.28.0\nisRegex: true",
        "nginx:1.28.0",
        NGINX.replace(".", "\\."),
    ),
}


@pytest.mark.parametrize("name", REPLACES)
def test_what_is_replaced_and_what_replaces_it_are_both_rewritten(name: str, tmp_path: Path) -> None:
    fields, replacement, sought = REPLACES[name]
    made = workshop(tmp_path, f"editor:replace-matching-text\nfile: ~/exercises/pod.yaml\n{fields}")
    assert run(made).exit_code == 0
    page = made.files()["a/workshop/content/01.md"].decode()
    assert sought in page
    assert f"{HOST}/library/{replacement}@{digest(replacement)}" in page


@pytest.mark.parametrize(
    "action",
    [
        "editor:replace-matching-text\nfile: ~/exercises/pod.yaml\nmatch: '1.27.3'\nreplacement: '1.28.0'",
        "editor:replace-matching-text\nfile: ~/exercises/pod.yaml\nmatch: ':1.27.3'\nreplacement: ':1.28.0'",
        "editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '1.27.3'\n```\n\n"
        "```editor:replace-text-selection\nfile: ~/exercises/pod.yaml\ntext: '1.28.0'",
    ],
)
def test_a_tag_that_a_page_replaces_holds_its_name(action: str, tmp_path: Path) -> None:
    """Beside a digest another tag would change nothing of what is pulled."""
    made = workshop(tmp_path, action)
    before = made.files()
    done = run(made)
    assert (made.files(), done.exit_code) == (before, 1)
    assert "only a part of the name" in done.left[0].reason


def test_a_tag_that_a_page_only_shows_holds_nothing(tmp_path: Path) -> None:
    made = workshop(tmp_path, "editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '1.27.3'")
    assert run(made).exit_code == 0
    assert NGINX.encode() in made.files()["a/exercises/pod.yaml"]


def test_one_search_holds_its_line_and_no_other(tmp_path: Path) -> None:
    made = workshop(tmp_path, select(r"image: nginx:\d+"))
    made.write("labs/a/exercises/more.yaml", POD.replace("docker.io/library/nginx:1.27.3", "nginx:1.28.0"))
    done = run(made)
    assert [each.occurrence.file for each in done.left] == ["exercises/pod.yaml"]
    assert HOST.encode() in made.files()["a/exercises/more.yaml"]


def test_a_file_that_ends_up_where_the_page_looks(tmp_path: Path) -> None:
    made = workshop(tmp_path, select(r"image: nginx:\d+").replace("~/exercises/pod.yaml", "~/more.yaml"))
    made.write("labs/a/exercises/more.yaml", POD.replace("docker.io/library/nginx:1.27.3", "nginx:1.28.0"))
    done = run(made)
    assert [each.occurrence.file for each in done.left] == ["exercises/more.yaml"]


def test_a_file_that_the_page_creates(tmp_path: Path) -> None:
    create = f"editor:create-file\nfile: ~/new.yaml\ntext: |\n  {POD.replace(chr(10), chr(10) + '  ')}\n```\n\n```"
    for pattern, held in ((r"image: docker\.io/library/nginx:.*", False), (r"image: .*:1\.27\.3$", True)):
        folder = tmp_path / str(held)
        folder.mkdir()
        made = workshop(folder, create + select(pattern).replace("exercises/pod", "new"), "busybox")
        before = made.files()["a/workshop/content/01.md"]
        run(made)
        assert (made.files()["a/workshop/content/01.md"] == before) is held


def test_an_escape_that_parts_a_regular_expression_holds_the_file(tmp_path: Path) -> None:
    action = (
        'editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: "image: nginx:1\\\\.27\\\\.3"\nisRegex: true'
    )
    made = workshop(tmp_path, action)
    before = made.files()
    assert run(made).exit_code == 1
    assert made.files() == before


def test_a_tag_of_a_command_is_found_again(tmp_path: Path) -> None:
    """A command gets no digest: what sed puts in place of its tag is what is pulled."""
    made = workshop(tmp_path, "execute\nsed -i s/1.27.3/1.28.0/ ~/exercises/run.sh")
    made.write("labs/a/exercises/run.sh", "#!/bin/sh\ndocker run nginx:1.27.3\n")
    assert run(made).exit_code == 0
    assert f"{HOST}/library/nginx:1.27.3\n".encode() in made.files()["a/exercises/run.sh"]


@pytest.mark.parametrize(
    ("command", "held"),
    [
        ("sed -i s/1.27.3/1.28.0/ ~/exercises/pod.yaml", True),
        ("sed -i 's/1\\.27/1.28/' exercises/pod.yaml", True),
        ("sed -i -E 's/nginx:[0-9.]+/nginx:1.28.0/' ~/exercises/pod.yaml", True),
        ("sed -ri 's/:1.27(.3)$/:1.28\\1/' ~/exercises/pod.yaml", True),
        ("sed -i 's/\\(nginx\\):1.27.3/\\1:1.28.0/' ~/exercises/pod.yaml", True),
        ("perl -pi -e 's/1[.]27[.]3/1.28.0/' ~/exercises/pod.yaml", True),
        ("sed -i s/1.26.1/1.28.0/ ~/exercises/pod.yaml", False),
        ("sed -i 's/replicas: 1/replicas: 2/' ~/exercises/pod.yaml", False),
        ("sed -i 's/name: web/name: app/' ~/exercises/pod.yaml", False),
        ("sed -i 's|image: .*|image: nginx:1.28.0|' ~/exercises/pod.yaml", False),
        ("sed -i s/$OLD/$NEW/ ~/exercises/pod.yaml", False),
        ("sed -i s/1.27.3/1.28.0/ ~/exercises/other.yaml", False),
    ],
)
def test_a_tag_that_sed_replaces_holds_its_name(command: str, held: bool, tmp_path: Path) -> None:
    made = workshop(tmp_path, f"execute\n{command}")
    done = run(made)
    assert (NGINX.encode() not in made.files()["a/exercises/pod.yaml"]) is held
    assert done.exit_code == int(held)
    assert all(left.hint and "01.md:2" in left.reason for left in done.left)


NAMES = ("nginx", "nginx:1.27.3", "library/nginx:1.28", "nginx-unprivileged:1")
SEARCHES = (
    "editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '{}'",
    "editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: 'image: {}'",
    "editor:select-matching-text\nfile: ~/exercises/pod.yaml\ntext: '{}'\nisRegex: true",
    "editor:replace-matching-text\nfile: ~/exercises/pod.yaml\nmatch: '{}'\nreplacement: 'httpd: 2'",
)


@pytest.mark.parametrize("text", ["ngi", "nginx", "nginx:1.27", "library/"])
def test_whatever_begins_two_names_twice_is_once(text: str, tmp_path: Path) -> None:
    """A workshop for each two names of a file, in both orders, and for each two searches."""
    made = ground(tmp_path)
    for number, (one, other) in enumerate(permutations(NAMES, 2)):
        for more, searches in enumerate(combinations(SEARCHES, 2)):
            lab = f"labs/{number}-{more}"
            made.write(f"{lab}/exercises/pod.yaml", f"{POD.replace(WHOLE, one)}  - name: b\n    image: {other}\n")
            page = "".join(f"```{search.format(text)}\n```\n\n" for search in searches)
            made.write(f"{lab}/workshop/content/01.md", page)
    made.pin(*NAMES)
    first = made.files()
    left = [(each.occurrence.where, each.reason) for each in run(made).left]
    once = made.files()
    assert [(each.occurrence.where, each.reason) for each in run(made).left] == left
    assert made.files() == once
    assert not any("please report" in reason for _, reason in left)
    restore(open_project(made.catalog))
    assert made.files() == first


def test_two_names_of_a_line_that_a_search_holds_stay_both(tmp_path: Path) -> None:
    """`sed` looks for the first and writes the second."""
    made = ground(tmp_path)
    lines = ["kubectl run a --image=acme/web:2", "sed -i 's/web:2/web:2/' pod.yaml"]
    made.write("labs/a/run.sh", "\n".join([*lines, "sed -i 's,image: acme/web:2,image: acme/web:2,' pod.yaml\n"]))
    made.write(
        "labs/a/workshop/content/01.md",
        "```editor:insert-value-into-yaml\nfile: ~/pod.yaml\npath: spec.image\nvalue: acme/web:2\n```\n",
    )
    made.pin("acme/web:2")
    run(made)
    once = made.files()
    assert not run(made).files
    assert made.files() == once
