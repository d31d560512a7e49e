"""Laws that hold for any file: outside stays, twice is once, a moved pin follows, restore gives the first bytes."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seeder.model.edit import Edit, splice
from seeder.model.occurrence import Span
from seeder.model.reference import ImageReference
from seeder.model.rewrites import RewrittenSpan
from seeder.restore import undo
from seeder.rewrite.change import edits_of
from seeder.rewrite.check import changed_otherwise
from seeder.rewrite.choose import Rules, choose
from seeder.rewrite.record import recorded
from seeder.syntax.locate import locate, surroundings
from seeder.syntax.text import File
from tests.rewrite.cases import digest, find, rules

# Some pinned, some not, one pinned by the author as well as by tag, one that a tree may hold already rewritten.
PINNED = ("nginx:1.27", "redis", "bitnami/kubectl:1.30", f"nginx:1.27@{digest('by the author')}")
NAMES = (
    *PINNED,
    "docker.io/library/nginx:1.27",
    "busybox:1",
    "ghcr.io/a/b:1",
    "registry.example.com/library/nginx:1.27",
)
BITS = (
    "image: ",
    "image:\t",
    'image: "',
    "'",
    '"',
    " ",
    "\n",
    "\r\n",
    "\t",
    "ü",
    "€",
    "𝄞",
    "# ",
    "- ",
    "x: ",
    "\u2028",
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    pieces = draw(st.lists(st.sampled_from(BITS) | st.sampled_from([f"image: {name}" for name in NAMES]), max_size=25))
    text = draw(st.sampled_from(["", "\n", "\r\n"])).join(pieces)
    encoding = draw(st.sampled_from(["utf-8", "latin-1", "bom"]))
    if encoding == "latin-1":
        return b"\xff" + text.encode("latin-1", "replace")
    return (codecs.BOM_UTF8 if encoding == "bom" else b"") + text.encode()


def rewritten(data: bytes, by: Rules, known: Sequence[RewrittenSpan] = ()) -> tuple[bytes, tuple[RewrittenSpan, ...]]:
    """The file after rewriting, and its record, as `run` joins the stages."""
    file = File(data)
    originals = {
        file.byte_at(place.start): ImageReference.parse(span.reference) for span, place in locate(file, known).items()
    }
    before = find(data, originals=originals)
    changes, _ = choose(before, by)
    edits = edits_of(changes, file)
    after = splice(data, edits)
    assert changed_otherwise(before, find(after), edits) == ""
    return after, recorded(file, edits, changes, known, workshop="lab")


@given(files())
def test_rewriting_twice_is_rewriting_once(data: bytes) -> None:
    once, record = rewritten(data, rules(*PINNED))
    assert rewritten(once, rules(*PINNED), record) == (once, record)


@given(files())
def test_without_the_record_twice_is_once_as_well(data: bytes) -> None:
    """The layout alone maps back, but for what the author had pinned by digest, which reads like any pinned tag."""
    pinned = PINNED[:-1]
    once, _ = rewritten(data, rules(*pinned))
    assert rewritten(once, rules(*pinned))[0] == once


@given(files())
def test_restoring_gives_the_first_bytes(data: bytes) -> None:
    after, record = rewritten(data, rules(*PINNED))
    undone = undo(after, record)
    assert splice(after, undone.edits) == data
    assert not undone.left


@given(files(), st.integers(1, 3))
def test_pins_that_move_are_followed_and_undone_to_the_very_first(data: bytes, moves: int) -> None:
    now, record = rewritten(data, rules(*PINNED))
    for version in range(2, 2 + moves):
        now, record = rewritten(now, rules(*PINNED, version=version), record)
        for found in find(now):
            if "registry.example.com/" in found.raw and "@" in found.raw:
                assert any(str(digest(name, version)) in found.raw for name in PINNED)
    assert splice(now, undo(now, record).edits) == data


@given(files(), files())
def test_lines_put_in_above_and_below_survive(data: bytes, more: bytes) -> None:
    """What is added holds names of its own, none of them ours."""
    data = data.lstrip(codecs.BOM_UTF8)
    after, record = rewritten(data, rules(*PINNED))
    extra = b"\n# mine\n" + b"".join(more.lstrip(codecs.BOM_UTF8).split(b"registry.example.com")) + b"\n"
    for text, expected in ((extra + after, extra + data), (after + extra, data + extra)):
        if File(text).encoding == File(data).encoding:
            assert splice(text, undo(text, record).edits) == expected


@given(files())
def test_a_crash_between_record_and_files_loses_nothing(data: bytes) -> None:
    """The record is written first: with a pin that moved it holds both texts, and undoes either file."""
    once, first = rewritten(data, rules(*PINNED))
    twice, second = rewritten(once, rules(*PINNED, version=2), first)
    for text in (once, twice):
        assert splice(text, undo(text, second).edits) == data


def test_the_record_says_where_the_new_text_stands_and_what_is_around_it() -> None:
    after, (span,) = rewritten(b"a: 1\nimage: nginx:1.27 # web\nb: 2\n", rules("nginx:1.27"))
    file = File(after)
    at = file.content.index(span.written)
    assert (span.line, span.column) == (2, 8)
    assert span.surroundings == surroundings(file, at, at + len(span.written))


def test_an_edit_within_what_was_recorded_keeps_the_first_text() -> None:
    """A later version of a finder may see more or less of a name than the one that rewrote it."""
    file = File(b"x: old.example.com/a:1 end")
    known = RewrittenSpan(
        workshop="lab",
        file="a.yaml",
        line=1,
        column=4,
        original="a:1",
        written="old.example.com/a:1",
        reference="docker.io/library/a:1",
    )
    inner = Edit(root="lab", file="a.yaml", span=Span(3, 18), old=b"old.example.com", new=b"new.example.com")
    (entry,) = recorded(file, [inner], [], [known], workshop="lab")
    assert (entry.original, entry.written, entry.earlier) == ("a:1", "new.example.com/a:1", "old.example.com/a:1")
    outer = Edit(root="lab", file="a.yaml", span=Span(0, 22), old=file.data[:22], new=b"x: new")
    (entry,) = recorded(file, [outer], [], [known], workshop="lab")
    assert (entry.original, entry.written) == ("x: a:1", "x: new")
