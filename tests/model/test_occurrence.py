"""Occurrences: the paths that people are told, and mentions on their way between processes."""

from __future__ import annotations

import pickle

import pytest

from seeder.model.occurrence import Context, Mention, Part, Puller, Role, Span, Unread, path_of


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


def test_a_mention_is_the_same_in_another_process() -> None:
    part = Part(span=Span(3, 8), text="nginx", line=1, column=4, end_column=9, role=Role.NAME)
    mention = Mention(text="nginx:1", parts=(part,), context=Context.COMPOSE, pulled_by=Puller.DOCKERD, reason="why")
    assert pickle.loads(pickle.dumps(mention)) == mention
