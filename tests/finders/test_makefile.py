from pathlib import PurePosixPath

import pytest

from seeder.finders import makefile
from seeder.finders.finding import Source
from seeder.finders.formats import formats_of
from seeder.model.occurrence import Mention
from seeder.syntax.text import Text


def found(text: str) -> list[object]:
    return list(makefile.find(Source(path=PurePosixPath("Makefile"), text=Text.of(text.encode()))))


def test_the_author_s_build_is_told_and_not_pulled():
    (mention,) = found("run:\n\t@docker run --rm a:1\n")
    assert isinstance(mention, Mention)
    assert (mention.text, mention.pulled, mention.reason) == ("a:1", False, "the author's own build")
    assert (mention.parts[0].line, mention.parts[0].column) == (2, 19)


def test_marks_of_make_are_not_those_of_options():
    assert [one.text for one in found("x:\n\t-docker run \\\n\t\t--init \\\n\t\t-v a:b \\\n\t\ta:1\n")] == ["a:1"]


def test_what_it_builds_is_pulled_by_sessions_later():
    assert [one.text for one in found("x:\n\tdocker build -t $(REGISTRY)/a:1 .\n")] == ["$(REGISTRY)/a:1"]


def test_only_recipes_are_commands():
    assert found("docker run a:1:\nIMAGE = docker pull b:1\n") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Makefile", True),
        ("makefile", True),
        ("rules.mk", True),
        ("Justfile", True),
        ("Makefile.md", False),
        ("make", False),
    ],
)
def test_which_files(name, expected):
    assert ("makefile" in [form.module for form in formats_of(name)]) is expected
