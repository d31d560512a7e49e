"""Occurrences: the paths that people are told, and mentions on their way between processes."""

from __future__ import annotations

import pickle

import pytest

from seeder.model.occurrence import Context, Mention, Occurrence, Part, Puller, Role, Span, Spelling, Unread, path_of
from seeder.model.reference import ImageReference


@pytest.mark.parametrize(
    ("root", "file", "path"),
    [
        ("labs/one", "workshop/content/a.md", "labs/one/workshop/content/a.md"),
        ("labs/one/", "a.md", "labs/one/a.md"),
        (".", "a.md", "a.md"),
        ("/", "a.md", "/a.md"),
        ("a.md", "a.md", "a.md"),
        ("labs/a.md", "a.md", "labs/a.md"),
        ("labs/ba.md", "a.md", "labs/ba.md/a.md"),
        ("oci://host/lab:1", "a.md", "oci://host/lab:1/a.md"),
    ],
)
def test_a_path_is_one_that_can_be_opened(root: str, file: str, path: str) -> None:
    assert path_of(root, file) == path
    assert Unread(root=root, file=file, reason="binary").path == path


def occurrence(*texts: str, tail: str = "", pattern: str = "", reference: str | None = "nginx") -> Occurrence:
    """One whose parts stand on lines of their own, from the fourth on."""
    parts = tuple(
        Part(span=Span(0, len(text)), text=text, line=line, column=1, end_column=1 + len(text), tail=tail)
        for line, text in enumerate(texts, 4)
    )
    named = ImageReference.parse(reference) if reference else None
    return Occurrence(
        root="labs/one",
        file="a.yaml",
        parts=parts,
        canonical="docker.io/library/nginx:latest",
        reference=named,
        context=Context.POD_SPEC,
        pulled_by=Puller.KUBELET,
        spelling=Spelling.FIELD,
        rewritable=True,
        pattern=pattern,
    )


def test_what_stands_in_one_place_is_told_as_it_is_written() -> None:
    found = occurrence("nginx", tail=":$TAG")
    assert (found.raw, found.written, found.familiar) == ("nginx", "nginx:$TAG", "nginx:latest")
    assert (found.line, found.place, found.where) == (4, "a.yaml:4", "labs/one/a.yaml:4")


def test_what_is_split_over_keys_is_told_by_its_name() -> None:
    found = occurrence("library/nginx", "latest")
    assert found.raw == found.written == "docker.io/library/nginx:latest"
    assert found.line == 4


def test_what_has_no_reference_is_told_by_its_canonical_form() -> None:
    assert occurrence("$X", reference=None).familiar == "docker.io/library/nginx:latest"


@pytest.mark.parametrize(("pattern", "says"), [("image: nginx:1\\.27", "nginx:1.27"), ("", "nginx:1\\.27")])
def test_a_search_says_what_it_looks_for_without_its_escapes(pattern: str, says: str) -> None:
    assert occurrence("nginx:1\\.27", pattern=pattern).searched == says


def test_a_mention_is_the_same_in_another_process() -> None:
    part = Part(span=Span(3, 8), text="nginx", line=1, column=4, end_column=9, role=Role.NAME)
    mention = Mention(text="nginx:1", parts=(part,), context=Context.COMPOSE, pulled_by=Puller.DOCKERD, reason="why")
    assert pickle.loads(pickle.dumps(mention)) == mention
