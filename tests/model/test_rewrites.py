from __future__ import annotations

from seeder.model.rewrites import Surroundings


def test_surroundings_are_as_alike_as_they_have_hashes_in_common() -> None:
    mine = Surroundings(above="1", before="2", after="3", below="4")
    assert mine.likeness(mine) == 4
    assert mine.likeness(Surroundings(above="1", before="x", after="3", below="x")) == 2
    assert mine.likeness(Surroundings(above="2", before="1", after="4", below="3")) == 0
