from __future__ import annotations

from pathlib import Path, PurePosixPath
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seeder.lint import examine, lint, workshops
from seeder.model.pin import Lock
from seeder.rules import RULES, elsewhere
from seeder.run.lint import fix, lint_trees
from tests.rules.trees import HEAD, linted, lock, pin, workshop, write

ALL = list(RULES.values())
_words = ("auths", ": {", '"', "docker login", " -p x", "https://a:b@c", "\n", "# seeder: allow", "\\\n")
_pieces = st.sampled_from((*_words, *HEAD.splitlines(keepends=True), "spec:\n  workshop:\n"))
_text = st.lists(_pieces, max_size=30).map("".join)
_ALMOST = (
    *('"auths": {', "docker login \\\n", "https://a:", "# seeder: allow x ", "IMGPKG_PASSWORD=", "dckr_pat_"),
    *(
        "auths:\n a:\n",
        "# seeder: alow\n",
        ".dockercfg: {",
        "a.registry.",
        "machine a login ",
        "AccountKey=",
        "eyJaaaaaaaaaa.",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----\n",
        "LS0tLS1CRUdJTi",
        "kind: Config\nusers:\n",
        "https://a?a=b&",
        "secret_access_key ",
    ),
)


@given(st.binary() | _text.map(str.encode), st.sampled_from(["a.yaml", "run.sh", "resources/workshop.yaml", "p.md"]))
def test_any_file_can_be_looked_at(data: bytes, name: str) -> None:
    facts = examine(PurePosixPath(name), data, ALL)
    lint([facts], [], Lock(), ALL)


_images = st.sampled_from(
    ("nginx:1.27", "'k8s.gcr.io/pause:3.9'", "jdk17-environment:3.7", "$(oci_image_cache)/a/b:1", "x")
)
_pieces_of_yaml = st.sampled_from((
    "  workshop:\n    image: ", "image: ", "- image: ", "text: 'image: ", "FROM ", "docker run ", "\n", "\r\n", "'",
    "&a ", "*a", "```editor:select-matching-text\nfile: ~/a.yaml\n", "```\n",
    "# seeder: allow mutable-tag ", "\xe9", "\x00", "{", "}", "  ",
))  # fmt: skip
_mixed = st.lists(_pieces_of_yaml | _images, max_size=25).map("".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(st.sampled_from(["a.yaml", "resources/workshop.yaml", "Dockerfile", "content/p.md"]), _mixed)
)
def test_whatever_a_tree_holds_linting_ends_and_fixing_twice_is_fixing_once(
    tmp_path: Path, files: dict[str, str]
) -> None:
    tree = tmp_path / uuid4().hex
    tree.mkdir()
    write(tree, {name: HEAD + text if "workshop" in name else text for name, text in files.items()})
    pins = lock(pin("nginx:1.27"), pin("jdk17-environment:3.7"))
    states = []
    for _ in range(2):
        (linted,) = lint_trees([tree], {}, pins, ALL)
        assert not fix([linted]).faults
        states.append({name: (tree / name).read_bytes() for name in files})
    assert states[0] == states[1]


@pytest.mark.parametrize("piece", _ALMOST)
def test_a_long_file_of_almost_secrets_is_looked_at_in_linear_time(piece: str) -> None:
    examine(PurePosixPath("a.yaml"), piece.encode() * 50_000, ALL)


def test_a_binary_file_has_no_facts() -> None:
    assert examine(PurePosixPath("a.yaml"), b"docker login -u me\n\0", ALL).found == ()


def test_each_workshop_of_a_tree_is_looked_at_by_itself(tmp_path: Path) -> None:
    """Two workshops that use one version each are no workshop that uses two."""
    pod = "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{name: a, image: ghcr.io/acme/a:{tag}}}]}}\n"
    files = {}
    for folder, tag in (("one", "1.0.0"), ("two", "2.0.0")):
        for name, text in workshop(files={"exercises/pod.yaml": pod.format(tag=tag)}).items():
            files[f"{folder}/{name}"] = text
    assert linted(tmp_path, files, only="two-versions") == []


def test_workshops_inside_workshops_belong_to_the_inner_one() -> None:
    paths = ["resources/workshop.yaml", "a.md", "labs/x/resources/workshop.yaml", "labs/x/b.md", "labs/xy/c.md"]
    facts = [examine(PurePosixPath(path), HEAD.encode(), ALL) for path in paths]
    files = [[definition.file for definition in each.definitions] for each in workshops(facts, [], Lock())]
    assert sorted(files) == [["labs/x/resources/workshop.yaml"], ["resources/workshop.yaml"]]


def test_what_only_a_cluster_shows_is_known_by_its_number() -> None:
    assert {number for number, _ in elsewhere()} >= {1, 2, 3, 4, 5, 7, 9, 10, 13}
    assert {rule.guideline for rule in ALL if rule.guideline} | {4} == set(range(1, 15))
