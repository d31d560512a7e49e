"""A rewritten file that would say something else than planned is found out."""

from __future__ import annotations

import codecs

import pytest
from msgspec.structs import replace

from seeder.model.edit import Edit, splice
from seeder.model.occurrence import Span
from seeder.rewrite.change import edits_of
from seeder.rewrite.check import changed_otherwise, yaml_changed_otherwise
from seeder.rewrite.choose import choose
from seeder.syntax.text import File
from tests.rewrite.cases import find, rules

DATA = b"a:\n  image: nginx:1.27 # web\n  image: redis:7\nb: image\n"


def edit(data: bytes, old: bytes, new: bytes) -> Edit:
    start = data.index(old)
    return Edit(root="lab", file="a.yaml", span=Span(start, start + len(old)), old=old, new=new)


def test_a_faithful_rewriting_passes() -> None:
    before = find(DATA)
    changes, _ = choose(before, rules("nginx:1.27"))
    edits = edits_of(changes, File(DATA))
    after = splice(DATA, edits)
    assert after != DATA
    assert changed_otherwise(before, find(after), edits) == ""
    assert yaml_changed_otherwise(DATA, after, edits) == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"nginx:1.27", b"(x)", "line 2: nginx:1.27 would no longer be found"),
        (b"nginx:1.27", b"r.example.com/nginx,1.27", "line 2: nginx:1.27 would no longer be found"),
        (b" # web", b" image: more:1", "line 2: more:1 would be found where nothing was"),
    ],
)
def test_what_is_found_otherwise(old: bytes, new: bytes, complaint: str) -> None:
    edits = [edit(DATA, old, new)]
    assert complaint in changed_otherwise(find(DATA), find(splice(DATA, edits)), edits)


@pytest.mark.parametrize("field", ["pulled", "rewritable"])
def test_what_is_found_and_taken_for_something_else(field: str) -> None:
    before = find(DATA)
    after = [replace(before[0], **{field: False}), before[1]]
    assert "taken for what it is" in changed_otherwise(before, after, [])


def test_an_occurrence_that_read_otherwise_all_along() -> None:
    before = find(DATA)
    part = replace(before[0].parts[0], text="other")
    assert "would read other" in changed_otherwise(before, [replace(before[0], parts=(part,)), before[1]], [])


@pytest.mark.parametrize(
    ("data", "old", "new", "complaint"),
    [
        (b"a: nginx\n", b"nginx", b"[::1]:5000/nginx", "something else"),
        (b"a: {image: nginx}\n", b"nginx", b"x/nginx, b: c", "something else"),
        (b"a: nginx\n", b"nginx", b"x # nginx", ""),
        (b'b: 1\na: "nginx"\n', b"nginx", b'x"', "line 3: it would no longer parse as YAML"),
        (b"a: nginx\n", b"nginx", b"*x", "something else"),
        (b"a: nginx\n", b"nginx", b"&x nginx", "something else"),
        (b"a: nginx\n", b"nginx", b"x\nb: nginx", "something else"),
        (b"a: nginx\nb: 1\n", b"b: 1", b"b: 2", "line 2: YAML would read something else there"),
        (b"a: nginx\n", b"nginx", b"!x nginx", "something else"),
        (b"a: |\n  image: nginx\nb: 1\n", b"nginx", b"r/nginx:1@sha256:0", ""),
        (b"a: nginx\r\nb: 1\r\n", b"nginx", b"r/nginx", ""),
        (codecs.BOM_UTF8 + "ü: nginx\nb: 1\n".encode(), b"nginx", b"r/nginx", ""),
        ("ü: nginx\nb: 1\n".encode("latin-1"), b"nginx", b"r/nginx", ""),
        (b"{{ if }}\n  a: nginx\n", b"nginx", b"[", ""),
        (b"\x00 nginx", b"nginx", b"[", ""),
        (b"a: nginx\n]: x\n", b"nginx", b"&x nginx", ""),
        (b"a: nginx\n]: x\n", b"nginx", b"*", ""),
        (b"a: nginx\n", b"nginx", b"x\n...\n", "something else"),
        (b"a: &x nginx\nb: *x\n---\nc: 1\n", b"nginx", b"r/nginx", ""),
        (b"a: 1.27\n", b"1.27", b"1.27-0123456789ab", ""),
    ],
)
def test_yaml(data: bytes, old: bytes, new: bytes, complaint: str) -> None:
    edits = [edit(data, old, new)]
    found = yaml_changed_otherwise(data, splice(data, edits), edits)
    assert complaint in found if complaint else found == ""
