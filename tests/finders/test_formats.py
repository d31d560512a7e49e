from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.finders.commands import edits
from seeder.finders.commands.tools import TOOLS
from seeder.finders.formats import FORMATS, Format, formats_of, may_hold
from tests.finders.cases import Case, load

COMMANDS = [form for form in FORMATS if form.module in {"shell", "makefile", "pages"}]


@pytest.mark.parametrize("case", [case for case in load() if case.labels], ids=str)
def test_a_file_that_holds_something_is_never_passed_over(case: Case) -> None:
    for name in {label.file for label in case.labels}:
        data = case.files[name].encode()
        assert b"seeder:" in data or may_hold(formats_of(name), data), name


@pytest.mark.parametrize("form", COMMANDS, ids=lambda form: form.module)
@pytest.mark.parametrize("tool", [name for name in TOOLS if len(name) > 2 and name not in edits.TOOLS])
def test_every_command_that_we_know_is_a_reason_to_read_on(form: Format, tool: str) -> None:
    assert may_hold([form], f"run /usr/bin/{tool} now".encode())


def test_what_edits_a_tag_alone_is_a_reason_to_read_on_and_latin_is_none() -> None:
    for line in (
        b"sed -i s/1.24/1.25/ a",
        b"sed 's/1.24/1.25/' a > b",
        b"perl -pi -e 's/1.24/1.25/' a",
        b"/bin/gsed -i x",
    ):
        assert may_hold(formats_of("a.sh"), line)
    for line in (b"consectetur adipiscing elit sed do eiusmod tempor", b"it was used - and based 'there'", b"perl 5"):
        assert not may_hold(formats_of("a.md"), line)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.module)
def test_each_format_has_a_module_that_finds(form: Format) -> None:
    assert callable(form.finder.find)


HINTS = sorted({hint for form in FORMATS for hint in (*form.words, *form.pieces)})
BETWEEN = [b"=", b" ", b" -", b"_", b"a", b"0", b"-", b"\xff"]


@given(st.sampled_from(FORMATS), st.lists(st.sampled_from([*HINTS, *BETWEEN]), max_size=8))
def test_a_word_stands_alone_a_piece_anywhere_a_word_with_a_phrase_by_that(form: Format, pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    words = set(re.findall(rb"[0-9A-Za-z]+", data))
    is_said = any(word not in form.phrases or form.phrases[word].search(data) for word in words & form.words)
    plainly = is_said or any(hint in data for hint in form.pieces)
    anywhere = not (form.words or form.pieces) or any(hint in data for hint in (*form.words, *form.pieces))
    assert plainly <= may_hold([form], data) <= anywhere


@pytest.mark.parametrize("before", range((1 << 20) - 40, (1 << 20) + 40, 7))
def test_a_word_is_seen_wherever_it_stands_in_a_large_file(before: int) -> None:
    form = next(form for form in FORMATS if form.module == "pages")
    assert may_hold([form], b"x" * before + b" docker " + b"y" * (1 << 20))
    assert not may_hold([form], b"x" * before + b" doctor " + b"y" * (1 << 20))
