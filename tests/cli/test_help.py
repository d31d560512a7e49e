"""What `--help` shows: examples that the application takes, in the width of a terminal."""

from __future__ import annotations

import shlex

import pytest

from seeder.cli.app import main
from seeder.cli.commands import COMMANDS, EXAMPLES
from tests.docs.pages import arguments
from tests.fixtures.parsing import parsed

NAMES = ["", *COMMANDS, *(name for name in EXAMPLES if " " in name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_fits_a_terminal(name: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert "{" not in shown.partition("\n")[0]
    assert "Example" in shown or name == "catalog"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_commands(name: str) -> None:
    for typed, _ in EXAMPLES[name]:
        assert typed.startswith(name)
        parsed(arguments(["seeder", *shlex.split(typed)]))


def test_each_command_has_examples() -> None:
    assert {name.split()[0] for name in EXAMPLES} == set(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("seeder sy", "sync"),
        ("seeder sync --up", "--update"),
        ("seeder sync --engine sk", "skopeo"),
        ("seeder lint --only mutable", "mutable-tag"),
        ("seeder export --as kus", "kustomize"),
    ],
)
def test_bash_completes(typed: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("_SEEDER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
    assert main([]) == 0
    assert capsys.readouterr().out.split() == [offered]
