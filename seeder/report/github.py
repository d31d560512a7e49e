"""Problems as annotations of GitHub Actions (docs.github.com: workflow commands)."""

from __future__ import annotations

from collections.abc import Sequence

from seeder.report.lint import Tree, problems
from seeder.rules.rule import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def commands(trees: Sequence[Tree]) -> str:
    """A workflow command a line."""
    return "".join(f"{line}\n" for line in _lines(trees))


def _lines(trees: Sequence[Tree]) -> list[str]:
    lines = []
    for tree, found in problems(trees):
        place, problem = found.problem.place, found.problem
        properties = {
            "file": tree.path(place.file),
            "line": str(place.line),
            "col": str(place.column),
            "endColumn": str(place.end_column),
            "title": found.rule.id,
        }
        listed = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items())
        text = f"{problem.message}. Remedy: {problem.remedy}.".translate(_DATA)
        lines.append(f"::{_COMMANDS[found.rule.severity]} {listed}::{text}")
    return lines
