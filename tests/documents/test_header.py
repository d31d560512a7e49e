"""What tells a document of ours from any other file."""

from __future__ import annotations

import pytest

from seeder.documents.header import is_ours


@pytest.mark.parametrize(
    "text", [b"apiVersion: seeder/v1alpha1\n", b"# x\napiVersion: 'seeder/v9'\n", b'apiVersion: "seeder/v1"']
)
def test_a_document_of_ours_says_so(text: bytes) -> None:
    assert is_ours(text)


@pytest.mark.parametrize(
    "text", [b"", b"apiVersion: v1\n", b"  apiVersion: seeder/v1alpha1\n", b"# apiVersion: seeder/v1\n"]
)
def test_whatever_else_does_not(text: bytes) -> None:
    assert not is_ours(text)
