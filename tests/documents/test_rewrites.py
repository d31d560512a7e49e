"""The rewrite record: round trips, stable bytes, complaints with a place."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seeder.documents.rewrites import parse, render
from seeder.errors import DocumentError
from seeder.model.occurrence import Role
from seeder.model.rewrites import Rewrites, RewrittenSpan, Surroundings

SPAN = RewrittenSpan(
    workshop="../labs/one",
    file="resources/workshop.yaml",
    line=14,
    column=12,
    original="nginx:1.27",
    written="registry.example.com/library/nginx:1.27@sha256:" + "a" * 64,
    reference="docker.io/library/nginx:1.27",
    surroundings=Surroundings(above="00000001", before="00000002", after="00000003", below="00000004"),
)
TEXT = render(Rewrites.of([SPAN])).decode()

# Everything that a decoded file can hold: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/."), min_size=1, max_size=9)
hashes = st.text("0123456789abcdef", min_size=8, max_size=8)
spans = st.builds(
    RewrittenSpan,
    workshop=texts,
    file=names,
    line=st.integers(1, 10**6),
    column=st.integers(1, 10**6),
    original=texts,
    written=texts,
    earlier=st.just("") | texts,
    reference=texts,
    role=st.sampled_from(Role),
    surroundings=st.builds(Surroundings, above=hashes, before=hashes, after=hashes, below=hashes),
)


@given(st.lists(spans, max_size=4, unique_by=lambda span: (span.workshop, span.file, span.line, span.column)))
def test_round_trip(found: list[RewrittenSpan]) -> None:
    rewrites = Rewrites.of(found)
    assert parse(render(rewrites), "x.rewrites.yaml") == rewrites


def test_order_does_not_count() -> None:
    places = [("b", "x", 1), ("a", "y", 9), ("a", "x", 10), ("a", "x", 9)]
    found = [
        RewrittenSpan(workshop=w, file=f, line=n, column=1, original="o", written="w", reference="r")
        for w, f, n in places
    ]
    assert render(Rewrites.of(found)) == render(Rewrites.of(found[::-1]))


def test_it_is_plain_yaml() -> None:
    assert yaml.safe_load(TEXT)["files"][0]["spans"][0]["original"] == "nginx:1.27"


@pytest.mark.parametrize("data", [b"", b"# nothing\n", render(Rewrites())])
def test_nothing_rewritten(data: bytes) -> None:
    assert parse(data, "x.rewrites.yaml") == Rewrites()


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("kind: Rewrites", "kind: Lock", 3, "kind: must be Rewrites"),
        ("seeder/v1alpha1", "seeder/v2", 2, "apiVersion: must be seeder/v1alpha1"),
        ("apiVersion: seeder/v1alpha1\n", "", 2, "apiVersion is missing"),
        ("files:", "folders:", 2, "folders: unknown key"),
        ("line: 14", "line: fourteen", 8, r"files\[0\]\.spans\[0\]\.line: must be a number"),
        ("line: 14", "line: 0", 8, "must be a whole number, 1 or more, and is 0"),
        ("line: 14", f"line: {'9' * 5000}", 8, "must be a whole number"),
        ("original:", "orginal:", 8, r"files\[0\]\.spans\[0\]\.orginal: unknown key; did you mean original"),
        ('original: "nginx:1.27"', 'original: ""', 10, "original: is empty"),
        ('original: "nginx:1.27"', "original: [nginx]", 10, "original: must be text, and is a list"),
        ('"resources/workshop.yaml"', '"/etc/passwd"', 6, "inside the workshop"),
        ('"resources/workshop.yaml"', '"../../secrets"', 6, "inside the workshop"),
        ("00000004", "", 13, "four hashes"),
        ("surroundings:", "role: host\n        surroundings:", 13, "role: unknown: 'host'"),
        ("  - workshop", "  - x: 1\n    workshop", 5, r"files\[0\]\.x: unknown key"),
        ("kind: Rewrites", "kind: Rewrites\nkind: Rewrites", 4, "kind: the key stands here twice"),
        ("kind: Rewrites", "kind: [", 5, "is not valid YAML"),
    ],
)
def test_complaints_name_the_place(old: str, new: str, where: int, message: str) -> None:
    assert old in TEXT
    with pytest.raises(DocumentError, match=message) as caught:
        parse(TEXT.replace(old, new, 1).encode(), "x.rewrites.yaml")
    assert caught.value.where.startswith("x.rewrites.yaml:")
    assert abs(int(caught.value.where.split(":")[1]) - where) <= 1
    assert caught.value.hint


@pytest.mark.parametrize(
    "data", [b"- a\n", b"text\n", b"files: 3\n", b"\xff\xfe\x00\xd8", b"a: \x01\n", b"[" * 5000, b"? [a]\n: 1\n"]
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(data, "x.rewrites.yaml")
