"""Occurrences: the paths that people are told."""

from __future__ import annotations

import pytest

from seeder.model.occurrence import Unread, path_of


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
