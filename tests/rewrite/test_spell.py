"""What the beginning of a name becomes where the name becomes another one."""

from __future__ import annotations

import pytest

from seeder.rewrite.spell import prefix_of

NEW = "r.example.com/library/nginx:1.27@sha256:00"


@pytest.mark.parametrize(
    ("part", "new", "becomes"),
    [
        ("nginx:1.27", NEW, NEW),
        ("nginx:1.2", NEW, "r.example.com/library/nginx:1.2"),
        ("nginx", NEW, "r.example.com/library/nginx"),
        ("ngi", NEW, "r.example.com/library/ngi"),
        ("inx:1.27", NEW, None),
        ("1.27", NEW, None),
        ("redis", NEW, None),
        ("ngi", "r.example.com/web/server:2", None),
        ("nginx:1.2", "r.example.com/web/server:2", None),
    ],
)
def test_the_beginning_of_a_name_becomes_the_beginning_of_the_new_one(part: str, new: str, becomes: str | None) -> None:
    assert prefix_of(new, "nginx:1.27", part) == becomes
