"""Whatever stands in a file, reading it ends in a value or a DocumentError."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.documents import catalog, lockfile
from seeder.errors import DocumentError

HEADER = "apiVersion: seeder/v1alpha1\nkind: {}\n"
_words = ("images", "targets", "pins", "reference", "nginx:1", "5", "true", "null", "sha256:", "x-y", "é")
_marks = (": ", "- ", "{", "}", "[", "]", ", ", "&a ", "*a", "<<", "!x ", "'", '"', "? ", "# ", "%", "\t", "\n", "\n  ")
_pieces = st.sampled_from((*_words, *_marks, "|\n", ">\n", "---\n", "...\n"))
_yaml_like = st.lists(_pieces, max_size=30).map("".join)


@pytest.mark.parametrize(("parse", "kind"), [(catalog.parse, "Catalog"), (lockfile.parse, "Lock")])
@given(data=st.binary() | st.text().map(str.encode) | _yaml_like.map(str.encode))
def test_any_bytes(parse, kind: str, data: bytes) -> None:
    for text in (data, HEADER.format(kind).encode() + data):
        with contextlib.suppress(DocumentError):
            parse(text, "x.yaml")
