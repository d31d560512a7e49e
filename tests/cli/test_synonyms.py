"""The words of other tools. That their hints name commands and options that there are, `tests/docs` finds out."""

from __future__ import annotations

from seeder.cli import synonyms
from seeder.cli.commands import COMMANDS


def test_no_word_has_two_hints_or_is_a_command_of_ours() -> None:
    for told in (synonyms._COMMANDS, synonyms._OPTIONS):
        words = [word for word, _ in synonyms.words(told)]
        assert len(words) == len(set(words))
    assert not synonyms.COMMANDS.keys() & COMMANDS.keys()
