"""Undoing what was written gives the first bytes back; what is no longer ours is left and named."""

from __future__ import annotations

import codecs

import pytest

from seeder.model.edit import splice
from seeder.model.rewrites import RewrittenSpan
from seeder.restore import undo
from seeder.syntax.locate import surroundings
from seeder.syntax.text import File

ORIGINALS = {"nginx:1.27": "r.example.com/library/nginx:1.27@sha256:00", "redis": "r.example.com/library/redis:latest"}


def rewritten(data: bytes) -> tuple[bytes, list[RewrittenSpan]]:
    """A file with every original replaced, and the record of it."""
    file = File(data)
    content = file.content
    for original, written in ORIGINALS.items():
        content = content.replace(original, written)
    after = (codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b"") + content.encode(file.encoding)
    return after, list(_spans(File(after)))


def _spans(file: File):
    for original, written in ORIGINALS.items():
        at = file.content.find(written)
        while at >= 0:
            line, column = file.line_column(at)
            yield RewrittenSpan(
                workshop="lab",
                file="a.yaml",
                line=line,
                column=column,
                original=original,
                written=written,
                reference=original,
                surroundings=surroundings(file, at, at + len(written)),
            )
            at = file.content.find(written, at + 1)


FILES = {
    "lf": b"a: nginx:1.27 # web\nb: redis\n",
    "crlf": b"a: nginx:1.27\r\nb: redis\r\n",
    "bom": codecs.BOM_UTF8 + "ü: nginx:1.27\nb: redis\n".encode(),
    "tabs": b"\timage:\tnginx:1.27\t\n",
    "no final newline": b"x\nimage: redis",
    "latin-1": "gr\xfc\xdfe: nginx:1.27\nredis\n".encode("latin-1"),
    "a megabyte in a line": b"x" * 500_000 + b" nginx:1.27 " + b"y" * 500_000 + b" redis ",
    "twice in a line": b"docker run nginx:1.27 && docker run nginx:1.27\n",
    "nul": b"\x00 nginx:1.27 \x00",
}


@pytest.mark.parametrize("name", FILES)
def test_the_first_bytes_come_back(name: str) -> None:
    data = FILES[name]
    after, spans = rewritten(data)
    undone = undo(after, spans)
    assert after != data
    assert splice(after, undone.edits) == data
    assert len(undone.edits) == len(spans)
    assert not undone.left
    assert not undone.settled


def test_edits_elsewhere_stay() -> None:
    after, spans = rewritten(FILES["lf"])
    edited = b"# mine\n" + after.replace(b"# web", b"# the web server")
    assert splice(edited, undo(edited, spans).edits) == b"# mine\na: nginx:1.27 # the web server\nb: redis\n"


def test_what_someone_changed_is_left() -> None:
    after, spans = rewritten(FILES["lf"])
    undone = undo(after.replace(b"r.example.com/library/redis:latest", b"valkey:8"), spans)
    assert [span.original for span in undone.left] == ["redis"]
    assert [edit.new for edit in undone.edits] == [b"nginx:1.27"]


@pytest.mark.parametrize("name", FILES)
def test_what_was_taken_back_already_is_settled(name: str) -> None:
    _, spans = rewritten(FILES[name])
    undone = undo(FILES[name], spans)
    assert not undone.edits
    assert set(undone.settled) == set(spans)


def test_an_original_that_the_files_encoding_lacks_is_left() -> None:
    span = RewrittenSpan(workshop="lab", file="a", line=1, column=1, original="\u20ac", written="ours", reference="r")
    undone = undo(b"\xff ours ", [span])
    assert undone.left == (span,)
    assert not undone.edits


def test_a_dense_file_that_was_never_written_has_nothing_to_undo() -> None:
    """All that stands around a name is rewritten with it: the record, made beforehand, knows no line of the file."""
    data = b"docker pull nginx:1.27; docker run nginx:1.27 redis nginx:1.27\n" * 3
    _, spans = rewritten(data)
    undone = undo(data, spans)
    assert (undone.edits, undone.left, set(undone.settled)) == ((), (), set(spans))
