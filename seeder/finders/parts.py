"""Which of a name's characters are changed, when variables or quotes may have scattered them."""

from __future__ import annotations

import re

from msgspec.structs import replace

from seeder.model.occurrence import Part, Role
from seeder.syntax.text import Text

MIXED = "the name is put together from pieces that stand apart: write it whole in one place"
_TAIL = re.compile(r":(?:\{\{[^{}\n]{0,80}\}\}|\$\([^()\n]{0,80}\)|[^\s\"'`;,&|()<>]){1,100}")


def parts_of(name: Text, written: Text | None = None) -> tuple[tuple[Part, ...], str]:
    """The parts of a mention of `name`, and why they are not changed (empty where they are).

    A name that stands together is one part. One whose tag comes from elsewhere is changed up to the tag. All else
    points to `written`, which is what stands where the name is used, if that is another text.
    """
    whole = name.part(0, len(name))
    if whole is not None:
        return (whole,), ""
    colon = name.content.rfind(":")
    if colon > name.content.rfind("/") and "@" not in name.content:
        untagged = name.part(0, colon, Role.NAME)
        if untagged is not None:
            return (replace(untagged, tail=_tail(name, colon)),), ""
    there = written if written is not None else name
    shown = there.part(0, len(there)) or _first(name)
    return ((shown,) if shown is not None else ()), MIXED


def _tail(name: Text, end: int) -> str:
    """The tag as it is written behind the name's first `end` characters."""
    outer = name.outer_range(0, end)
    match = _TAIL.match(name.file.content, outer[1]) if outer is not None else None
    return match[0] if match else ""


def _first(text: Text) -> Part | None:
    """The first characters that stand in the file."""
    for piece in text.pieces:
        return text.part(piece.inner, piece.inner + piece.length)
    return None
