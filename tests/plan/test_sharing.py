"""What a plan says of bytes that need not move."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec.structs import replace

from seeder.homes import Homes
from seeder.model.copy import Copy, Plan
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.plan import shared
from tests.copies import copy


def manifest(*layers: str) -> Manifest:
    """Each layer has as many bytes as its name has letters."""
    described = [
        {"mediaType": "layer", "digest": str(Digest.of(layer.encode())), "size": len(layer)} for layer in layers
    ]
    return Manifest.of(OCI_MANIFEST, json.dumps({"layers": described}).encode())


def made(name: str, root: Manifest, *, size: int | None = 99, present: bool = False) -> Copy:
    return replace(copy(name), root=root.descriptor.digest, size=size, present=present)


def saved(*copies: Copy, held: Mapping[Digest, Manifest], standing: tuple[Copy, ...] = ()) -> list[int]:
    homes = Homes(held.get)
    for each in standing:
        assert each.root is not None
        homes.stands(each.destination.place, each.root)
    return [each.saved for each in shared(Plan(copies=copies), homes).copies]


BASE, ONE, TWO = manifest("base"), manifest("base", "one of it"), manifest("base", "two", "one of it")
HELD = {each.descriptor.digest: each for each in (BASE, ONE, TWO)}


def test_what_a_standing_image_has_does_not_move() -> None:
    assert saved(made("one:1", ONE), held=HELD, standing=(made("base:1", BASE),)) == [4]


def test_what_the_repository_itself_has_does_not_move() -> None:
    assert saved(made("one:2", ONE), held=HELD, standing=(made("one:1", BASE),)) == [4]


def test_what_an_earlier_copy_brings_moves_once() -> None:
    assert saved(made("one:1", ONE), made("two:1", TWO), held=HELD) == [0, 13]


def test_what_is_put_off_comes_after_all_others() -> None:
    found = shared(Plan(copies=(made("one:1", ONE),), late=(made("two:1", TWO),)), Homes(HELD.get))
    assert [each.saved for each in (*found.copies, *found.late)] == [0, 13]


def test_what_was_never_read_is_not_guessed() -> None:
    standing = (made("base:1", BASE),)
    unread = {digest: each for digest, each in HELD.items() if each != ONE}
    assert saved(made("one:1", ONE), held=unread, standing=standing) == [0]
    assert saved(made("one:1", ONE, size=None), held=HELD, standing=standing) == [0]
    assert saved(replace(made("one:1", ONE), root=None), held=HELD, standing=standing) == [0]


def test_what_stands_already_saves_nothing() -> None:
    assert saved(made("one:1", ONE, present=True), held=HELD, standing=(made("base:1", BASE),)) == [0]


def test_the_same_plan_says_the_same_whatever_came_first() -> None:
    one, two = made("a:1", ONE), made("b:1", TWO)
    fresh = made("c:1", TWO)
    assert saved(fresh, held=HELD, standing=(one, two)) == saved(fresh, held=HELD, standing=(two, one)) == [16]
