"""Text that belongs to several names changes for all of them, or for none."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seeder.model.occurrence import Occurrence, Part, Role, Span, Spelling
from seeder.rewrite.choose import choose
from seeder.rewrite.share import share
from tests.rewrite.cases import occurrence, rules


def part(start: int, text: str, role: Role = Role.REPOSITORY) -> Part:
    return Part(
        span=Span(start, start + len(text)), text=text, line=1, column=start + 1, end_column=start + 1, role=role
    )


def name(reference: str, *parts: Part) -> Occurrence:
    return occurrence(reference, parts=parts, spelling=Spelling.COMMAND)


BASE = part(9, "golang")
ONE, OTHER = name("golang:1.22", BASE), name("golang:1.22-alpine", BASE)


def outcome(pinned: list[str], *found: Occurrence) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    changes, left = share(*choose(found, rules(*pinned)))
    return (
        {change.occurrence.canonical: change.texts for change in changes},
        {each.occurrence.canonical: each.reason for each in left},
    )


def test_names_that_want_the_same_are_all_written() -> None:
    changed, left = outcome(["golang:1.22", "golang:1.22-alpine"], ONE, OTHER)
    assert list(changed.values()) == [("registry.example.com/library/golang",)] * 2
    assert not left


def test_one_that_stays_holds_back_the_other() -> None:
    changed, left = outcome(["golang:1.22"], ONE, OTHER)
    assert not changed
    assert left["docker.io/library/golang:1.22"] == (
        "its text is part of docker.io/library/golang:1.22-alpine as well, which stays"
    )


@pytest.mark.parametrize(
    "wider", [part(7, "x/golang"), part(9, "golang:1"), part(0, "ARG BASE=golang:1", Role.REFERENCE)]
)
def test_spans_that_overlap_are_never_written_both(wider: Part) -> None:
    """Two edits of the same bytes cannot be."""
    whole = name(wider.text.rpartition("=")[2], wider)
    changed, left = outcome(["golang:1.22", "x/golang", "golang:1"], ONE, replace(whole, parts=(wider,)))
    assert not changed
    assert len(left) == 2


def test_a_text_that_begins_earlier_and_stays_holds_back_what_it_holds() -> None:
    changed, left = outcome(["golang:1.22"], ONE, name("x/golang", part(7, "x/golang")))
    assert not changed
    assert left["docker.io/library/golang:1.22"] == (
        "its text is part of docker.io/x/golang:latest as well, which stays"
    )


def test_what_stands_behind_texts_that_are_held_back_is_written() -> None:
    changed, left = outcome(["golang:1.22", "redis:7"], ONE, OTHER, name("redis:7", part(50, "redis")))
    assert list(changed) == ["docker.io/library/redis:7"]
    assert list(left) == ["docker.io/library/golang:1.22-alpine", "docker.io/library/golang:1.22"]


def test_what_is_taken_back_takes_others_back() -> None:
    """a and b share one text, b and c another; c stays."""
    first, second = part(0, "lib"), part(10, "mid")
    a = occurrence("lib:1", parts=[first])
    b = occurrence("mid:1", parts=[replace(first, role=Role.REGISTRY), second])
    c = occurrence("mid:2", parts=[second])
    changed, left = outcome(["lib:1", "mid:1"], a, b, c)
    assert not changed
    assert len(left) == 3


def test_names_apart_have_nothing_to_do_with_each_other() -> None:
    far = name("golang:1.22", part(50, "golang"))
    changed, _ = outcome(["golang:1.22"], ONE, far, replace(OTHER, file="other.yaml"))
    assert len(changed) == 1
    assert all(texts == ("registry.example.com/library/golang",) for texts in changed.values())
