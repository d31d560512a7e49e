from __future__ import annotations

import pytest

from seeder.model.educates import is_authors, is_platforms, is_templates


@pytest.mark.parametrize(
    ("names", "whose"),
    [
        (["image_repository", "workshop_version"], "platform"),
        (["image_repository", "TAG"], "author"),
        (["TAG"], "author"),
        (["web.image"], "author"),
        ([".Values.image"], "template"),
        (["TAG", ".Values.image"], "template"),
    ],
)
def test_who_gives_variables_their_values(names: list[str], whose: str) -> None:
    told = {"platform": is_platforms(names), "template": is_templates(names), "author": is_authors(iter(names))}
    assert [who for who, gives in told.items() if gives] == [whose]
