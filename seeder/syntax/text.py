"""Texts that know where in a file each of their characters stands.

A workshop holds YAML in Markdown, shell in YAML, manifests in strings of manifests. Each inner text is a `Text` cut
from the outer one, so that a finder for one format works at any depth and still names bytes of the file.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, pairwise

from msgspec import Struct

from seeder.model.occurrence import Part, Role, Span

_STRIDE = 4096
_HEAD = 8192  # where a zero byte makes a file binary, as grep and git judge


def is_binary(data: bytes) -> bool:
    return b"\0" in data[:_HEAD]


class File:
    """A file's bytes and their decoding: UTF-8 with or without BOM, else Latin-1, where each byte is a character."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._bom = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        try:
            self.content, self.encoding = data[self._bom :].decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            self.content, self.encoding = data[self._bom :].decode("latin-1"), "latin-1"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.content.split("\n"))][:-1]

    @cached_property
    def _byte_offsets(self) -> list[int] | None:
        """The byte offset of every 4096th character; None where a character is a byte."""
        if self.encoding == "latin-1" or len(self.content) == len(self.data) - self._bom:
            return None
        offsets, total = [], 0
        for start in range(0, len(self.content), _STRIDE):
            offsets.append(total)
            total += len(self.content[start : start + _STRIDE].encode())
        return offsets

    def byte_at(self, index: int) -> int:
        """The offset in `data` of the character at `index`."""
        offsets = self._byte_offsets
        if offsets is None:
            return self._bom + index
        stride = min(index // _STRIDE, len(offsets) - 1)
        return self._bom + offsets[stride] + len(self.content[stride * _STRIDE : index].encode())

    def index_at(self, offset: int) -> int:
        """The character that starts at `offset` in `data`: the inverse of `byte_at`."""
        offsets, inside = self._byte_offsets, offset - self._bom
        if offsets is None:
            return inside
        stride = max(bisect_right(offsets, inside) - 1, 0)
        start = self._bom + offsets[stride]
        return stride * _STRIDE + len(self.data[start:offset].decode(self.encoding))

    def line_column(self, index: int) -> tuple[int, int]:
        """The line and column, both from 1, of the character at `index`."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1


Run = tuple[int, int] | str  # characters `start` up to `end` of a text, or characters that stand nowhere


class Piece(Struct, frozen=True):
    """Characters of a text that stand together in the file: `length` of them, from `inner` here and `outer` there."""

    inner: int
    outer: int
    length: int


class Text:
    """Characters cut from a file: `content`, and the pieces that say where each stands.

    Characters between pieces (an undone escape, a space that folding put in) stand nowhere.
    """

    __slots__ = ("_starts", "content", "file", "pieces")

    def __init__(self, file: File, content: str, pieces: tuple[Piece, ...]) -> None:
        self.file = file
        self.content = content
        self.pieces = pieces
        self._starts: list[int] | None = None

    @classmethod
    def of(cls, data: bytes) -> Text:
        """The whole of a file."""
        file = File(data)
        return cls(file, file.content, (Piece(0, 0, len(file.content)),))

    def slice(self, start: int, end: int) -> Text:
        """The characters `start` up to `end`, as a text of their own."""
        if start == 0 and end >= len(self.content):
            return self
        return Text(self.file, self.content[start:end], tuple(self._placed(start, end, 0)))

    def cut(self, runs: Iterable[Run]) -> Text:
        """The characters of several runs, one after another; strings between them stand nowhere in the file."""
        content: list[str] = []
        pieces: list[Piece] = []
        at = 0
        for run in runs:
            if isinstance(run, str):
                chunk = run
            else:
                chunk = self.content[run[0] : run[1]]
                _extend(pieces, self._placed(*run, at))
            content.append(chunk)
            at += len(chunk)
        return Text(self.file, "".join(content), tuple(pieces))

    @classmethod
    def joined(cls, file: File, parts: Iterable[Text | str]) -> Text:
        """Texts of one file put one after another; plain strings between them stand nowhere in the file."""
        content: list[str] = []
        pieces: list[Piece] = []
        at = 0
        for part in parts:
            if isinstance(part, Text):
                _extend(pieces, [Piece(at + piece.inner, piece.outer, piece.length) for piece in part.pieces])
            chunk = part.content if isinstance(part, Text) else part
            content.append(chunk)
            at += len(chunk)
        return cls(file, "".join(content), tuple(pieces))

    def lines(self) -> list[tuple[int, int]]:
        """Where each line begins and ends, its break with it."""
        edges = [0, *accumulate(len(line) + 1 for line in self.content.split("\n"))]
        edges[-1] = len(self.content)
        return [(start, end) for start, end in pairwise(edges) if start < end]

    def _placed(self, start: int, end: int, at: int) -> list[Piece]:
        """The pieces of the characters `start` up to `end`, which come to stand from `at` on."""
        pieces, placed = self.pieces, []
        if len(pieces) == 1 and pieces[0].length == len(self.content):  # as that of most texts
            length = min(end, len(self.content)) - start
            return [Piece(at, pieces[0].outer + start, length)] if length > 0 else []
        first = max(self._piece_at(start), 0) if len(pieces) > 1 else 0
        for number in range(first, len(pieces)):
            piece = pieces[number]
            if piece.inner >= end:
                break
            low, high = max(start, piece.inner), min(end, piece.inner + piece.length)
            if low < high:
                placed.append(Piece(at + low - start, piece.outer + low - piece.inner, high - low))
        return placed

    def _piece_at(self, index: int) -> int:
        """The number of the last piece that begins at a character or before it; less than 0 where there is none."""
        if self._starts is None:
            self._starts = [piece.inner for piece in self.pieces]
        return bisect_right(self._starts, index) - 1

    def outer_range(self, start: int, end: int) -> tuple[int, int] | None:
        """The file's characters that hold `start` up to `end`; None where they do not stand together there."""
        at = self._piece_at(start) if len(self.pieces) != 1 else 0
        if at < 0 or start >= end:
            return None
        piece = self.pieces[at]
        if start < piece.inner or end > piece.inner + piece.length:
            return None
        low = piece.outer + start - piece.inner
        return low, low + end - start

    def part(self, start: int, end: int, role: Role = Role.REFERENCE) -> Part | None:
        """The part of a mention that stands at `start` up to `end`; None where it does not stand together."""
        outer = self.outer_range(start, end)
        if outer is None:
            return None
        line, column = self.file.line_column(outer[0])
        return Part(
            span=Span(self.file.byte_at(outer[0]), self.file.byte_at(outer[1])),
            text=self.content[start:end],
            line=line,
            column=column,
            end_column=column + end - start,
            role=role,
        )

    def __len__(self) -> int:
        return len(self.content)


def _extend(pieces: list[Piece], more: list[Piece]) -> None:
    """Puts pieces behind others; the first of them may go on where the last of those ends."""
    if pieces and more:
        last, first = pieces[-1], more[0]
        if last.inner + last.length == first.inner and last.outer + last.length == first.outer:
            pieces[-1] = Piece(last.inner, last.outer, last.length + first.length)
            more = more[1:]
    pieces += more
