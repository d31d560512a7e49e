from __future__ import annotations

import pytest

from seeder.finders.commands.rehosted import is_cut_alike, is_judged_alike
from seeder.syntax.shell import parse
from seeder.syntax.text import Text


@pytest.mark.parametrize(
    ("value", "rest", "alike"),
    [
        ("acme/web:1", "##*:", True),
        ("acme/web:1", "##*/", True),
        ("acme/web:1", "//\\//_", True),
        ("acme/web:1", "%%:*", False),
        ("acme/web", "##*/", False),
        ("acme/web:1", "", False),
        ("acme/web:1", ":-none", False),
    ],
)
def test_a_tag_and_a_last_part_stay_what_they_are(value: str, rest: str, alike: bool) -> None:
    assert is_cut_alike(value, rest) is alike


@pytest.mark.parametrize(
    ("condition", "value", "alike"),
    [
        ('[ "$1" = all ]', "nginx:1.27", True),
        ('[ "$1" = nginx:1.27 ]', "nginx:1.27", False),
        ('[ "$1" != nginx:1.27 ]', "nginx:1.27", False),
        ("[[ $1 == *:1.27 ]]", "nginx:1.27", True),
        ("[ -z $1 ]", "nginx", True),
    ],
)
def test_a_condition_judges_some_rehosted_names_otherwise(condition: str, value: str, alike: bool) -> None:
    command = parse(Text.of(f"{condition} && x".encode()))[-1]
    (guard,) = command.guards
    assert guard is not None
    assert is_judged_alike(guard, value) is alike
