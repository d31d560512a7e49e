"""Problems as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from seeder import __version__
from seeder.lint import Found
from seeder.report.lint import Tree
from seeder.report.shorten import to_json
from seeder.rules.rule import Place, Rule, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(trees: Sequence[Tree], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """One run with all rules; what a comment allows is a suppressed result (§3.35)."""
    index = {name: at for at, name in enumerate(rules)}
    driver = {
        "name": "seeder",
        "semanticVersion": __version__.replace(".dev", "-dev."),
        "rules": [_rule(rule) for rule in rules.values()],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(tree, found, index) for tree in trees for found in tree.found],
            }
        ],
    }


def rendered(trees: Sequence[Tree], rules: Mapping[str, Rule]) -> str:
    """The log as JSON that every encoding can hold."""
    return to_json(sarif(trees, rules), encoding="ascii", indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": f"{rule.title}. See docs/rules/{rule.id}.md."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        **({"properties": {"guideline": rule.guideline}} if rule.guideline else {}),
    }


def _result(tree: Tree, found: Found, index: Mapping[str, int]) -> dict[str, Any]:
    problem = found.problem
    return {
        "ruleId": found.rule.id,
        "ruleIndex": index[found.rule.id],
        "level": _LEVELS[found.rule.severity],
        "message": {"text": f"{problem.message}. Remedy: {problem.remedy}."},
        "locations": [_location(tree.path(problem.place.file), problem.place)],
        **({"suppressions": [{"kind": "inSource", "justification": found.reason}]} if found.reason else {}),
    }


def _location(path: str, place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    if place.end_column > place.column:
        region["endColumn"] = place.end_column
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}}


def _uri(path: str) -> str:
    """A relative path as a URI reference; an absolute one as a file URI; a published tree's file below its name."""
    if path.startswith("oci://"):
        return quote(path, safe="/:@", errors="surrogateescape")
    text = quote(path, safe="/", errors="surrogateescape")
    return f"file://{text}" if PurePosixPath(path).is_absolute() else text
